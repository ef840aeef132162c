"""Snapshots of the project's files: a commit, and the working tree with the blob ids that git would give it."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from mlops_ci.adapters.git.listing import Blobs, Listed, Listing
from mlops_ci.adapters.git.process import Git, quiet
from mlops_ci.errors import ProviderError

_FILE, _LINK = b"100", b"120"
"""How the modes of files and of symbolic links begin in git's lists; a submodule (160) has no bytes of its own."""


class CommitTree:
    """The project's files in a commit. One `git ls-tree` and one `git cat-file --batch` serve every call.

    `scope` are the places that will be asked for; another one costs a second `git ls-tree`.
    """

    def __init__(self, git: Git, prefix: str, commit: str, scope: tuple[str, ...] = ()) -> None:
        self._git = git
        self._prefix = prefix
        self._commit = commit
        self._reader: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._lock = threading.Lock()
        self._listing = Listing(self._list, scope)

    def blobs(self, prefix: str) -> Blobs:
        """Return sorted (path, blob id) pairs at or below `prefix`."""
        return self._listing.blobs(prefix)

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return a file's bytes.

        Raises:
            FileNotFoundError: the commit has no such file.

        """
        blob = self._listing.id_of(path)
        if blob is None:
            raise FileNotFoundError(path)
        with self._lock:
            if self._reader is None or self._owner != os.getpid():  # a forked child has a reader of its own
                self._owner = os.getpid()
                self._reader = subprocess.Popen(
                    ["git", "cat-file", "--batch"],
                    cwd=self._git.folder,
                    env=quiet(self._git.environment),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                )
            assert self._reader.stdin  # noqa: S101 - both are pipes
            assert self._reader.stdout  # noqa: S101
            self._reader.stdin.write(blob.encode() + b"\n")
            self._reader.stdin.flush()
            header = self._reader.stdout.readline().split()
            if len(header) != 3:
                raise ProviderError(f"git has no object {blob} (`{path}`)", hint="git fetch --unshallow")
            content = self._reader.stdout.read(int(header[2]) + 1)[:-1]
        return content if limit is None else content[:limit]

    def close(self) -> None:
        """End the reader."""
        if self._reader is not None and self._reader.stdin and self._reader.stdout:
            self._reader.stdin.close()
            self._reader.stdout.close()
            self._reader.wait()
            self._reader = None

    def links(self, prefix: str) -> tuple[str, ...]:
        """Return the sorted paths of the commit's symbolic links at or below `prefix`, or above it."""
        return self._listing.links(prefix)

    def _list(self, scope: tuple[str, ...]) -> Callable[[], Listed]:
        # The prefix as a path and not as `commit:prefix`: a commit may be older than the project's folder.
        listed = self._git.start("ls-tree", "-r", "-z", "--full-tree", self._commit, *_spec(self._prefix, scope))

        def wait() -> Listed:
            cut = len(self._prefix.encode(errors="surrogateescape"))
            found: list[tuple[str, str]] = []
            links: list[str] = []
            for entry in listed.output().split(b"\0"):
                if entry.startswith(_FILE):
                    meta, path = entry.split(b"\t", 1)
                    found.append((path[cut:].decode(errors="surrogateescape"), meta.rpartition(b" ")[2].decode()))
                elif entry.startswith(_LINK):
                    links.append(entry.split(b"\t", 1)[1][cut:].decode(errors="surrogateescape"))
            return tuple(sorted(found)), tuple(sorted(links))

        return wait


