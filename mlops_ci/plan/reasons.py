"""Reasons: the difference of two recipes, told field by field."""

from __future__ import annotations

import json

from mlops_ci.fingerprint.canonical import canonical
from mlops_ci.fingerprint.recipes import differences
from mlops_ci.model import Json
from mlops_ci.plan.change import Reason
from mlops_ci.plan.hidden import HIDDEN, is_hidden

_DIGEST = "@sha256:"
_AREAS = {
    "code": ("code-changed", "code `{}`"),
    "metric_code": ("metric-code-changed", "metric code `{}`"),
    "data": ("data-changed", "data `{}`"),
    "files": ("tests-changed", "test file `{}`"),
    "image": ("image-changed", "image `{}`"),
    "package": ("package-changed", "package"),
    "processing": ("processing-changed", "processing `{}`"),
    "candidate": ("field-changed", "`{}`"),
    "model": ("field-changed", "`{}`"),
    "rules": ("field-changed", "`{}`"),
}


def why(old: str, new: str) -> tuple[Reason, ...]:
    """Return one reason for every leaf in which two recipes (canonical JSON) differ."""
    return tuple(_reason(*found) for found in differences(json.loads(old), json.loads(new)))


def _reason(path: str, old: Json, new: Json) -> Reason:
    area, _, rest = path.partition(".")
    code, pattern = _AREAS.get(area, ("field-changed", "`{}`"))
    what = pattern.format(rest or area)
    if area in {"code", "metric_code", "data", "files", "package"}:
        verb = "is new" if old is None else "is gone" if new is None else "changed"
        return Reason(code, f"{what} {verb}", path, _short(old), _short(new))
    if is_hidden(path, old) or is_hidden(path, new):
        return Reason(code, f"{what} changed", path, HIDDEN, HIDDEN)
    return Reason(code, f"{what}: {told(old)} -> {told(new)}", path, told(old), told(new))


def _short(value: Json) -> str:
    return value[:12] if isinstance(value, str) else ""


def told(value: Json) -> str:
    """Return a value for people: absent as `(default)`, others as JSON, cut where they are long.

    Of an image it is what differs from day to day: its repository and the start of its digest.
    """
    if value is None:
        return "(default)"
    if isinstance(value, str) and _DIGEST in value:
        name, _, digest = value.partition(_DIGEST)
        return canonical(f"{name.partition('/')[2] or name}{_DIGEST}{digest[:12]}")
    text = canonical(value)
    return text if len(text) <= 60 else text[:57] + "..."
