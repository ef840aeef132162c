"""A private target's releases: the same port, with the store in the place of the branch; nothing is committed."""

from __future__ import annotations

import json

from mlops_ci.model import Tree
from mlops_ci.plan.passed import Passed
from mlops_ci.ports.commits import Commits
from mlops_ci.ports.repository import Head, Landed, Landing, LostRace, ReleaseCommit, Repository
from mlops_ci.ports.stores import RecordStore

PREFIX = "@releases/"


class PrivateRepository:
    """Implements `ports.Repository` and `ports.Landings`.

    What is on disk counts as released state's base, and releases are records: the n-th is the record `@releases/<n>`;
    put-if-absent decides who lands.
    """

    def __init__(self, inner: Repository, records: RecordStore) -> None:
        self._inner = inner
        self._records = records

    def head(self) -> Head:
        """Return what is checked out."""
        return self._inner.head()

    def tip(self, *, fetch: bool) -> str:  # noqa: ARG002 - nobody else writes here but through the store
        """Return the name of the newest release."""
        return f"private-{len(self._landed())}"

    def worktree(self, scope: tuple[str, ...] = ()) -> Tree:
        """Return the files as they lie on disk."""
        return self._inner.worktree(scope)

    def tree(self, commit: str, scope: tuple[str, ...] = ()) -> Tree:
        """Return the files on disk with the release files of that release over them; other commits as they are."""
        if not commit.startswith("private-"):
            return self._inner.tree(commit, scope)
        files: dict[str, bytes] = {}
        for content in self._landed()[: int(commit.removeprefix("private-"))]:
            files.update({path: text.encode() for path, text in json.loads(content)["files"].items()})
        return Overlay(self._inner.worktree(scope), files)

    def land(self, change: ReleaseCommit) -> Landed | LostRace:
        """Put the next release, if nobody else did."""
        number = int(change.base.removeprefix("private-")) + 1
        files = {path: content.decode() for path, content in change.files}
        content = json.dumps({"files": files, "message": change.message, "tag": change.tag}, indent=1).encode()
        if self._records.put(f"{PREFIX}{number:08d}", content):
            return Landed(f"private-{number}")
        return LostRace("another command released meanwhile")

    def landed(self, tip: str, paths: tuple[str, ...]) -> tuple[Landing, ...]:
        """Return the releases up to `tip` that changed one of these files, first to last; nobody noted when."""
        found = enumerate(map(json.loads, self._landed()[: int(tip.removeprefix("private-"))]))
        return tuple(
            Landing(f"private-{number + 1}", f"private-{number}", "", about["message"])
            for number, about in found
            if set(paths) & set(about["files"])
        )

    def follow(self, tip: str) -> None:
        """Do nothing: what is checked out has no part in it."""

    def identity(self) -> str:
        """Return `name <email>` as git is configured."""
        return self._inner.identity()

    def _landed(self) -> list[bytes]:
        return [content for _, content in self._records.scan(PREFIX)]


class PrivateCommits:
    """Implements `ports.Commits`: git's history, and beside it the releases of a private target."""

    def __init__(self, inner: Commits, records: RecordStore) -> None:
        self._inner = inner
        self._records = records

    def find(self, name: str) -> str:
        """Return the commit that a name stands for, or an empty string."""
        return self._inner.find(name)

    def fork(self, one: str, other: str) -> str:
        """Return the last commit that two have in common, or an empty string."""
        return self._inner.fork(one, other)

    def since(self, base: str, tip: str) -> tuple[Passed, ...] | None:
        """Return the releases between two, or the commits; None where the one does not descend from the other."""
        if not any(end.startswith("private-") for end in (base, tip)):
            return self._inner.since(base, tip)
        if not all(end.startswith("private-") for end in (base, tip)):
            return None
        first, last = (int(end.removeprefix("private-")) for end in (base, tip))
        landed = [json.loads(content) for _, content in self._records.scan(PREFIX)]
        if not first <= last <= len(landed):
            return None
        return tuple(
            Passed(f"private-{at + 1}", str(one["message"]).partition("\n")[0], tuple(sorted(one["files"])))
            for at, one in enumerate(landed[first:last], first)
        )

    def is_shallow(self) -> bool:
        """Return whether the clone has only the newest commits."""
        return self._inner.is_shallow()


class Overlay:
    """A tree with some files in the place of its own; they are no part of its blobs."""

    def __init__(self, under: Tree, files: dict[str, bytes]) -> None:
        self._under = under
        self._files = files

    def blobs(self, prefix: str) -> tuple[tuple[str, str], ...]:
        """Return the blobs of the tree below."""
        return self._under.blobs(prefix)

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return a file's bytes, the overlay's first; a release file only from there."""
        if path in self._files:
            return self._files[path][:limit]
        if path.endswith("/release.yaml"):
            raise FileNotFoundError(path)
        return self._under.read(path, limit)

    def links(self, prefix: str) -> tuple[str, ...]:
        """Return the symbolic links of the tree below."""
        return self._under.links(prefix)
