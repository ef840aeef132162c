"""The grammar of `ci`: what looks after a CI system's files, and what starts its builds."""

from __future__ import annotations

from mlops_ci.cli.grammar import Parser, Verbs


def add_ci(verbs: Verbs) -> None:
    """Add the verb `ci` with its actions."""
    ci = verbs.add("ci", "look after the CI system: are its files as they should be, start a batch of builds")
    below = ci.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)
    ci.verbs = below.choices
    actions = verbs.below(below)
    _batch(actions)
    check = actions.add("check", "say which files of `init --ci` have fallen behind or are missing; exits with 1 then")
    check.add_argument("--update", action="store_true", help="write those anew that nobody edited, and what is missing")


def _batch(actions: Verbs) -> None:
    batch = actions.add("batch", "train with one CodeBuild build a candidate, and wait for them", "models")
    batch.add_argument(
        "--project", default="", metavar="NAME", help="the CodeBuild project to start (default: the one this runs in)"
    )


def add_handing(verbs: Verbs) -> None:
    """Add what builds say to verbs: where a JUnit report goes, and CodeBuild's form of what is handed on."""
    for name, what in (
        ("validate", "a case a model, and one a file that is wrong"),
        ("evaluate", "a case a candidate"),
        ("test", "a case a check"),
        ("gate", "a case a piece of evidence"),
    ):
        verbs.named(name).add_argument(
            "--junit", metavar="FILE", help=f"write a JUnit report, also where it fails: {what}"
        )
    for name in ("plan", "gate"):
        for action in verbs.named(name)._actions:  # noqa: SLF001 - argparse has no other way to an option
            if "--format" in action.option_strings and action.choices is not None:
                action.choices = (*action.choices, "codebuild")
                action.help = f"{action.help}; codebuild: text, and variables to export"
