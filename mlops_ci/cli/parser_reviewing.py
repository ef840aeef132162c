"""The grammar of the verb that comments on pull requests."""

from __future__ import annotations

from mlops_ci.cli.grammar import Verbs


def add_comment(verbs: Verbs) -> None:
    """Add `comment`."""
    comment = verbs.add("comment", "say on the pull request what it would do, in one comment", "models", "formats")
    comment.add_argument(
        "--base",
        nargs="?",
        const="auto",
        default="auto",
        metavar="REF",
        help="say what changed since this commit (default: where the branch left the release branch)",
    )
    comment.add_argument("--label", default="", metavar="NAME", help="the name of the project in its repository")
    comment.add_argument(
        "--train", choices=("never", "label", "always"), help="say what training the pull request brings about"
    )
    comment.add_argument(
        "--train-label", default="train", metavar="NAME", help="the label that `--train label` waits for"
    )
    either = comment.add_mutually_exclusive_group()
    either.add_argument("-o", "--out", metavar="FILE", help="write the review to FILE, and comment nothing")
    either.add_argument(
        "--from", dest="source", metavar="FILE", help="comment such a FILE; nothing else is read, nothing is believed"
    )
