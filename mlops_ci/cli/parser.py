"""The command line's verbs. Only argparse is imported here: start-up time is a feature."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from mlops_ci import __version__
from mlops_ci.cli.grammar import Parser, Verbs, add_shared, count, port, seconds
from mlops_ci.cli.parser_reviewing import add_comment
from mlops_ci.cli.parser_waiting import add_waiting

PATIENCE = 600
"""Seconds for which another command is waited for: longer than most trainings take, shorter than a CI job may."""


def make_parser() -> Parser:
    """Return the parser of every verb."""
    shared = Parser(add_help=False)
    add_shared(shared, suppress=True)
    parser = Parser(
        prog="mlops-ci",
        description="GitOps CI/CD for machine-learning models: manifests in git, plan, train, promote, deploy, gate.",
        epilog="exit codes: 0 done, 1 a job, test or gate said no, 2 changes or drift (--detailed-exitcode), 64 usage, "
        "65 invalid manifest, 69 provider failed, 70 bug, 75 try again, 130 interrupted",
        allow_abbrev=False,
    )
    add_shared(parser, suppress=False)
    parser.add_argument("--version", action="version", version=f"mlops-ci {__version__}")
    actions = parser.add_subparsers(dest="verb", metavar="VERB", parser_class=Parser)
    verbs = Verbs(actions, shared)
    _starting(verbs)
    _working(verbs)
    _deciding(verbs)
    _looking(verbs)
    _using(verbs)
    _imaging(verbs)
    _storing(verbs)
    _pinning(verbs)
    _testing(verbs)
    add_comment(verbs)
    add_waiting(verbs)
    _integrating(verbs)
    parser.verbs = actions.choices
    return parser


def _starting(verbs: Verbs) -> None:
    init = verbs.add("init", "make a project, with an example to start from; overwrites nothing")
    init.add_argument("directory", nargs="?", default=".", metavar="DIR")
    init.add_argument("--example", metavar="NAME", help="an example that ships; they are listed below")
    init.add_argument("--ci", choices=("github", "codebuild"), help="also write the files that a CI system works by")
    init.add_argument("--package", default="", metavar="REQUIREMENT", help="how CI installs mlops-ci, as pip takes it")
    init.closing = _examples
    verbs.add("doctor", "check that this machine has what is needed", "formats")


def _examples() -> str:
    from mlops_ci.commands.init import described

    found = described()
    wide = max(len(name) for name, _ in found)
    return "\n".join(["examples:", *(f"  {name:<{wide}}  {told}" for name, told in found)])


def _working(verbs: Verbs) -> None:
    train = verbs.add("train", "train every candidate that needs it", "models")
    train.add_argument(
        "--candidate",
        action="append",
        default=[],
        metavar="NAME",
        help="only this one; also MODEL/NAME, and several with commas (repeatable)",
    )
    train.add_argument("--replace", action="store_true", help="open a new attempt even where one succeeded")
    verbs.add("evaluate", "evaluate what was trained, through the serving code", "models")
    verbs.add("promote", "let the best become champion, by a commit on the release branch", "models")
    verbs.add("deploy", "make an environment serve what is released for it", "environment", "models")
    verbs.add("test", "test what an environment serves", "environment", "models")
    about = "ask whether an environment opens, and which evidence is missing"
    verbs.add("gate", about, "environment", "models", "formats", "github")
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


def _deciding(verbs: Verbs) -> None:
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


def _looking(verbs: Verbs) -> None:
    verbs.add("validate", "check the manifests", "models", "formats", "every format")
    plan = verbs.add("plan", "show what run would do, and why; touches nothing", "models", "formats", "github")
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
    verbs.add("status", "show what serves where", "models", "formats", "github")
    history = verbs.add("history", "show promotions, deployments, tests and gates in order", "models", "formats")
    history.add_argument("--limit", type=count, default=50, metavar="N")
    show = verbs.add("show", "trace MODEL, MODEL@v3 or a commit, back and forward; or show a saved plan", "formats")
    show.add_argument("subject", metavar="MODEL[@vN]|COMMIT|PLAN.json")
    logs = verbs.add("logs", "print the log of a job or an endpoint")
    logs.add_argument("model", metavar="MODEL")
    logs.add_argument("--candidate", metavar="NAME", help="the newest training of this candidate")
    logs.add_argument("--environment", metavar="ENV", help="the endpoint's log")
    logs.add_argument("--tail", type=count, default=0, metavar="N", help="the last N lines only")
    logs.add_argument(
        "-f", "--follow", action="store_true", help="go on while it grows; the job that runs, if one does"
    )
    pull = verbs.add("pull", "fetch a released package: model, serving code, description")
    pull.add_argument("subject", metavar="MODEL[@vN]")
    pull.add_argument("--output", metavar="DIR", help="the folder to write (default: MODEL-vN)")


def _using(verbs: Verbs) -> None:
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
    notebook = verbs.add("notebook", "look at a candidate by hand, in a notebook with its data and environment")
    notebook.add_argument("model", metavar="MODEL")
    notebook.add_argument("action", choices=("start", "stop", "status"), metavar="start|stop|status")
    notebook.add_argument("--candidate", default="", metavar="NAME", help="whose (default: the champion's)")
    notebook.add_argument("--instance", default="", metavar="TYPE", help="start on this machine, in AWS")
    notebook.add_argument(
        "--idle", type=count, default=60, metavar="MINUTES", help="stop by itself when idle for so long (default 60)"
    )
    notebook.add_argument("--delete", action="store_true", help="stop, and remove it with its disk")


def _storing(verbs: Verbs) -> None:
    store = verbs.add("store", "look after the store: check it, merge another into it, take out what nothing needs")
    below = store.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)
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


def _pinning(verbs: Verbs) -> None:
    data = verbs.add("data", "look after data on S3: pin says which content of it the manifests mean")
    below = data.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)
    data.verbs = below.choices
    verbs.below(below).add("pin", "write the version of what is there now into model.yaml", "models")


def _imaging(verbs: Verbs) -> None:
    image = verbs.add("image", "build the images of Dockerfiles, in an account of AWS")
    below = image.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)
    image.verbs = below.choices
    build = verbs.below(below).add("build", "build each candidate's Dockerfile; what is there is built no more")
    build.add_argument("model", metavar="MODEL")
    build.add_argument("--candidate", metavar="NAME", help="the Dockerfile of this candidate alone")


def _testing(verbs: Verbs) -> None:
    testing = verbs.add("testing", "start what your own tests need: an AWS or a GitHub on this machine")
    below = testing.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)
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
    github = verbs.below(below).add("github", "serve a loopback GitHub until Ctrl-C; prints its variables")
    github.add_argument("what", choices=["start"], metavar="start")
    github.add_argument("--port", type=port, default=0, metavar="N", help="its port (default: a free one)")
    github.add_argument("--root", metavar="DIR", help="where its bare repositories are (default: a folder that goes)")
    github.add_argument("--repository", default="octo/models", metavar="OWNER/NAME", help="the first repository's name")


def _integrating(verbs: Verbs) -> None:
    from mlops_ci.cli.parser_ci import add_ci, add_handing

    add_ci(verbs)
    add_handing(verbs)


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
