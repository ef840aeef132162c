"""Labels as text: `1`, `1.0` and `"1"` are one class where the classes are whole numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mlops_ci.model.effects import Json


@dataclass(frozen=True, slots=True)
class Labels:
    """How this label column's classes are named. `is_whole` where every class is a whole number."""

    is_whole: bool

    @classmethod
    def of(cls, texts: Iterable[str]) -> Labels:
        """Return the naming for a column: whole numbers, unless that merges two of its texts (`7` and `007`)."""
        distinct = set(texts)
        whole = {_whole(text) for text in distinct}
        return cls(is_whole=None not in whole and len(whole) == len(distinct))

    def name(self, value: Json) -> str | None:
        """Return the class that a label, read from a file or an answer, names; None where it can name none."""
        match value:
            case bool():
                found = "true" if value else "false"
                return str(int(value)) if self.is_whole else found
            case str():
                return (self.is_whole and _whole(value)) or value
            case int() | float():
                return (_whole(repr(value)) if self.is_whole else None) or repr(value)
            case _:
                return None


def _whole(text: str) -> str | None:
    """Return a whole number's shortest text; None where the text is no whole number."""
    try:
        number = float(text)
    except ValueError:
        return None
    return str(int(number)) if number.is_integer() and abs(number) < 1 << 53 else None
