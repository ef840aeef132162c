"""JSON of our own files, read as if somebody else had written them; what is wrong has a place."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import count
from typing import Any

NOT_ASCII = "it is not ASCII"
"""Why a text is not read whose bytes are not those that we write."""

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


class Unreadable(ValueError):  # noqa: N818 - what a text is, told by who knows its file
    """Why a text is no JSON of ours; `offset` is where in it, None where that is nowhere."""

    def __init__(self, why: str, offset: int | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.offset = offset


def strict_json(content: bytes) -> Any:  # noqa: ANN401 - JSON data
    """Return the data of an ASCII text of JSON, in which no key is twice and none is `NaN`.

    Raises:
        Unreadable: it is none.

    """
    try:
        return json.loads(content.decode("ascii"), object_pairs_hook=_once, parse_constant=_refused)
    except UnicodeDecodeError as error:
        raise Unreadable(NOT_ASCII, error.start) from error
    except json.JSONDecodeError as error:
        raise Unreadable(error.msg, error.pos) from error
    except RecursionError as error:
        raise Unreadable("it is nested too deep") from error
    except ValueError as error:
        raise Unreadable(str(error)) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def _refused(text: str) -> float:
    raise ValueError(f"`{text}` is no number of JSON")


def place_of(text: str, offset: int) -> tuple[int, int]:
    """Return line and column, from 1, of an offset."""
    before = text[:offset]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def offset_of(text: str, at: Sequence[str | int]) -> int:
    """Return where in a text of JSON the value stands that this way leads to, which is there."""
    place = _after_space(text, 0)
    for part in at:
        place = _after_space(text, place + 1)
        for number in count():
            key: str | int = number
            if isinstance(part, str):
                key, end = _DECODER.raw_decode(text, place)
                place = _after_space(text, _after_space(text, end) + 1)
            if key == part:
                break
            _, end = _DECODER.raw_decode(text, place)
            place = _after_space(text, _after_space(text, end) + 1)
    return place


def _after_space(text: str, offset: int) -> int:
    found = _SPACE.match(text, offset)
    return found.end() if found else offset
