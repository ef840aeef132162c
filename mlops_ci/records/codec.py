"""Facts as JSON and back. What cannot be read is a value too: a damaged file is named, and never stops a reader."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Hashable, Mapping
from functools import cache
from types import UnionType
from typing import Any, TypeAlias, Union, get_args, get_origin, get_type_hints

from mlops_ci.judging.scores import Difference, Measurement, Scores
from mlops_ci.model.effects import Json, plain
from mlops_ci.records.damaged import Damaged
from mlops_ci.records.facts import (
    Approved,
    CheckResult,
    Decided,
    Evaluated,
    Fact,
    Finished,
    Gated,
    Intent,
    Packaged,
    Promoted,
    Proposed,
    Seen,
    Served,
    Tested,
    Tried,
)
from mlops_ci.records.upgrades import FORMAT, Unknown, upgraded

_KINDS: Mapping[str, type[Any]] = {
    "intent": Intent,
    "finished": Finished,
    "packaged": Packaged,
    "evaluated": Evaluated,
    "tested": Tested,
    "approved": Approved,
    "gated": Gated,
    "decided": Decided,
    "promoted": Promoted,
    "served": Served,
    "proposed": Proposed,
    "seen": Seen,
    "tried": Tried,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def encode(fact: Fact) -> bytes:
    """Return a fact as JSON, one key a line, so that `git diff` and people can read it."""
    data = plain(fact)
    assert isinstance(data, dict)  # noqa: S101 - a dataclass is an object
    if isinstance(fact, Evaluated):
        data["scores"] = fact.scores.to_json()
    if isinstance(fact, Decided) and not fact.differences:
        del data["differences"]  # as it was written before there were any
    if isinstance(fact, Finished) and fact.billed_seconds is None:
        del data["billed_seconds"]  # the same
    if isinstance(fact, Approved) and not fact.source:
        del data["verdict"], data["source"]  # as it was written before there was a registry
    header: dict[str, Json] = {"format": FORMAT, "kind": _NAMES[type(fact)]}
    text = json.dumps(header | data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    return text.encode("utf-8", "surrogatepass")  # a log line or a file name may hold what is no Unicode


def decode(name: str, content: bytes) -> Fact | Damaged:
    """Return the fact in a record's bytes, or why there is none."""
    try:
        fact = decoded(content)
        wrong = _wrong(fact)
        if wrong:
            return Damaged(name, f"it is not of the form of a record, by its `{wrong}`")
        about = fact.name
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        return Damaged(name, "it is not JSON")
    except KeyError as error:
        return Damaged(name, f"it is not of the form of a record, by its `{error.args[0]}`")
    except Unknown as error:
        return Damaged(name, str(error))
    except ValueError as error:
        return Damaged(name, f"it is not of the form of a record: {error}")
    except (TypeError, AttributeError):
        return Damaged(name, "it is not of the form of a record")
    return fact if about == name else Damaged(name, f"its content is about `{about}`")


def decoded(content: bytes) -> Fact:
    """Return the fact in bytes that `decode` took for one before; of others it may make nonsense, or raise anything."""
    data = upgraded(json.loads(content))
    kind = _KINDS[data.pop("kind")]
    values = {name: _frozen(data[name]) for name in _fields(kind) if name in data}  # type: ignore[arg-type] # a class is hashable
    if kind is Evaluated:
        values["scores"] = Scores.from_json(data["scores"])
    if kind is Tested:
        values["results"] = tuple(CheckResult(**result) for result in data["results"])
    if kind is Decided:
        values["differences"] = tuple((name, Difference(**found)) for name, found in data.get("differences", ()))
    fact: Fact = kind(**values)
    return fact


@cache
def _fields(kind: Hashable) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))  # type: ignore[arg-type]


_Check: TypeAlias = Callable[[Any], bool]
_NESTED = (Scores, Measurement, Difference, CheckResult)


def _wrong(value: object) -> str:
    """Return the name of the first field whose value is not of its annotated type; empty where all are."""
    checks = _checks(type(value))  # type: ignore[arg-type] # mypy takes the hash of a value for that of its class
    return next((name for name, check in checks if not check(getattr(value, name))), "")


@cache
def _checks(kind: Hashable) -> tuple[tuple[str, _Check], ...]:
    return tuple((name, _check(wanted)) for name, wanted in get_type_hints(kind).items())


def _check(wanted: Any) -> _Check:  # noqa: ANN401 - a type is a value here
    """Return what tells whether a value is of a type, all the way down; JSON does not tell int from float."""
    parts = tuple(_check(part) for part in get_args(wanted) if part is not Ellipsis)
    match get_origin(wanted):
        case origin if origin in {Union, UnionType}:
            return lambda value: any(check(value) for check in parts)
        case origin if origin is tuple and Ellipsis in get_args(wanted):
            return lambda value: isinstance(value, tuple) and all(map(parts[0], value))
        case origin if origin is tuple:
            return lambda value: (
                isinstance(value, tuple)
                and len(value) == len(parts)
                and all(check(item) for check, item in zip(parts, value, strict=True))
            )
        case _ if wanted in _NESTED:
            return lambda value: isinstance(value, wanted) and not _wrong(value)
        case _ if wanted is float:
            return lambda value: isinstance(value, float | int)
        case _:
            return lambda value: isinstance(value, wanted)


def _frozen(value: Any) -> Any:  # noqa: ANN401 - plain JSON data
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
