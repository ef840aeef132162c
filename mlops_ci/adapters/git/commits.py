"""The repository's history, read by the git command."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from mlops_ci.adapters.git.process import Git, open_git
from mlops_ci.plan.passed import Passed

_COMMIT = re.compile("[0-9a-f]{40}([0-9a-f]{24})?")
_START = "\x1e"


class GitCommits:
    """Implements `ports.Commits`. Opening costs one git process, and happens with the first question."""

    def __init__(self, project: Path, environment: Mapping[str, str]) -> None:
        self._project = project
        self._environment = environment

    @cached_property
    def _opened(self) -> tuple[Git, str]:
        return open_git(self._project, self._environment)

    def find(self, name: str) -> str:
        """Return the commit that a name stands for, or an empty string."""
        if not name or name.startswith("-") or not name.isprintable():  # an option is no name
            return ""
        git, _ = self._opened
        return git.line("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")

    def fork(self, one: str, other: str) -> str:
        """Return the last commit that two have in common, or an empty string."""
        git, _ = self._opened
        return git.line("merge-base", one, other) if one and other else ""

    def since(self, base: str, tip: str) -> tuple[Passed, ...] | None:
        """Return the commits that came to `base` until `tip`, oldest first; None where it does not descend from it."""
        if base == tip:
            return ()
        git, prefix = self._opened
        if not (_COMMIT.fullmatch(base) and _COMMIT.fullmatch(tip)):
            return None
        if git.attempt("merge-base", "--is-ancestor", base, tip).returncode:
            return None
        # A merge is told by what it brought to its first parent, as people see it on the branch.
        told = git.run(
            "log", "--first-parent", "-m", "--reverse", "--no-renames", "--name-only", "-z",
            f"--format={_START}%H%n%s", f"{base}..{tip}",
        )  # fmt: skip
        return tuple(_passed(told.decode(errors="surrogateescape"), prefix))

    def is_shallow(self) -> bool:
        """Return whether the clone has only the newest commits."""
        git, _ = self._opened
        return git.line("rev-parse", "--is-shallow-repository") == "true"


def _passed(told: str, prefix: str) -> Iterator[Passed]:
    for entry in told.split(_START)[1:]:
        head, *names = entry.split("\0")
        commit, _, subject = head.strip("\n").partition("\n")
        paths = [name for name in (name.lstrip("\n") for name in names) if name]
        inside = tuple(sorted(path.removeprefix(prefix) for path in paths if path.startswith(prefix)))
        yield Passed(commit, subject, inside, len(inside) < len(paths))
