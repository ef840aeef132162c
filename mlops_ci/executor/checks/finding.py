"""What a check finds: a verdict, and the evidence in one sentence."""

from __future__ import annotations

from dataclasses import dataclass

PASSED, INCONCLUSIVE, ERRORED, FAILED = "passed", "inconclusive", "errored", "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict (one of the four words) with its evidence; `lines` is what a person may want to read beside it."""

    verdict: str
    evidence: str
    lines: tuple[str, ...] = ()


def clipped(text: str, length: int = 160) -> str:
    """Return the text on one line, cut to `length` characters."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 3]}..."
