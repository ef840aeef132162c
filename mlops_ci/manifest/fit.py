"""Whether data fits a schema, yes or no, in the few keywords that our schemas use.

jsonschema costs 80 ms to import and says why something does not fit; a file that is right need not pay for it. What
this does not know, it does not judge: the answer is then no, and jsonschema decides.
"""

from __future__ import annotations

import re
from typing import Any

_NOTES = {
    "$id", "$schema", "default", "description", "enumDescriptions", "examples", "patternErrorMessage", "title",
}  # fmt: skip
_KNOWN = _NOTES | {
    "additionalProperties", "const", "enum", "exclusiveMaximum", "exclusiveMinimum", "items", "maxItems", "maxLength",
    "maximum", "minItems", "minLength", "minProperties", "minimum", "pattern", "properties", "propertyNames",
    "required", "type", "uniqueItems",
}  # fmt: skip


def fits(data: Any, schema: dict[str, Any]) -> bool:  # noqa: ANN401 - JSON data
    """Return whether data fits a schema; False also where the schema uses a keyword that is not known here."""
    if not schema.keys() <= _KNOWN or not _kind_fits(data, schema):
        return False
    match data:
        case bool() | None:
            return True
        case int() | float():
            return _number_fits(data, schema)
        case str():
            pattern = schema.get("pattern")
            is_long = schema.get("minLength", 0) <= len(data) <= schema.get("maxLength", len(data))
            return is_long and (pattern is None or bool(re.search(pattern, data)))
        case list():
            return _list_fits(data, schema)
        case dict():
            return _mapping_fits(data, schema)
        case _:
            return False


def _kind_fits(data: Any, schema: dict[str, Any]) -> bool:  # noqa: ANN401 - JSON data
    wanted = schema.get("type", ())
    if wanted and not any(_is(data, kind) for kind in ([wanted] if isinstance(wanted, str) else wanted)):
        return False
    if "const" in schema and not _same(data, schema["const"]):
        return False
    return "enum" not in schema or any(_same(data, item) for item in schema["enum"])


def _is(data: Any, kind: str) -> bool:  # noqa: ANN401 - JSON data
    match data:
        case None:
            return kind == "null"
        case bool():
            return kind == "boolean"
        case int():
            return kind in {"integer", "number"}
        case float():
            return kind == "number" or (kind == "integer" and data.is_integer())
        case str():
            return kind == "string"
        case list():
            return kind == "array"
        case _:
            return kind == "object" and isinstance(data, dict)


def _same(one: Any, other: Any) -> bool:  # noqa: ANN401 - JSON data
    """Return whether two values are the same in JSON, where `true` is not `1`."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _number_fits(data: float, schema: dict[str, Any]) -> bool:
    return (
        data >= schema.get("minimum", data)
        and data <= schema.get("maximum", data)
        and ("exclusiveMinimum" not in schema or data > schema["exclusiveMinimum"])
        and ("exclusiveMaximum" not in schema or data < schema["exclusiveMaximum"])
    )


def _list_fits(data: list[Any], schema: dict[str, Any]) -> bool:
    if not schema.get("minItems", 0) <= len(data) <= schema.get("maxItems", len(data)):
        return False
    if schema.get("uniqueItems") and not (all(isinstance(i, str) for i in data) and len(set(data)) == len(data)):
        return False
    return "items" not in schema or all(fits(item, schema["items"]) for item in data)


def _mapping_fits(data: dict[str, Any], schema: dict[str, Any]) -> bool:
    if len(data) < schema.get("minProperties", 0) or any(key not in data for key in schema.get("required", ())):
        return False
    if "propertyNames" in schema and not all(fits(key, schema["propertyNames"]) for key in data):
        return False
    named, rest = schema.get("properties", {}), schema.get("additionalProperties", {})
    for key, item in data.items():
        shape = named.get(key, rest)
        if shape is False or (shape is not True and not fits(item, shape)):
            return False
    return True
