"""Numbers read from a log while it is written: the last match of each regular expression, group 1."""

from __future__ import annotations

import math
import re
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

_PATIENCE = 2.0
"""Seconds that one expression may take over one piece of a log before it is given up."""

_LONGEST = 1 << 16
"""Bytes of a line without an end that are waited for."""


class Scraper:
    """Finds metrics in bytes as they come. A bad expression is told in `problems` and harms nothing."""

    def __init__(self, definitions: Iterable[tuple[str, str]]) -> None:
        self.problems: list[str] = []
        self._found: dict[str, float] = {}
        self._rest = b""
        self._regexes: list[tuple[str, re.Pattern[str], re.Pattern[str] | None]] = []
        for name, text in definitions:
            try:
                self._regexes.append((name, re.compile(text), _sieve(text)))
            except (re.error, RecursionError, OverflowError) as error:
                self.problems.append(f"metric `{name}`: `{text}` is no regular expression: {error}")

    def feed(self, data: bytes) -> None:
        """Look at the lines that these bytes complete."""
        if not self._regexes:
            return
        data = self._rest + data
        cut = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        if not cut and len(data) > _LONGEST:
            cut = len(data)
        self._rest = data[cut:]
        if cut:
            self._look(data[:cut].decode(errors="replace"))

    def metrics(self) -> tuple[tuple[str, float], ...]:
        """Return (name, last value) of each expression that matched a number, in the order of the definitions."""
        if self._rest:
            rest, self._rest = self._rest, b""
            self._look(rest.decode(errors="replace"))
        return tuple(self._found.items())

    def _look(self, text: str) -> None:
        text = text.replace("\r", "\n")  # a progress bar's lines are lines
        lines: list[str] = []
        for regex in tuple(self._regexes):
            name, pattern, sieve = regex
            try:
                with _patience():
                    if sieve is not None and not sieve.search(text):
                        continue
                    lines = lines or text.split("\n")
                    value = _last(pattern, lines)
            except TimeoutError:
                self._regexes.remove(regex)
                self.problems.append(
                    f"metric `{name}`: `{pattern.pattern}` took too long and is not looked for any more"
                )
                continue
            if value is not None:
                self._found[name] = value


def _sieve(text: str) -> re.Pattern[str] | None:
    """Return an expression that matches wherever the given one matches some line, over many lines at once.

    None where an anchor, a look around or a quantifier that gives nothing back could tell a line from its place in a
    text.
    """
    return None if re.search(r"\\[AZz]|\(\?(?!:|P<)|[*+?}]\+", text) else re.compile(text, re.MULTILINE)


def _last(pattern: re.Pattern[str], lines: list[str]) -> float | None:
    """Return the number of the last line that matches; None where none does, or its group 1 is no number."""
    for line in reversed(lines):
        if not pattern.search(line):  # half the price of an iterator, and most lines go no further
            continue
        for found in reversed(list(pattern.finditer(line))):
            try:
                value = float(found[1])
            except (IndexError, TypeError, ValueError):
                continue
            if math.isfinite(value):
                return value
    return None


@contextmanager
def _patience() -> Iterator[None]:
    """Raise TimeoutError in what takes too long: `re` looks for signals while it backtracks."""

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, _PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
