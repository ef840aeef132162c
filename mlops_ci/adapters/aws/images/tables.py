"""SageMaker's own images, by the tables that come with `sagemaker-core`, which takes over a second to import."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from mlops_ci.ports.jobs import CannotRun

TRAINING, INFERENCE = "training", "inference"

_CPU, _GPU = "cpu", "gpu"
_TYPICAL = {_CPU: "ml.m5.large", _GPU: "ml.g5.xlarge"}
"""An instance of each family; the tables tell families apart and no more."""

_WITH_GPU = re.compile(r"ml\.(?:p|g)\d")
_OTHER = re.compile(r"ml\.(?:inf|trn)\d|ml\.[a-z]+\d+g[a-z]*\.")
"""Machines of AWS's own chips: their images are other ones, and hang on the very instance."""

_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """An image of SageMaker's: a framework or algorithm by its name, a version as far as it is written, a purpose."""

    name: str
    version: str
    scope: str
    region: str
    family: str

    @property
    def key(self) -> str:
        """Return the name under which what the tables say is remembered."""
        return f"{self.name}/{self.version}/{self.scope}/{self.region}/{self.family}"


@dataclass(frozen=True, slots=True)
class Listed:
    """What the tables say: a reference by tag, the version in full, and whether the same image trains and serves."""

    reference: str
    version: str
    is_both: bool


def family_of(instance: str) -> str:
    """Return `gpu`, `cpu`, or the instance itself where its images are of its own kind."""
    if _OTHER.match(instance):
        return instance
    return _GPU if _WITH_GPU.match(instance) else _CPU


def looked_up(wanted: Wanted) -> Listed | CannotRun:
    """Return what the tables say of an image; no request is made.

    A version that is no row of the tables is the newest of those that begin with it: `1.4` is `1.4-2`. Without one it
    is the newest that both trains and serves. A version of an image that serves must agree in its first two numbers
    with the one that trained.
    """
    from sagemaker.core import image_uris

    try:
        table = image_uris.config_for_framework(wanted.name)
    except OSError:
        return _unknown(wanted.name, image_uris.list_frameworks())
    training, inference = _versions(table, TRAINING), _versions(table, INFERENCE)
    rows = training if wanted.scope == TRAINING else inference
    if not rows:
        return CannotRun(f"SageMaker has no {wanted.scope} image of `{wanted.name}`", "bring one of your own: `image`")
    version = _chosen(wanted, training, inference)
    if version is None:
        near = ", ".join(f"`{row}`" for row in nearest(wanted.version, rows))
        what = "image" if wanted.scope == TRAINING else "image that serves"
        return CannotRun(
            f"SageMaker has no {what} of `{wanted.name}` {wanted.version}", f"the nearest versions: {near}"
        )
    try:
        reference = str(
            image_uris.retrieve(
                wanted.name,
                wanted.region,
                version=version,
                py_version=_python(rows[version]),
                instance_type=_TYPICAL.get(wanted.family, wanted.family),
                image_scope=wanted.scope,
            )
        )
    except (ValueError, KeyError) as error:
        said = " ".join(str(error).split())
        return CannotRun(
            f"SageMaker has no image of `{wanted.name}` {version} for `{wanted.family}` in {wanted.region}",
            f"another version, `instance` or region, or an `image` of your own; the tables say: {said}",
        )
    if wanted.family not in _TYPICAL and version not in reference:  # such tables have one version, whatever is asked
        hint = f"they have `{reference.rpartition('/')[2]}`: write its version, or take another `instance`"
        return CannotRun(f"SageMaker has no image of `{wanted.name}` {version} for `{wanted.family}`", hint)
    return Listed(reference, version, is_both=_is_both(version, training, inference))


def nearest(version: str, rows: Iterable[str]) -> tuple[str, ...]:
    """Return the versions that are closest to one that is not there, newest first."""
    asked = _numbers(version)
    ordered = sorted(rows, key=lambda row: (_distance(asked, _numbers(row)), [-n for n in _numbers(row)]))
    return tuple(sorted(ordered[:_NEAREST], key=_numbers, reverse=True))


def _unknown(name: str, names: Iterable[str]) -> CannotRun:
    near = get_close_matches(name, list(names), n=_NEAREST)
    hint = "did you mean " + " or ".join(f"`{one}`" for one in near) + "?" if near else "bring an `image` of your own"
    return CannotRun(f"SageMaker has no image of `{name}`", hint)


def _versions(table: dict[str, Any], scope: str) -> dict[str, Any]:
    """Return the rows of a purpose by version; other names for a version are rows, too."""
    part = table if "versions" in table else table.get(scope, {})
    if "versions" in table and scope not in table.get("scope", ()):
        return {}
    rows: dict[str, Any] = dict(part.get("versions", {}))
    return rows


def _chosen(wanted: Wanted, training: dict[str, Any], inference: dict[str, Any]) -> str | None:
    rows = training if wanted.scope == TRAINING else inference
    if not wanted.version:
        both = [row for row in rows if wanted.scope != TRAINING or _match(row, inference)]
        return max(both or rows, key=_numbers)
    if wanted.version in rows:
        return wanted.version
    found = [row for row in rows if _is_start(wanted.version, row)]
    if not found and wanted.scope == INFERENCE:
        found = [row for row in rows if _numbers(row)[:2] == _numbers(wanted.version)[:2]]
    return max(found, key=_numbers) if found else None


def _match(version: str, rows: Iterable[str]) -> bool:
    return any(_numbers(row)[:2] == _numbers(version)[:2] for row in rows)


def _is_start(version: str, row: str) -> bool:
    return row.startswith(version) and row[len(version)] in ".-"


def _is_both(version: str, training: dict[str, Any], inference: dict[str, Any]) -> bool:
    """Return whether the image that trains is the one that serves: both are in one repository."""
    of_serving = {row["repository"] for row in inference.values() if "repository" in row}
    return bool(of_serving) and training.get(version, {}).get("repository") in of_serving


def _python(row: dict[str, Any]) -> str | None:
    """Return the newest Python of a version, None where the table has none to choose."""
    found = row.get("py_versions", ())
    return max(found, key=_numbers) if len(found) > 1 else None


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def _distance(one: list[int], other: list[int]) -> list[int]:
    length = max(len(one), len(other))
    padded = ([*numbers, *[0] * (length - len(numbers))] for numbers in (one, other))
    return [abs(a - b) for a, b in zip(*padded, strict=True)]
