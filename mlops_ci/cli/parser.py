"""The command line's grammar. Only argparse is imported here: start-up time is a feature."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NoReturn

from mlops_ci import __version__
from mlops_ci.cli.numbers import count, port, seconds

FORMATS = ("text", "json", "md", "github", "sarif")
"""What `validate` prints; other reading verbs print the first three."""
PATIENCE = 600
"""Seconds for which another command is waited for: longer than most trainings take, shorter than a CI job may."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in our words, with the nearest name, and exits with 64 (EX_USAGE)."""

    verbs: Mapping[str, _Parser] = MappingProxyType({})
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


def make_parser() -> _Parser:
    """Return the parser of every verb."""
    shared = _Parser(add_help=False)
    _shared(shared, suppress=True)
    parser = _Parser(
        prog="mlops-ci",
        description="GitOps CI/CD for machine-learning models: manifests in git, plan, train, promote, deploy, gate.",
        epilog="exit codes: 0 done, 1 a job, test or gate said no, 2 changes are pending (plan --detailed-exitcode), "
        "64 usage, 65 invalid manifest, 69 provider failed, 70 bug, 75 try again, 130 interrupted",
        allow_abbrev=False,
    )
    _shared(parser, suppress=False)
    parser.add_argument("--version", action="version", version=f"mlops-ci {__version__}")
    actions = parser.add_subparsers(dest="verb", metavar="VERB", parser_class=_Parser)
    verbs = _Verbs(actions, shared)
    _starting(verbs)
    _working(verbs)
    _deciding(verbs)
    _looking(verbs)
    _using(verbs)
    _storing(verbs)
    _pinning(verbs)
    _testing(verbs)
    parser.verbs = actions.choices
    return parser


class _Verbs:
    """Adds verbs, each with the shared options, ENV before MODEL, and the formats where it reads."""

    def __init__(self, actions: argparse._SubParsersAction[_Parser], shared: _Parser) -> None:
        self._actions = actions
        self._shared = shared

    def below(self, actions: argparse._SubParsersAction[_Parser]) -> _Verbs:
        """Return what adds to the actions of a verb."""
        return _Verbs(actions, self._shared)

    def add(self, name: str, help_: str, *arguments: str) -> _Parser:
        """Return the parser of a verb that takes these of `environment`, `models`, `formats` and `every format`."""
        made = self._actions.add_parser(name, help=help_, description=help_, parents=[self._shared], allow_abbrev=False)
        made.set_defaults(format="text", models=[])
        if "formats" in arguments:
            one = made.add_mutually_exclusive_group()
            one.add_argument("--json", dest="format", action="store_const", const="json", help="print JSON")
            one.add_argument("--md", dest="format", action="store_const", const="md", help="print Markdown")
            if "every format" in arguments:
                about = "github: annotations of a workflow; sarif: SARIF 2.1.0"
                one.add_argument("--format", choices=FORMATS, help=about)
        if "environment" in arguments:
            made.add_argument("environment", metavar="ENV")
        if "models" in arguments:
            made.add_argument("models", nargs="*", default=[], metavar="MODEL", help="names or globs; none means all")
        return made

    def named(self, name: str) -> argparse.ArgumentParser:
        """Return the parser of a verb that was added."""
        return self._actions.choices[name]


def _starting(verbs: _Verbs) -> None:
    init = verbs.add("init", "make a project, with an example to start from; overwrites nothing")
    init.add_argument("directory", nargs="?", default=".", metavar="DIR")
    init.add_argument("--example", metavar="NAME", help="an example that ships; they are listed below")
    init.closing = _examples
    verbs.add("doctor", "check that this machine has what is needed", "formats")


def _examples() -> str:
    from mlops_ci.commands.init import described

    found = described()
    wide = max(len(name) for name, _ in found)
    return "\n".join(["examples:", *(f"  {name:<{wide}}  {told}" for name, told in found)])


def _working(verbs: _Verbs) -> None:
    train = verbs.add("train", "train every candidate that needs it", "models")
    train.add_argument("--candidate", action="append", default=[], metavar="NAME", help="only this one (repeatable)")
    train.add_argument("--replace", action="store_true", help="open a new attempt even where one succeeded")
    verbs.add("evaluate", "evaluate what was trained, through the serving code", "models")
    verbs.add("promote", "let the best become champion, by a commit on the release branch", "models")
    verbs.add("deploy", "make an environment serve what is released for it", "environment", "models")
    verbs.add("test", "test what an environment serves", "environment", "models")
    verbs.add("gate", "ask whether an environment opens, and which evidence is missing", "environment", "models")
    run = verbs.add("run", "perform the plan, or a saved one: train, evaluate, promote, deploy, test, gate")
    run.add_argument(
        "models", nargs="*", default=[], metavar="MODEL", help="names or globs, or one saved plan; none means all"
    )
    for name in ("train", "evaluate", "promote", "deploy", "test", "gate", "run"):
        verbs.named(name).add_argument(
            "--lock-timeout",
            type=seconds,
            default=PATIENCE,
            metavar="SECONDS",
            help=f"how long to wait for a model that another command works on (default {PATIENCE}; 0: not at all)",
        )


def _deciding(verbs: _Verbs) -> None:
    approve = verbs.add("approve", "let what waits before an environment in", "environment", "models")
    approve.add_argument("--why", default="", metavar="TEXT")
    back = verbs.add(
        "rollback", "go back to the version served before, and hold the environment there", "environment", "models"
    )
    back.add_argument("--to", metavar="VERSION", help="this version instead, such as v3")
    back.add_argument("--why", default="", metavar="TEXT")
    back.add_argument("--all", action="store_true", help="every model")
    back.add_argument("--yes", action="store_true", help="do not ask")
    verbs.add("release", "end the hold that a rollback put on an environment", "environment", "models")
    destroy = verbs.add("destroy", "end an environment's endpoint", "environment", "models")
    destroy.add_argument("--all", action="store_true", help="every model")
    destroy.add_argument("--yes", action="store_true", help="do not ask")


