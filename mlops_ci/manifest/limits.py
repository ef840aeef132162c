"""How many problems of one kind are told: a file that was made to be wrong costs no more time than others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlops_ci.diagnostics import Diagnostic, Span

MOST = 100
"""Of one gate in one file, and of one rule in one model."""


def bounded(found: Iterable[Diagnostic], path: str) -> Iterator[Diagnostic]:
    """Yield the first problems; where there are more, one that says so, as severe as they are."""
    last: Diagnostic | None = None
    for number, diagnostic in enumerate(found):
        if last is not None and number == MOST:
            yield more(path, last)
            return
        yield diagnostic
        last = diagnostic


def more(path: str, like: Diagnostic) -> Diagnostic:
    """Return the problem that there are more of them than are told."""
    return Diagnostic(
        "more-problems",
        Span(path),
        f"there are more problems like these than the {MOST} that are told",
        detail=f"the last one told is `{like.code}`",
        hint="mend these first, then type `mlops-ci validate`",
        severity=like.severity,
    )
