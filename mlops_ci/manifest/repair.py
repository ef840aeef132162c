"""A document as its author most likely meant it: misspelt keys corrected, keys that mean nothing left out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from itertools import islice
from typing import Any

from mlops_ci.diagnostics import Span
from mlops_ci.manifest.document import At, Document, nearest
from mlops_ci.manifest.limits import MOST
from mlops_ci.model import Json


def corrected(document: Document, schema: Json) -> Document:
    """Return the document with every key that its schema does not know renamed to the nearest free one, or left out.

    Spans go on naming the places in the file as it is.
    """
    keys: dict[At, Span] = {}
    values: dict[At, Span] = {}

    def walk(data: Any, shape: Any, old: At, new: At) -> Any:  # noqa: ANN401 - JSON data
        if old in document.keys:
            keys[new] = document.keys[old]
        if old in document.values:
            values[new] = document.values[old]
        if isinstance(data, list):
            items = shape.get("items", {})
            return [walk(item, items, (*old, at), (*new, at)) for at, item in enumerate(data)]
        if not isinstance(data, dict):
            return data
        named: Mapping[str, Any] = shape.get("properties", {})
        rest = shape.get("additionalProperties", {})
        names = _names(data, named) if rest is False else {key: key for key in data}
        return {
            name: walk(data[key], named.get(name, rest or {}), (*old, key), (*new, name)) for key, name in names.items()
        }

    data = walk(document.data, schema, (), ())
    return dataclasses.replace(document, data=data, keys=keys, values=values)


def _names(data: Mapping[str, Any], named: Mapping[str, Any]) -> dict[str, str]:
    """Return what each key of a mapping is called when spelt right; keys without a meaning are left out."""
    names = {key: key for key in data if key in named}
    free = [name for name in named if name not in names]
    for key in islice((key for key in data if key not in named), MOST):
        right = nearest(key, free)
        if right:
            names[key] = right
            free.remove(right)
    return names
