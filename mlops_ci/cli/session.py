"""One command: its arguments, where it was started, and where its words go."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Protocol, TextIO, TypeAlias, TypeVar

from mlops_ci.views.terminal import Ink

if TYPE_CHECKING:
    from mlops_ci.executor.glance import Glance
    from mlops_ci.executor.world import World
    from mlops_ci.views.events import Volume
    from mlops_ci.views.placing import Root
    from mlops_ci.views.printer import EventPrinter
    from mlops_ci.wiring import Place

Shown = TypeVar("Shown")
Shown_contra = TypeVar("Shown_contra", contravariant=True)
View: TypeAlias = Callable[[Shown], str]

WRITING = frozenset((
    "run", "train", "evaluate", "promote", "deploy", "test", "gate", "approve", "rollback", "release", "destroy",
    "batch",
))  # fmt: skip
"""The verbs that record."""


class TextView(Protocol[Shown_contra]):
    """Turns a value into text for a terminal."""

    def __call__(self, value: Shown_contra, /, *, ink: Ink) -> str: ...


@dataclass(frozen=True, slots=True)
class Session:
    """A command. stdout is data, stderr is talk."""

    arguments: argparse.Namespace
    environment: Mapping[str, str]
    folder: Path
    out: TextIO
    err: TextIO
    cancelled: Event

    @property
    def models(self) -> tuple[str, ...]:
        return tuple(self.arguments.models)

    def ink(self, stream: TextIO) -> Ink:
        """Return whether a stream gets colour: a terminal, and nobody said no."""
        refused = self.arguments.no_color or self.environment.get("NO_COLOR") or self.environment.get("TERM") == "dumb"
        return Ink.COLOR if stream.isatty() and not refused else Ink.PLAIN

    @property
    def volume(self) -> Volume:
        """Return how much is said."""
        from mlops_ci.views.events import Volume

        if self.arguments.quiet:
            return Volume.QUIET
        return Volume.VERBOSE if self.arguments.verbose else Volume.NORMAL

    @property
    def width(self) -> int:
        """Return how many steps go on at a time: as asked, else one a core, four at most."""
        from mlops_ci.wiring import cores

        return int(self.arguments.jobs) or min(4, cores())

    @property
    def columns(self) -> int:
        """Return how wide the terminal is that data goes to; 0 where it goes to none, and there is no end."""
        from shutil import get_terminal_size

        return get_terminal_size().columns if self.out.isatty() else 0

    def printer(self) -> EventPrinter:
        """Return what shows events on stderr."""
        from mlops_ci.views.printer import event_printer

        return event_printer(self.err, ink=self.ink(self.err), volume=self.volume)

    def world(self, glance: Glance | None = None) -> World:
        """Return the world of the project this was started in, or the one behind a glance.

        Raises:
            UsageError: the verb decides what the release branch decides, and this works for a pull request.
            ProviderError: what the verb records would be lost with this machine.

        """
        from mlops_ci.commands.select import refuse_for_pull_request
        from mlops_ci.wiring import build_world

        is_set = self.cancelled.is_set
        world = glance.world() if glance else build_world(self.place(), self.arguments.target, is_set)
        refuse_for_pull_request(self.arguments.verb, world)
        if self.arguments.verb in WRITING:
            self.tell_of_losses(world)
            self.bring_up_to_date(world)
        return world

    def about(self, models: tuple[str, ...], **others: object) -> Session:
        """Return the same command about these models alone, with other arguments in the place of its own."""
        import argparse

        given = vars(self.arguments) | {"models": [*models], **others}
        return replace(self, arguments=argparse.Namespace(**given))

    def place(self) -> Place:
        """Return where this was started, and for what."""
        from mlops_ci.wiring import Place

        return Place(self.folder, self.environment, self.width, self.arguments.pull_request, self.arguments.verb)

    def tell_of_losses(self, world: World) -> None:
        """Tell, in a CI system, what will not be there for the next job; raise where that is what was recorded."""
        from mlops_ci.commands.lasting import Loss, warnings
        from mlops_ci.wiring import whereabouts

        where = whereabouts(self.place(), world)
        for warned in warnings(self.arguments.verb, where, pull_request=world.pull_request):
            label = "warning[records-lost]" if warned.loss is Loss.RECORDS else "warning[endpoints-in-checkout]"
            self.talk(f"{label}: {warned.summary}")
            self.talk(f"hint: {warned.hint}")

    def bring_up_to_date(self, world: World) -> None:
        """Have a store of an earlier layout in today's, and say so in a line."""
        from mlops_ci.wiring import bring_up_to_date

        if moved := bring_up_to_date(world, self.folder):
            self.talk(f"brought the store up to date: {moved} record{'s' * (moved != 1)} moved to today's layout")

    def glance(self) -> Glance:
        """Return what a survey needs of that project."""
        from mlops_ci.wiring import glance

        return glance(self.place(), self.arguments.target, self.cancelled.is_set)

    def root(self) -> Root:
        """Return the top of the git repository, for formats whose paths begin there."""
        from mlops_ci.views.placing import Root
        from mlops_ci.wiring import repository_root

        return Root(*repository_root(self.folder, self.environment))

    def say(self, text: str) -> None:
        """Print data. Where nobody reads on, nothing is printed: what the verb did decides its exit code.

        To a runner of GitHub Actions nothing in it is a command.
        """
        if self.environment.get("GITHUB_ACTIONS") == "true":
            from mlops_ci.cli.unheard import unheard, unheard_json

            text = unheard_json(text) if text.startswith(("{", "[")) else unheard(text)
        _write(self.out, text)

    def command(self, text: str) -> None:
        """Print what is meant for a runner of GitHub Actions, and has its escapes."""
        _write(self.out, text)

    def show(self, value: Shown, text: TextView[Shown], markdown: View[Shown], json: View[Shown]) -> None:
        """Print a value in the format that was asked for."""
        match self.arguments.format:
            case "json":
                self.say(json(value))
            case "md":
                self.say(markdown(value))
            case _:
                self.say(text(value, ink=self.ink(self.out)))

    def talk(self, text: str) -> None:
        """Print talk, unless it is to be quiet."""
        if not self.arguments.quiet:
            _write(self.err, text)

    @property
    def may_ask(self) -> bool:
        """Return whether there is a person at a terminal."""
        return sys.stdin is not None and sys.stdin.isatty() and self.err.isatty()


@contextmanager
def unread(stream: TextIO) -> Iterator[None]:
    """Let the verb go on to its own exit code where nobody reads what it prints: `mlops-ci run 2>&1 | head -1`."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _write(stream: TextIO, text: str) -> None:
    with unread(stream):
        stream.write(text if text.endswith("\n") else text + "\n")
        stream.flush()
