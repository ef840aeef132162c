"""What is under way, on a terminal: a spinner and a clock a step, with the plain lines above. Only here is rich."""

from __future__ import annotations

from typing import Self, TextIO, assert_never

from rich.console import Console
from rich.progress import Progress as Bars
from rich.progress import SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.text import Text

from mlops_ci.executor.events import Blocked, Event, Progress, Replanned, StepEnded, StepStarted, Unlocked
from mlops_ci.views.events import Volume, event_lines
from mlops_ci.views.terminal import Ink, clean


class LivePrinter:
    """Shows every running step as a line that moves, and each ended step as a line that stays."""

    def __init__(self, stream: TextIO, *, ink: Ink = Ink.PLAIN, volume: Volume = Volume.NORMAL) -> None:
        self._ink = ink
        self._volume = volume
        console = Console(file=stream, no_color=ink is Ink.PLAIN, highlight=False, markup=False, emoji=False)
        # Four frames a second: the jobs shall have the cores.
        self._bars = Bars(
            SpinnerColumn(style="none"),
            TextColumn("{task.description}", style="none", markup=False, table_column=Column(no_wrap=True)),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            redirect_stdout=False,
            refresh_per_second=4,
        )
        self._running: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def show(self, event: Event) -> None:
        """Show an event: begin, describe or end the line of its step."""
        match event:
            case StepStarted():
                step = event.step.id
                self._running[step] = self._bars.add_task(f"{clean(step)}: {clean(event.sentence)}", total=None)
            case Progress():
                step = event.step.id
                if step in self._running:
                    self._bars.update(self._running[step], description=f"{clean(step)}: {clean(event.sentence)}")
            case StepEnded():
                step = event.step.id
                if step in self._running:
                    self._bars.remove_task(self._running.pop(step))
                    self._bars.refresh()  # or the line would stay below what is printed next
                self._print(event)
            case Blocked() | Replanned() | Unlocked():
                self._print(event)
            case _:
                assert_never(event)

    def _print(self, event: Event) -> None:
        for line in event_lines(event, ink=self._ink, volume=self._volume):
            self._bars.console.print(Text.from_ansi(line), soft_wrap=True)
