"""What JSON Schema finds wrong in a document, told as diagnostics: one a problem, at the key or value it is about."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from mlops_ci.diagnostics import Diagnostic, Span
from mlops_ci.manifest.document import At, Document, did_you_mean, listed, nearest
from mlops_ci.manifest.fit import fits
from mlops_ci.manifest.limits import MOST, bounded
from mlops_ci.model import Json

_KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "`true` or `false`",
    "array": "a list",
    "object": "a mapping of keys",
    "null": "nothing",
}
_LOOKED_AT = 10 * MOST
"""How many errors of a file are looked at; one value may have several, of which one is told."""

_FIRST = ("type", "const", "enum")


def check(document: Document, schema: Json) -> tuple[Diagnostic, ...]:
    """Return what the schema finds wrong, in no order; jsonschema is imported only where something is."""
    assert isinstance(schema, dict)  # noqa: S101 - our own file
    if fits(document.data, schema):
        return ()
    from jsonschema import Draft202012Validator

    errors: dict[At, list[Any]] = {}
    for error in islice(Draft202012Validator(schema).iter_errors(document.data), _LOOKED_AT):
        errors.setdefault(tuple(error.absolute_path), []).append(error)
    return tuple(dict.fromkeys(bounded(_all_told(document, schema, errors), document.path)))


def _all_told(document: Document, schema: Mapping[str, Any], errors: Mapping[At, list[Any]]) -> Iterator[Diagnostic]:
    for at, there in errors.items():
        # A value of the wrong type is also no member of an enumeration: the first is the problem.
        first = [error for error in there if error.validator in _FIRST][:1]
        for error in first or there:
            yield from _told(document, schema, at, error)


def dotted(at: At) -> str:
    """Return a path as people write it: `promotion.require[0].min`."""
    text = ""
    for part in at:
        text += f"[{part}]" if isinstance(part, int) else f"{'.' if text else ''}{part}"
    return text


def _told(document: Document, schema: Mapping[str, Any], at: At, error: Any) -> Iterator[Diagnostic]:  # noqa: ANN401
    name = f"`{dotted(at)}`" if at else "the file"
    here, found, wanted = document.value(*at), error.instance, error.validator_value
    if "propertyNames" in error.absolute_schema_path:
        at_key = document.key(*at, str(found))
        detail = f"expected {error.schema.get('patternErrorMessage', wanted)}"
        yield document.problem("bad-name", at_key, f"`{found}` is no name for {name}", detail=detail)
        return
    match error.validator:
        case "additionalProperties":
            yield from _unknown_keys(document, schema, at, error)
        case "required":
            yield from _missing_keys(document, at, error)
        case "type":
            yield _wrong_type(document, at, found, [wanted] if isinstance(wanted, str) else list(wanted))
        case "const":
            yield document.problem(
                "format-version",
                here,
                f"{name} is {_shown(found)}, which this version does not know",
                detail=f"expected {_shown(wanted)}",
                hint=f"write `{at[-1]}: {wanted}`" if at else "",
            )
        case "enum":
            known = [str(item) for item in wanted]
            yield document.problem(
                "unknown-value",
                here,
                f"{_shown(found)} is no value of {name}",
                detail=f"expected one of: {listed(known)}",
                hint=did_you_mean(str(found), known),
            )
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum":
            yield document.problem(
                "out-of-range",
                here,
                f"{name} must be {_RANGE[error.validator]} {wanted}",
                detail=f"got {_shown(found)}; expected {_range(error.schema)}",
            )
        case "minLength" | "minItems" | "minProperties":
            yield document.problem(
                "empty-value", here, f"{name} must not be empty", hint="fill it in, or delete the key"
            )
        case "uniqueItems":
            yield from _repeated(document, at, found)
        case _:
            detail = f"expected {error.schema.get('patternErrorMessage', wanted)}"
            yield document.problem("wrong-form", here, f"{_shown(found)} is no value of {name}", detail=detail)


_RANGE = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
}


def _range(schema: Mapping[str, Any]) -> str:
    return " and ".join(f"{word} {schema[key]}" for key, word in _RANGE.items() if key in schema)


def _unknown_keys(document: Document, schema: Mapping[str, Any], at: At, error: Any) -> Iterator[Diagnostic]:  # noqa: ANN401
    known = list(error.schema.get("properties", {}))
    free = [key for key in known if key not in error.instance]
    where = f"`{dotted(at)}`" if at else f"`{document.path.rsplit('/', 1)[-1]}`"
    for key in error.instance:
        if key in known:
            continue
        elsewhere = () if nearest(key, free) else _sections_with(schema, key)
        hint = f"`{key}` belongs into {' or '.join(f'`{place}`' for place in elsewhere)}" if elsewhere else ""
        yield document.problem(
            "unknown-key",
            document.key(*at, key),
            f"`{key}` is not a key of {where}",
            detail=f"expected one of: {listed(known)}",
            hint=did_you_mean(key, free, hint),
        )


def _sections_with(schema: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Return the top-level sections (an empty name: the top itself) that have a key of that name."""
    top: Mapping[str, Any] = schema.get("properties", {})
    found = [name for name, section in top.items() if key in section.get("properties", {})]
    return tuple(["the top level"] if key in top else found)


