"""Writing versions into the text of a manifest: only the lines that say them change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlops_ci.manifest import yaml_tree
from mlops_ci.manifest.document import At, Document
from mlops_ci.model import Json

_AT: At = ("data", "version")


def pinned(document: Document, versions: Mapping[str, str]) -> str:
    """Return the text of a `model.yaml` whose `data` has these versions, by channel; everything else stays as it is.

    An empty text where that cannot be done without writing other lines anew: a `version` over several lines, say.
    """
    data: Any = document.data
    said: Json = versions["data"] if [*versions] == ["data"] and "path" in data["data"] else dict(versions)
    old = data["data"].get("version")
    if isinstance(old, dict) and isinstance(said, dict) and old.keys() == said.keys():
        text = document.text
        for name in said:
            text = _replaced(text, document, (*_AT, name), str(old[name]), _quoted(said[name]))
    elif old is not None:
        text = _replaced(document.text, document, _AT, old, _quoted(said))
    else:
        text = _inserted(document, f"version: {_quoted(said)}")
    return text if _is_only(text, document, said) else ""


def _quoted(said: Json) -> str:
    """Return a value as YAML on one line; quoted, since 32 digits would be a number."""
    if isinstance(said, dict):
        return "{" + ", ".join(f"{name}: {_quoted(said[name])}" for name in said) + "}"
    return json.dumps(said)


def _replaced(text: str, document: Document, at: At, old: Json, new: str) -> str:
    """Return the text with another value at the place of this one, which stands on one line."""
    span = document.values[at]
    lines = text.splitlines(keepends=True)
    line = lines[span.line - 1]
    start = span.column - 1
    length = _length(line[start:], old)
    lines[span.line - 1] = line[:start] + new + line[start + length :]
    return "".join(lines)


def _length(rest: str, old: Json) -> int:
    """Return how long the text of a value is, at the beginning of the rest of its line."""
    if isinstance(old, dict):
        return rest.find("}") + 1
    if rest[:1] in {"'", '"'}:
        return rest.find(rest[0], 1) + 1
    return len(str(old))


def _inserted(document: Document, said: str) -> str:
    """Return the text with one more key in `data`: before the key that says where the rows are, at its indentation."""
    lines = document.text.splitlines(keepends=True)
    data: Any = document.data
    key = document.keys["data", "path" if "path" in data["data"] else "channels"]
    line = lines[key.line - 1]
    before = line[: key.column - 1]
    if before.strip():  # `data: {path: ..., label: ...}`, on one line
        lines[key.line - 1] = f"{before}{said}, {line[key.column - 1 :]}"
    else:
        end = line[len(line.rstrip("\r\n")) :] or "\n"
        lines.insert(key.line - 1, f"{before}{said}{end}")
    return "".join(lines)


def _is_only(text: str, document: Document, said: Json) -> bool:
    """Return whether a text says what a document says, and these versions; a slip of ours is never written."""
    found, _ = yaml_tree.read(document.path, text.encode())
    if found is None or not isinstance(found.data, dict):
        return False
    before: Any = document.data
    return found.data == {**before, "data": {**before["data"], "version": said}}
