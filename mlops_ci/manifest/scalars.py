"""How a plain YAML scalar becomes a JSON value.

Source: YAML 1.2.2, section 10.3 (core schema), without octal and hexadecimal numbers, leading zeros, infinities and
not-a-number, which JSON lacks.
"""

from __future__ import annotations

import math
import re

from mlops_ci.model import Scalar

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}  # fmt: skip
_LARGEST = 1 << 63


class BadNumber(ValueError):  # noqa: N818 - says what is bad
    """A number that JSON cannot hold, with a hint."""

    def __init__(self, summary: str, hint: str) -> None:
        super().__init__(summary)
        self.hint = hint


def resolve(text: str) -> Scalar:
    """Return the value of a plain scalar: null, true, false, an integer, a float, or the text itself.

    Raises:
        BadNumber: an infinity, not a number, or beyond 64 bits.

    """
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        if len(text) > 20 or not -_LARGEST <= int(text) < _LARGEST:
            raise BadNumber(
                f"`{text[:24]}{'...' if len(text) > 24 else ''}` does not fit into 64 bits",
                "put it in quotes if it is text",
            )
        return int(text)
    if _FLOAT.fullmatch(text):
        value = float(text)
        if not math.isfinite(value):
            raise BadNumber(f"`{text[:24]}` is too large for a number", "put it in quotes if it is text")
        return value
    if _NOT_FINITE.fullmatch(text):
        raise BadNumber(f"`{text}` is no number that JSON knows", "leave the key out for no limit")
    return text
