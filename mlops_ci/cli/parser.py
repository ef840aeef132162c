"""The command line's grammar. Only argparse is imported here: start-up time is a feature."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from mlops_ci import __version__

FORMATS = ("text", "json", "md")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in our words, and exits with 64 (EX_USAGE)."""

    def error(self, message: str) -> None:  # type: ignore[override]
        self.exit(64, f"error[usage]: {message}\nhint: {self.prog} --help\n")


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of every verb."""
    shared = argparse.ArgumentParser(add_help=False)
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
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", parser_class=_Parser)

    def verb(
        name: str, help_: str, *, environment: bool = False, models: bool = True, formats: bool = False
    ) -> argparse.ArgumentParser:
        made = verbs.add_parser(name, help=help_, description=help_, parents=[shared], allow_abbrev=False)
        made.set_defaults(format="text")
        if formats:
            made.add_argument("--json", dest="format", action="store_const", const="json", help="print JSON")
            made.add_argument("--md", dest="format", action="store_const", const="md", help="print Markdown")
        if environment:
            made.add_argument("environment", metavar="ENV")
        if models:
            made.add_argument("models", nargs="*", metavar="MODEL", help="names or globs; none means all")
        return made

    init = verb("init", "make a project, with an example to start from; overwrites nothing", models=False)
    init.add_argument("directory", nargs="?", default=".", metavar="DIR")
    init.add_argument("--example", metavar="NAME", help="an example that ships: churn")
    verb("validate", "check the manifests", formats=True)
    plan = verb("plan", "show what run would do, and why; touches nothing", formats=True)
    plan.add_argument("--detailed-exitcode", action="store_true", help="exit with 2 where changes are pending")
    train = verb("train", "train every candidate that needs it")
    train.add_argument("--candidate", action="append", default=[], metavar="NAME", help="only this one (repeatable)")
    train.add_argument("--replace", action="store_true", help="open a new attempt even where one succeeded")
    verb("evaluate", "evaluate what was trained, through the serving code")
    board = verb("leaderboard", "show every accuracy, best first", formats=True)
    board.add_argument("--every", action="store_true", help="past evaluations too")
    verb("promote", "let the best become champion, by a commit on the release branch")
    for name, help_ in (
        ("deploy", "make an environment serve what is released for it"),
        ("test", "test what an environment serves"),
        ("gate", "ask whether an environment opens, and which evidence is missing"),
    ):
        verb(name, help_, environment=True)
    approve = verb("approve", "let what waits before an environment in", environment=True)
    approve.add_argument("--why", default="", metavar="TEXT")
    back = verb("rollback", "go back to the version served before, and hold the environment there", environment=True)
    back.add_argument("--to", metavar="VERSION", help="this version instead, such as v3")
    back.add_argument("--why", default="", metavar="TEXT")
    back.add_argument("--all", action="store_true", help="every model")
    verb("release", "end the hold that a rollback put on an environment", environment=True)
    verb("run", "perform the plan: train, evaluate, promote, deploy, test, gate")
    verb("status", "show what serves where", formats=True)
    history = verb("history", "show promotions, deployments, tests and gates in order", formats=True)
    history.add_argument("--limit", type=int, default=50, metavar="N")
    show = verb("show", "trace MODEL, MODEL@v3 or a commit, back and forward", models=False, formats=True)
    show.add_argument("subject", metavar="MODEL[@vN]|COMMIT")
    logs = verb("logs", "print the log of a job or an endpoint", models=False)
    logs.add_argument("model", metavar="MODEL")
    logs.add_argument("--candidate", metavar="NAME", help="the newest training of this candidate")
    logs.add_argument("--environment", metavar="ENV", help="the endpoint's log")
    logs.add_argument("--tail", type=int, default=0, metavar="N", help="the last N lines only")
    pull = verb("pull", "fetch a released package: model, serving code, description", models=False)
    pull.add_argument("subject", metavar="MODEL[@vN]")
    pull.add_argument("--output", metavar="DIR", help="the folder to write (default: MODEL-vN)")
    destroy = verb("destroy", "end an environment's endpoint", environment=True)
    destroy.add_argument("--all", action="store_true", help="every model")
    destroy.add_argument("--yes", action="store_true", help="do not ask")
    verb("doctor", "check that this machine has what is needed", models=False, formats=True)
    return parser


def _shared(parser: argparse.ArgumentParser, *, suppress: bool) -> None:
    def default(value: object) -> object:
        return argparse.SUPPRESS if suppress else value

    parser.add_argument("-C", dest="folder", default=default("."), metavar="DIR", help="work as if started in DIR")
    parser.add_argument("-q", "--quiet", action="store_true", default=default(False), help="only what is wrong")
    parser.add_argument("-v", "--verbose", action="store_true", default=default(False), help="every reason")
    parser.add_argument("-j", "--jobs", type=_count, default=default(0), metavar="N", help="steps at a time")
    parser.add_argument(
        "-k", "--keep-going", action="store_true", default=default(False), help="go on with other models after a failure"
    )
    parser.add_argument("--no-color", action="store_true", default=default(False), help="no colour (also: NO_COLOR)")
    parser.add_argument("--target", default=default(""), metavar="NAME", help="another target; its releases stay private")


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return value


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the parsed command line; exits with 64 where it is wrong."""
    parser = make_parser()
    found = parser.parse_args(arguments)
    if found.verb is None:
        parser.print_help()
        parser.exit(64)
    return found