def _missing_keys(document: Document, at: At, error: Any) -> Iterator[Diagnostic]:  # noqa: ANN401
    for key in error.validator_value:
        if key in error.instance:
            continue
        near = [given for given in error.instance if given not in error.schema.get("properties", {})]
        if nearest(key, near):
            continue  # told already, as an unknown key with this one as its hint
        about = error.schema.get("properties", {}).get(key, {})
        yield document.problem(
            "missing-key",
            document.key(*at) if at else Span(document.path),
            f"{f'`{dotted(at)}`' if at else 'the file'} needs the key `{key}`",
            detail=about.get("description", ""),
            hint=f"add `{key}: {_example(about)}`",
        )


def _example(about: Mapping[str, Any]) -> str:
    for key in ("const", "default"):
        if key in about:
            return str(about[key])
    examples = [*about.get("examples", ()), *about.get("enum", ())]
    return str(examples[0]) if examples and isinstance(examples[0], (str, int, float)) else "..."


def _wrong_type(document: Document, at: At, found: Json, wanted: list[str]) -> Diagnostic:
    words = [_KINDS[kind] for kind in wanted if kind != "integer" or "number" not in wanted]
    kinds = " or ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)
    hint = ""
    if "string" in wanted and isinstance(found, (bool, int, float)):
        span = document.value(*at)
        raw = document.problem("", span, "").excerpt[span.column - 1 : span.end - 1]
        hint = f'put it in quotes: `"{raw}"`'
    elif "array" in wanted and isinstance(found, (str, int, float)):
        hint = f"write `[{found}]`"
    elif {"integer", "number"} & set(wanted) and isinstance(found, str) and found.replace(".", "", 1).isdigit():
        hint = f"write `{found}` without quotes"
    elif "boolean" in wanted and isinstance(found, str) and found.lower() in {"yes", "on", "no", "off", "y", "n"}:
        hint = f"write `{'true' if found.lower() in {'yes', 'on', 'y'} else 'false'}`"
    name = f"`{dotted(at)}`" if at else "the file"
    return document.problem(
        "wrong-type", document.value(*at), f"{name} must be {kinds}", detail=f"got {_shown(found)}", hint=hint
    )


def _repeated(document: Document, at: At, found: list[Any]) -> Iterator[Diagnostic]:
    seen: set[object] = set()
    for index, item in enumerate(found):
        is_number = isinstance(item, (int, float)) and not isinstance(item, bool)
        key: object = float(item) if is_number else json.dumps(item, sort_keys=True)
        if key not in seen:
            seen.add(key)
        else:
            summary = f"{_shown(item)} stands twice in `{dotted(at)}`"
            yield document.problem("repeated-value", document.value(*at, index), summary, hint="delete one of them")


def _shown(found: Any) -> str:  # noqa: ANN401 - JSON data
    match found:
        case None:
            return "nothing"
        case bool():
            return f"`{'true' if found else 'false'}`"
        case str():
            return f'the text `"{found[:40]}{"..." if len(found) > 40 else ""}"`'
        case list():
            return "a list"
        case dict():
            return "a mapping of keys"
        case _:
            return f"`{found}`"
