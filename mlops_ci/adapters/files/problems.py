"""Problems of data files, gathered with their places: the first of them, not the first one only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from mlops_ci.diagnostics import Diagnostic, Span
from mlops_ci.errors import ManifestError

LIMIT = 20
EXCERPT = 160


@dataclass(slots=True)
class Problems:
    """Gathers diagnostics about one dataset. A table may be wrong in every row: reading ends at `LIMIT`."""

    found: list[Diagnostic] = field(default_factory=list)

    def add(
        self, code: str, path: str, summary: str, *, line: int = 0, detail: str = "", hint: str = "", excerpt: str = ""
    ) -> None:
        """Keep a problem; `line` 0 is the whole file.

        Raises:
            ManifestError: this was the last one that is of use.

        """
        span = Span(path, line, 1 if line else 0, min(len(excerpt), EXCERPT) + 1 if line else 0)
        self.found.append(Diagnostic(code, span, summary, detail, hint, excerpt=excerpt[:EXCERPT]))
        if len(self.found) >= LIMIT:
            self.check()

    def check(self) -> None:
        """Return if nothing is wrong so far.

        Raises:
            ManifestError: something is; all that was found is in it.

        """
        if self.found:
            raise ManifestError(tuple(self.found))


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint with the known name that is nearest to `name`; empty where none is near."""
    close = get_close_matches(name, list(known), n=1)
    return f"did you mean `{close[0]}`?" if close else ""
