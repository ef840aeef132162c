"""Where in the git repository a diagnostic stands, as code hosts want it: a project may be a subfolder."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_ci.diagnostics import Span


@dataclass(frozen=True, slots=True)
class Root:
    """The top folder of the git repository, and the project's place in it: empty, or `a/b/`.

    Both are empty where there is no repository.
    """

    folder: str = ""
    prefix: str = ""

    def path(self, span: Span) -> str:
        """Return a span's path from the top of the repository; empty where it lies outside."""
        if not span.path.startswith("/"):
            return self.prefix + span.path
        if self.folder and f"{span.path}/".startswith(f"{self.folder.rstrip('/')}/"):
            return span.path[len(self.folder.rstrip("/")) + 1 :] or "."
        return ""
