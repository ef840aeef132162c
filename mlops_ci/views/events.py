"""Events as they happen: a line a step when it ends, and a sign of life in between.

Without a terminal nothing moves: plain lines, a progress line every 30 s. On a terminal `views.live` shows
what is under way, and the same lines appear above it.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Self, TextIO, assert_never

from mlops_ci.executor.events import Blocked, Event, Outcome, Progress, Replanned, StepEnded, StepStarted, Unlocked
from mlops_ci.views.terminal import Ink, Tone, clean, counted, duration

EVERY = 30.0
"""Seconds between two progress lines of a step where there is no terminal."""

_GLYPHS = {
    Outcome.DONE: ("✓", Tone.GOOD),
    Outcome.SKIPPED: ("-", Tone.QUIET),
    Outcome.REFUSED: ("✗", Tone.BAD),
    Outcome.WAITING: ("…", Tone.CHANGED),
    Outcome.FAILED: ("✗", Tone.BAD),
    Outcome.STOPPED: ("■", Tone.BAD),
}


class Volume(Enum):
    """How much is said: `-q`, nothing, `-v`."""

    QUIET = "only what did not end well"
    NORMAL = "each step when it ends"
    VERBOSE = "each step when it begins and ends, with its evidence"


class LinePrinter:
    """Prints events as plain lines, each at once."""

    def __init__(self, stream: TextIO, *, ink: Ink = Ink.PLAIN, volume: Volume = Volume.NORMAL) -> None:
        self._write = writer(stream)
        self._ink = ink
        self._volume = volume
        self._told: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def show(self, event: Event) -> None:
        """Print what an event says; progress at most every 30 s of a step."""
        if isinstance(event, Progress):
            if event.seconds - self._told.get(event.step.id, 0.0) < EVERY:
                return
            self._told[event.step.id] = event.seconds
        for line in event_lines(event, ink=self._ink, volume=self._volume):
            self._write(line)


def writer(stream: TextIO) -> Callable[[str], None]:
    """Return a function that writes a line and flushes; what the stream cannot encode becomes `?`."""
    encoding = getattr(stream, "encoding", None) or "utf-8"

    def write(line: str) -> None:
        stream.write(line.encode(encoding, "replace").decode(encoding) + "\n")
        stream.flush()

    return write


def event_lines(event: Event, *, ink: Ink, volume: Volume) -> list[str]:
    """Return the lines in which an event is told; none where the volume is too low for it."""
    match event:
        case StepStarted():
            said = [f"  {clean(event.step.id)}: {clean(event.sentence)}"] if volume is Volume.VERBOSE else []
        case Progress():
            line = f"  {clean(event.step.id)}: {clean(event.sentence)} ({duration(event.seconds)})"
            said = [] if volume is Volume.QUIET else [line]
        case Blocked():
            after = f" ({duration(event.seconds)})" if event.seconds else ""
            line = f"waiting for {clean(event.model)}: {clean(event.holder)} works on it{after}"
            said = [] if volume is Volume.QUIET else [line]
        case Replanned():
            left = counted(event.steps, "step") + " left" if event.steps else "nothing is left to do"
            line = f"{clean(event.model)} was worked on by another command: planned anew, {left}"
            said = [] if volume is Volume.QUIET else [line]
        case Unlocked():
            said = [
                f"warning[no-lock]: another command may do the same work, no lock can be held: {clean(event.reason)}",
                "hint: have one command at a time work in this checkout",
            ]
        case StepEnded():
            said = [] if volume is Volume.QUIET and event.outcome.opens else _ended(event, ink, volume)
        case _:
            assert_never(event)
    return said


def ended_line(event: StepEnded, ink: Ink) -> str:
    """Return the one line that says how a step ended: glyph, label, word where it is not done, sentence, seconds."""
    glyph, tone = _GLYPHS[event.outcome]
    word = "" if event.outcome is Outcome.DONE else f"{event.outcome.value}: "
    sentence = clean(event.sentence)
    seconds = "" if event.outcome is Outcome.SKIPPED else f" ({duration(event.seconds)})"
    return f"{ink.paint(glyph, tone)} {clean(event.step.id)}: {ink.paint(word, tone)}{sentence}{seconds}"


def _ended(event: StepEnded, ink: Ink, volume: Volume) -> list[str]:
    shown = event.lines if volume is Volume.VERBOSE or not event.outcome.opens else ()
    hint = [f"  hint: {clean(event.hint)}"] if event.hint else []
    return [ended_line(event, ink), *(f"    {clean(line)}".rstrip() for line in shown), *hint]
