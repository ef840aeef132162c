"""Which printer a stream gets: one that moves on a terminal, plain lines elsewhere."""

from __future__ import annotations

from typing import Protocol, Self, TextIO

from mlops_ci.executor.events import Event
from mlops_ci.views.events import LinePrinter, Volume
from mlops_ci.views.terminal import Ink


class EventPrinter(Protocol):
    """Shows events, one at a time; a context, so that what moves on a terminal ends with it."""

    def show(self, event: Event) -> None:
        """Show an event."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


def event_printer(stream: TextIO, *, ink: Ink = Ink.PLAIN, volume: Volume = Volume.NORMAL) -> EventPrinter:
    """Return a printer that moves where the stream is a terminal, and prints plain lines elsewhere."""
    if not stream.isatty() or volume is Volume.QUIET:
        return LinePrinter(stream, ink=ink, volume=volume)
    from mlops_ci.views.live import LivePrinter

    return LivePrinter(stream, ink=ink, volume=volume)
