r"""The patterns of AWS's service models, which are Java's, as Python's.

Java knows `\p{L}`, takes `\d`, `\w`, `\s` as ASCII, and ends a line at five characters. Python's `re` has no
properties; but one only matters for the characters that the text at hand has, so a pattern is written out for those.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_ASCII = frozenset(map(chr, range(128)))

_TOKENS = re.compile(
    r"\\[pP]\{(?P<property>\w+)\}"
    r"|(?P<astral>\\uD800\\uDC00-\\uDBFF\\uDFFF)"
    r"|(?P<end>\\z)"
    r"|(?P<escape>\\.)"
    r"|(?P<anchored>\$\{\d+(?:,\d*)?\})"
    r"|(?P<other>.)",
    re.DOTALL,
)


def matches(pattern: str, text: str) -> bool:
    """Tell whether all of the text is what the pattern of a service model says."""
    return _compiled(pattern, frozenset(text) - _ASCII).fullmatch(text) is not None


@cache
def _compiled(pattern: str, others: frozenset[str]) -> re.Pattern[str]:
    return re.compile(translated(pattern, others), re.ASCII)


def translated(pattern: str, others: frozenset[str]) -> str:
    """Return the pattern for Python, right for texts of ASCII and the given `others`."""
    written: list[str] = []
    inside = False  # of [...]
    for token in _TOKENS.finditer(pattern):
        match token.lastgroup:
            case "property":
                named = _members(token["property"], others, negated=token[0][1] == "P")
                written.append(named if inside else f"[{named}]")
            case "astral":
                written.append("\U00010000-\U0010ffff")
            case "end":
                written.append(r"\Z")
            case "anchored":
                written.append("$")
            case "other" if token[0] == "." and not inside:
                written.append(r"[^\n\r\u0085\u2028\u2029]")
            case "other" if token[0] == "-" and inside and _ended_by_class(written) and pattern[token.end()] != "]":
                written.append(r"\-")
            case "other" if token[0] == "[":
                written.append(r"\[" if inside else "[")
                inside = True
            case "other" if token[0] == "]":
                written.append("]")
                inside = False
            case _:
                written.append(token[0])
    return "".join(written)


def _ended_by_class(written: list[str]) -> bool:
    return bool(written) and written[-1] in {r"\w", r"\d", r"\s"}


def _members(name: str, others: frozenset[str], *, negated: bool) -> str:
    return "".join(re.escape(one) for one in sorted(_ASCII | others) if _has(one, name) is not negated)


def _has(character: str, name: str) -> bool:
    """Tell whether a character has one of the properties that the models name (java.util.regex.Pattern)."""
    match name:
        case "ASCII":
            return character in _ASCII
        case "Alnum":
            return character in _ASCII and character.isalnum()
        case "Print":
            return " " <= character <= "~"
        case _:
            return unicodedata.category(character).startswith(name)
