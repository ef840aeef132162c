"""Which side of a split a row is on: a pure function of the row, so that no row changes sides as data grows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from mlops_ci.model import Split


def row_key(cells: Iterable[str]) -> bytes:
    """Return the bytes that stand for these cells; two rows with other cells never share them.

    Each cell comes after its length, so that `a,b` + `c` and `a` + `b,c` stay apart. Rows that are equal share them,
    and with them the side, so that a duplicate of a training row is never tested on.
    """
    parts: list[bytes] = []
    for cell in cells:
        data = cell.encode("utf-8", "surrogatepass")
        parts.append(b"%d:" % len(data))
        parts.append(data)
    return b"".join(parts)


def side(key: bytes, split: Split) -> str:
    """Return `train`, `validation` or `test`: the SHA-256 of salt and key as a share in [0, 1), cut at the shares.

    A side whose share is 0 gets no row, whatever the rounding of the sums.
    """
    salt = split.salt.encode("utf-8", "surrogatepass")
    found = hashlib.sha256(b"%d:%s" % (len(salt), salt) + key).digest()
    share = int.from_bytes(found[:6]) / (1 << 48)  # 48 bits are exact in a float
    shares = [(name, size) for name, size in _shares(split) if size > 0]
    edge = 0.0
    for name, size in shares:
        edge += size
        if share < edge:
            return name
    return shares[-1][0]


def _shares(split: Split) -> tuple[tuple[str, float], ...]:
    return (("train", split.train), ("validation", split.validation), ("test", split.test))
