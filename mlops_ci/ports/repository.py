"""git, as the house needs it: snapshots to read, and one way to write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from mlops_ci.model import Tree


@dataclass(frozen=True, slots=True)
class Head:
    """The checked-out commit and branch; either may be empty (unborn, detached)."""

    commit: str
    branch: str


@dataclass(frozen=True, slots=True)
class ReleaseCommit:
    """A commit to land on the branch's tip: `files` (path, content) over `base`, and an annotated tag where named."""

    base: str
    files: tuple[tuple[str, bytes], ...]
    message: str
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Landed:
    """The commit is the branch's tip now."""

    commit: str


@dataclass(frozen=True, slots=True)
class LostRace:
    """The tip was no longer `base`; nothing was changed. `reason` says who moved or what refused."""

    reason: str


@dataclass(frozen=True, slots=True)
class Landing:
    """A commit on the branch: its name, its parent's, when it was made (UTC, ISO 8601, or empty), and its message."""

    commit: str
    base: str
    at: str
    message: str


@runtime_checkable
class Landings(Protocol):
    """What landed on the branch before. Implementations pass `tests/contracts/repository.py`."""

    def landed(self, tip: str, paths: tuple[str, ...]) -> tuple[Landing, ...]:
        """Return the commits up to `tip` that changed one of these files, first to last.

        What a shallow clone lacks is left out, and so is a commit that has no parent.
        """
        ...

    def follow(self, tip: str) -> None:
        """Move what is checked out along to the tip, if it lacks nothing but releases: somebody was ended before."""
        ...


class Repository(Protocol):
    """The project's git repository. Implementations pass `tests/contracts/repository.py`."""

    def head(self) -> Head:
        """Return what is checked out."""
        ...

    def tip(self, *, fetch: bool) -> str:
        """Return the commit of the release branch's tip (the remote's where there is one), or an empty string.

        With `fetch`, the remote is asked first.
        """
        ...

    def worktree(self, scope: tuple[str, ...] = ()) -> Tree:
        """Return the files as they lie on disk, with the blob ids that git would give them.

        `scope` says which paths, and what is below them, will be asked for: a repository may then look at less. It
        changes no answer.
        """
        ...

    def tree(self, commit: str, scope: tuple[str, ...] = ()) -> Tree:
        """Return the files of a commit; `scope` as above."""
        ...

    def land(self, change: ReleaseCommit) -> Landed | LostRace:
        """Put a commit on the branch's tip, locally and on the remote; all of it or nothing.

        On the checked-out branch HEAD, index and the files of the change move together.

        Raises:
            ManifestError: one of the files is edited locally.
            ProviderError: the remote refused for another reason than a race.

        """
        ...

    def identity(self) -> str:
        """Return who acts: `name <email>` as git is configured, for approvals and holds."""
        ...
