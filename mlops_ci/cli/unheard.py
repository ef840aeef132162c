"""What is printed where a runner of GitHub Actions reads along: nothing in it is a command to the runner.

Names, values and lines of a job's log are of whoever wrote them, and every verb may have to say them.
"""

from __future__ import annotations

import re
from typing import Any, TextIO

_COMMAND = re.compile(r"(?:^([^\S\n]*)(?=::)|(?=##\[))(::|##\[)", re.MULTILINE)


def unheard(text: str) -> str:
    """Return text in which a runner of GitHub Actions finds no command, whatever a manifest or a file says in it.

    A command is a line that begins with `::`, or `##[...]` anywhere in one (`ActionCommand.cs`).
    """
    return _COMMAND.sub(lambda found: f"{found[1] or ''}{found[2][0]}\\{found[2][1:]}", text)


def unheard_json(text: str) -> str:
    """Return JSON in which a runner finds no command; it is the same data."""
    return text.replace("##[", "##\\u005b")  # stands in strings alone, and no line of ours begins with `::`


class Unheard:
    """A stream that is written to as another one, without commands."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text, and return how many characters of it were taken: all."""
        self._stream.write(unheard(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the stream has
        return getattr(self._stream, name)
