"""What a verb's grammar is made of: its parser, which speaks our words, and what every verb takes."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import NoReturn

FORMATS = ("text", "json", "md", "github", "sarif")
"""What `validate` prints; other reading verbs print the first three, and what says `for github` the first four."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in our words, with the nearest name, and exits with 64 (EX_USAGE)."""

    verbs: Mapping[str, Parser] = MappingProxyType({})
    closing: Callable[[], str] | None = None

    def format_help(self) -> str:
        """Return the help; how it ends is found out only where somebody asks for it."""
        if self.closing is not None:
            self.formatter_class = argparse.RawDescriptionHelpFormatter
            self.epilog = self.closing()
        return super().format_help()

    def error(self, message: str) -> None:  # type: ignore[override]
        mistyped = re.match("argument (VERB|ACTION): invalid choice: '(.*?)'", message)
        if mistyped:
            self.refuse(mistyped[1].lower(), mistyped[2], self.verbs)
        self.exit(64, f"error[usage]: {message}\nhint: {self.prog} --help\n")

    def refuse(self, what: str, word: str, known: Iterable[str]) -> NoReturn:
        """Exit with 64 because there is no such verb or option."""
        from difflib import get_close_matches

        near = get_close_matches(word, sorted(known), n=1)
        meant = f"did you mean `{near[0]}`? else type `{self.prog} --help`" if near else f"{self.prog} --help"
        self.exit(64, f"error[usage]: there is no {what} `{word}`\nhint: {meant}\n")
        raise AssertionError("exit ends the process")

    def options(self) -> tuple[str, ...]:
        """Return every option of this parser."""
        return tuple(option for action in self._actions for option in action.option_strings)


class Verbs:
    """Adds verbs, each with the shared options, ENV before MODEL, and the formats where it reads."""

    def __init__(self, actions: argparse._SubParsersAction[Parser], shared: Parser) -> None:
        self._actions = actions
        self._shared = shared

    def below(self, actions: argparse._SubParsersAction[Parser]) -> Verbs:
        """Return what adds to the actions of a verb."""
        return Verbs(actions, self._shared)

    def add(self, name: str, help_: str, *arguments: str) -> Parser:
        """Return the parser of a verb that takes these of `environment`, `models`, and what it prints.

        That is `formats`, and beside it `for github` or `every format`.
        """
        made = self._actions.add_parser(name, help=help_, description=help_, parents=[self._shared], allow_abbrev=False)
        made.set_defaults(format="text", models=[])
        if "formats" in arguments:
            one = made.add_mutually_exclusive_group()
            one.add_argument("--json", dest="format", action="store_const", const="json", help="print JSON")
            one.add_argument("--md", dest="format", action="store_const", const="md", help="print Markdown")
            if "every format" in arguments:
                about = "github: annotations of a workflow; sarif: SARIF 2.1.0"
                one.add_argument("--format", choices=FORMATS, help=about)
            elif "github" in arguments or "for github" in arguments:
                about = "github: text, and the summary, outputs and annotations of a step of a workflow"
                one.add_argument("--format", choices=FORMATS[:4], help=about)
        if "environment" in arguments:
            made.add_argument("environment", metavar="ENV")
        if "models" in arguments:
            made.add_argument("models", nargs="*", default=[], metavar="MODEL", help="names or globs; none means all")
        return made

    def named(self, name: str) -> argparse.ArgumentParser:
        """Return the parser of a verb that was added."""
        return self._actions.choices[name]


def add_shared(parser: argparse.ArgumentParser, *, suppress: bool) -> None:
    """Add what every verb takes; with `suppress` a verb leaves what was said before it."""

    def default(value: object) -> object:
        return argparse.SUPPRESS if suppress else value

    parser.add_argument("-C", dest="folder", default=default("."), metavar="DIR", help="work as if started in DIR")
    parser.add_argument("-q", "--quiet", action="store_true", default=default(False), help="only what is wrong")
    parser.add_argument("-v", "--verbose", action="store_true", default=default(False), help="every reason")
    parser.add_argument("-j", "--jobs", type=count, default=default(0), metavar="N", help="steps at a time")
    parser.add_argument(
        "-k",
        "--keep-going",
        action="store_true",
        default=default(False),
        help="go on with other models after a failure",
    )
    parser.add_argument("--no-color", action="store_true", default=default(False), help="no colour (also: NO_COLOR)")
    parser.add_argument(
        "--target", default=default(""), metavar="NAME", help="another target; its releases stay private"
    )
    parser.add_argument(
        "--pull-request", default=default(""), metavar="ID", help="work for this pull request: nothing is promoted"
    )


def count(text: str) -> int:
    """Return a whole number from 1; raises what argparse tells as a mistake."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, got `{text}`")
    return int(text)


def port(text: str) -> int:
    """Return the number of a port; raises as `count`."""
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, got `{text}`")
    return int(text)


def seconds(text: str) -> int:
    """Return a whole number of seconds; raises as `count`."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number of seconds, got `{text}`")
    return int(text)
