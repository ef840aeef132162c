"""git's history, as the house needs it: which commit a name stands for, and what lies between two of them."""

from __future__ import annotations

from typing import Protocol

from mlops_ci.plan.passed import Passed


class Commits(Protocol):
    """The commits of the project's repository. Implementations pass `tests/contracts/commits.py`; none fetches."""

    def find(self, name: str) -> str:
        """Return the commit that a branch, a tag, or the start of a commit's name stands for; empty for none."""
        ...

    def fork(self, one: str, other: str) -> str:
        """Return the last commit that two have in common, or an empty string."""
        ...

    def since(self, base: str, tip: str) -> tuple[Passed, ...] | None:
        """Return the commits that came to `base` until `tip`, oldest first.

        None where `tip` does not descend from `base`, or one of them is not here.
        """
        ...

    def is_shallow(self) -> bool:
        """Return whether the clone has only the newest commits."""
        ...
