"""Which artifacts a fact names."""

from __future__ import annotations

from typing import assert_never

from mlops_ci.records.facts import (
    Approved,
    Decided,
    Evaluated,
    Fact,
    Finished,
    Gated,
    Intent,
    Packaged,
    Promoted,
    Proposed,
    Seen,
    Served,
    Tested,
    Tried,
)


def artifacts_of(fact: Fact) -> tuple[tuple[str, str], ...]:
    """Return (what it is, sha256) of every artifact that a fact names."""
    match fact:
        case Finished():
            return fact.artifacts
        case Packaged():
            return (("model", fact.artifact), ("code", fact.code))
        case Evaluated():
            return (("predictions", fact.predictions), *fact.reports)
        case (
            Intent()
            | Tested()
            | Approved()
            | Gated()
            | Decided()
            | Promoted()
            | Served()
            | Proposed()
            | Seen()
            | Tried()
        ):
            return ()
        case _:
            assert_never(fact)
