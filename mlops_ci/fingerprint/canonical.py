"""Canonical bytes and digests.

The canonical form of plain JSON data is its UTF-8 JSON text with sorted keys and no spaces; NaN and infinities
have none. Integers and floats stay apart (`1` is not `1.0`), because a script that is given `--epochs 1.0` is
given something else.
"""

from __future__ import annotations

import hashlib
import json

from mlops_ci.model.effects import Json


def canonical(data: Json) -> str:
    """Return the canonical text of plain JSON data.

    Raises:
        ValueError: a number is not finite.

    """
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(data: Json) -> str:
    """Return the sha256 of the canonical form, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(data).encode("utf-8", "surrogatepass")).hexdigest()


def blob_id(content: bytes) -> str:
    """Return what git calls these bytes: the SHA-1 of `blob <length>NUL<bytes>`."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