class WorkTree:
    """The project's files on disk: what git tracks, and what it would add. Three git processes whatever the size.

    `scope` are the places that will be asked for; another one costs three more.
    """

    def __init__(self, git: Git, prefix: str, project: Path, scope: tuple[str, ...] = ()) -> None:
        self._git = git
        self._prefix = prefix
        self._project = project
        # git refuses to look beyond a link; the whole listing says that there is one.
        leads_away = any(place.is_symlink() for path in scope for place in _above(project, path))
        self._listing = Listing(self._list, () if leads_away else scope)

    def blobs(self, prefix: str) -> Blobs:
        """Return sorted (path, blob id) pairs at or below `prefix`."""
        return self._listing.blobs(prefix)

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return a file's bytes, also of one that git ignores.

        Raises:
            FileNotFoundError: there is no such file in the project, or a symbolic link leads to it that git does not
                ignore.
            IsADirectoryError: it is a folder.

        """
        place = self._project / path
        if self._is_behind_a_link(path):
            raise FileNotFoundError(path)
        if place.is_dir():
            raise IsADirectoryError(path)
        if not place.is_file():
            raise FileNotFoundError(path)
        with place.open("rb") as stream:
            return stream.read() if limit is None else stream.read(limit)

    def links(self, prefix: str) -> tuple[str, ...]:
        """Return the sorted paths of the links that git tracks or would add, at or below `prefix`, or above it."""
        return self._listing.links(prefix)

    def _is_behind_a_link(self, path: str) -> bool:
        """Return whether a link leads to a path that git does not ignore; git is asked only where the disk has one."""
        parts = path.split("/")
        places = ("/".join(parts[: at + 1]) for at in range(len(parts)))
        if not any((self._project / place).is_symlink() for place in places):
            return False
        return any(path == link or path.startswith(f"{link}/") for link in self.links(path))

    def _list(self, scope: tuple[str, ...]) -> Callable[[], Listed]:
        # With a slash behind it git walks to a folder, without one it looks for it everywhere: ten times as long.
        places = tuple(f"{place}/" if (self._project / place).is_dir() else place for place in scope)
        spec = _spec(self._prefix, places)
        kept = self._git.start("ls-files", "-z", "-s", "-v", *spec)
        touched = self._git.start("ls-files", "-z", "-t", "-m", "-d", "-o", "--exclude-standard", *spec)

        def wait() -> Listed:
            tracked: dict[str, str] = {}
            links: set[str] = set()
            unwatched: list[str] = []
            for entry in kept.output().decode(errors="surrogateescape").split("\0"):
                if entry.startswith("100", 2):
                    meta, path = entry.split("\t", 1)
                    tracked[path] = meta.split(" ")[2]
                    if entry[0] != "H" and (self._git.folder / path).is_file():
                        unwatched.append(path)  # git was told not to look: `update-index --assume-unchanged`
                elif entry.startswith("120", 2):
                    links.add(entry.split("\t", 1)[1])
            changed = sorted({*self._changed(touched.output(), tracked, links), *unwatched})
            if links:  # what git tracks where now a link stands, it finds through the link
                tracked = {name: blob for name, blob in tracked.items() if not _is_behind(links, name)}
                changed = [name for name in changed if not _is_behind(links, name)]
            if changed:
                tracked.update(_hashed(self._git, changed))
            cut = len(self._prefix)
            blobs = tuple(sorted((name[cut:], blob) for name, blob in tracked.items()))
            return blobs, tuple(sorted(name[cut:] for name in links))

        return wait

    def _changed(self, listed: bytes, tracked: dict[str, str], links: set[str]) -> list[str]:
        """Return the files to hash, sorted; one that is gone leaves `tracked`, and what is a link now joins `links`."""
        changed: set[str] = set()
        for entry in listed.split(b"\0"):
            if not entry:
                continue
            name = entry[2:].decode(errors="surrogateescape")
            place = self._git.folder / name
            links.discard(name)
            if place.is_symlink():
                links.add(name)
                tracked.pop(name, None)
            elif place.is_file():
                changed.add(name)
            else:
                tracked.pop(name, None)
        return sorted(changed)


def _is_behind(links: set[str], path: str) -> bool:
    """Return whether a path lies below one of the links."""
    at = path.rfind("/")
    while at > 0:
        if path[:at] in links:
            return True
        at = path.rfind("/", 0, at)
    return False


def _hashed(git: Git, names: list[str]) -> dict[str, str]:
    """Return the blob ids that git gives to files; names with a line end, which are rare, cost a process more."""
    plain = [name for name in names if "\n" not in name]
    odd = [name for name in names if "\n" in name]
    found: dict[str, str] = {}
    if plain:
        listed = "\n".join(plain).encode(errors="surrogateescape") + b"\n"
        made = git.run("hash-object", "--stdin-paths", stdin=listed).decode().split()
        found.update(zip(plain, made, strict=True))
    for start in range(0, len(odd), 100):
        some = odd[start : start + 100]
        found.update(zip(some, git.run("hash-object", "--", *some).decode().split(), strict=True))
    return found


def _above(project: Path, path: str) -> list[Path]:
    """Return the folders between the project and a path."""
    parts = path.split("/")[:-1]
    return [project.joinpath(*parts[: end + 1]) for end in range(len(parts))]


def _spec(prefix: str, scope: tuple[str, ...]) -> tuple[str, ...]:
    """Return the paths of a scope as git takes them: literally."""
    places = tuple(prefix + place for place in scope) or ((prefix,) if prefix else ())
    return ("--", *places) if places else ()
