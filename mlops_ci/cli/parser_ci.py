"""The grammar of `ci`: what looks after a CI system's files, and what starts its builds."""

from __future__ import annotations

from mlops_ci.cli.grammar import Parser, Verbs


def add_ci(verbs: Verbs) -> None:
    """Add the verb `ci` with its actions."""
    ci = verbs.add("ci", "look after the CI system: start a batch of builds")
    below = ci.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)
    ci.verbs = below.choices
    actions = verbs.below(below)
    _batch(actions)


def _batch(actions: Verbs) -> None:
    batch = actions.add("batch", "train with one CodeBuild build a candidate, side by side, and wait for them", "models")
    batch.add_argument(
        "--project", default="", metavar="NAME", help="the CodeBuild project to start (default: the one this runs in)"
    )