def _looking(verbs: _Verbs) -> None:
    verbs.add("validate", "check the manifests", "models", "formats", "every format")
    plan = verbs.add("plan", "show what run would do, and why; touches nothing", "models", "formats")
    plan.add_argument("--detailed-exitcode", action="store_true", help="exit with 2 where changes are pending")
    plan.add_argument(
        "--base",
        nargs="?",
        const="auto",
        metavar="REF",
        help="also show what changed since a commit, and what it does",
    )
    plan.add_argument("-o", "--out", metavar="FILE", help="save the plan as FILE.json, for `run FILE.json`")
    board = verbs.add("leaderboard", "show every accuracy, best first", "models", "formats")
    table = board.add_mutually_exclusive_group()
    table.add_argument("--every", action="store_true", help="past evaluations too")
    table.add_argument("--trials", action="store_true", help="the trials of each search instead, best first")
    table.add_argument(
        "--compare",
        nargs="+",
        default=[],
        metavar="NAME",
        help="these side by side: candidates, champion, versions (v3), environments, fingerprints",
    )
    verbs.add("status", "show what serves where", "models", "formats")
    history = verbs.add("history", "show promotions, deployments, tests and gates in order", "models", "formats")
    history.add_argument("--limit", type=count, default=50, metavar="N")
    show = verbs.add("show", "trace MODEL, MODEL@v3 or a commit, back and forward; or show a saved plan", "formats")
    show.add_argument("subject", metavar="MODEL[@vN]|COMMIT|PLAN.json")
    logs = verbs.add("logs", "print the log of a job or an endpoint")
    logs.add_argument("model", metavar="MODEL")
    logs.add_argument("--candidate", metavar="NAME", help="the newest training of this candidate")
    logs.add_argument("--environment", metavar="ENV", help="the endpoint's log")
    logs.add_argument("--tail", type=count, default=0, metavar="N", help="the last N lines only")
    pull = verbs.add("pull", "fetch a released package: model, serving code, description")
    pull.add_argument("subject", metavar="MODEL[@vN]")
    pull.add_argument("--output", metavar="DIR", help="the folder to write (default: MODEL-vN)")


def _using(verbs: _Verbs) -> None:
    batch = verbs.add("batch", "send the rows of files through a released package; nothing is left running")
    batch.add_argument("model", metavar="MODEL")
    place = "a path, or an s3:// address"
    batch.add_argument(
        "--input", required=True, metavar="PATH", help=f"rows without label, or a folder of them: {place}"
    )
    batch.add_argument("--output", required=True, metavar="PATH", help=f"where the predictions go: {place}")
    which = batch.add_mutually_exclusive_group()
    which.add_argument("--environment", default="", metavar="ENV", help="what this environment serves")
    which.add_argument("--version", default="", metavar="N", help="this version, such as v3")


def _storing(verbs: _Verbs) -> None:
    store = verbs.add("store", "look after the store: check it, merge another into it, take out what nothing needs")
    below = store.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=_Parser)
    store.verbs = below.choices
    actions = verbs.below(below)
    actions.add("check", "verify every artifact and record", "formats")
    merge = actions.add("merge", "copy what another store has and this one lacks", "formats")
    merge.add_argument("source", metavar="SRC", help="the folder of the other store")
    merge.add_argument("--dry-run", action="store_true", help="copy nothing, tell what would be")
    gc = actions.add("gc", "list what nothing needs any more, and with --yes take it out", "formats")
    gc.add_argument("--older-than", default="", metavar="AGE", help="trainings older than 30d, 12h, 4w go too")
    gc.add_argument("--keep", type=count, metavar="N", help="trainings beyond the N newest of a candidate go too")
    gc.add_argument("--yes", action="store_true", help="take it out")


def _pinning(verbs: _Verbs) -> None:
    data = verbs.add("data", "look after data on S3: pin says which content of it the manifests mean")
    below = data.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=_Parser)
    data.verbs = below.choices
    verbs.below(below).add("pin", "write the version of what is there now into model.yaml", "models")


def _testing(verbs: _Verbs) -> None:
    testing = verbs.add("testing", "start what your own tests need: an AWS on this machine")
    below = testing.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=_Parser)
    testing.verbs = below.choices
    aws = verbs.below(below).add("aws", "serve a loopback AWS until Ctrl-C; prints the variables that lead to it")
    aws.add_argument("what", choices=["start"], metavar="start")
    aws.add_argument("--port", type=port, default=0, metavar="N", help="its port (default: a free one)")
    aws.add_argument("--root", metavar="DIR", help="where its jobs' files are (default: a folder that goes with it)")
    aws.add_argument(
        "--stop-grace",
        type=seconds,
        default=120,
        metavar="SECONDS",
        help="between SIGTERM and SIGKILL of a job that is stopped (default 120, as AWS)",
    )


def _shared(parser: argparse.ArgumentParser, *, suppress: bool) -> None:
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


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the parsed command line; exits with 64 where it is wrong."""
    parser = make_parser()
    found, unknown = parser.parse_known_args(arguments)
    asked = parser.verbs.get(found.verb or "", parser)
    if unknown:
        asked.refuse("option" if unknown[0].startswith("-") else "argument", unknown[0], asked.options())
    if found.verb is None:
        parser.print_help()
        parser.exit(64)
    return found
