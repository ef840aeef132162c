"""What the jobs of a CI system say to verbs, beside what people do."""

from __future__ import annotations

from mlops_ci.cli.grammar import Verbs


def add_waiting(verbs: Verbs) -> None:
    """Add the options by which one job hands on to the next what waits, and by which drift is an exit code."""
    for name, about in (
        ("approve", "these alone, and only where exactly that version waits; empty: nothing is done"),
        ("deploy", "the models of this list alone; empty: nothing is done"),
    ):
        verbs.named(name).add_argument(
            "--waiting", metavar="LIST", help=f"{about} (MODEL@vN,..., as `gate --format github` says)"
        )
    for name in ("promote", "deploy", "run"):
        verbs.named(name).add_argument(
            "--may-wait",
            action="store_true",
            help="exit with 0 where nothing is left but a pull request of ours that somebody must merge",
        )
    verbs.named("status").add_argument(
        "--detailed-exitcode", action="store_true", help="exit with 2 where something else serves than git says"
    )
