"""Snapshots of the project's files: a commit, and the working tree with the blob ids that git would give it."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from mlops_ci.adapters.git.listing import Blobs, Listed, Listing, covered
from mlops_ci.adapters.git.process import Git, quiet
from mlops_ci.errors import ProviderError

_FILE, _LINK = "100", "120"
"""How the modes of files and of symbolic links begin in git's lists; a submodule has no bytes of its own."""


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

    def links(self, prefix: str = "") -> tuple[str, ...]:
        """Return the sorted paths of the symbolic links at or below `prefix`."""
        return self._listing.links(prefix)

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

    def _list(self, scope: tuple[str, ...]) -> Callable[[], Listed]:
        # The prefix as a path and not as `commit:prefix`: a commit may be older than the project's folder.
        listed = self._git.start("ls-tree", "-r", "-z", "--full-tree", self._commit, *_spec(self._prefix, scope))

        def wait() -> Listed:
            cut = len(self._prefix)
            found: list[tuple[str, str]] = []
            links: list[str] = []
            for entry in _entries(listed.output()):
                meta, path = entry.split("\t", 1)
                if meta.startswith(_FILE):
                    found.append((path[cut:], meta.rpartition(" ")[2]))
                elif meta.startswith(_LINK):
                    links.append(path[cut:])
            return Listed(tuple(sorted(found)), tuple(sorted(links)))

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

    def links(self, prefix: str = "") -> tuple[str, ...]:
        """Return the sorted paths of the symbolic links at or below `prefix` that git tracks or would add."""
        return self._listing.links(prefix)

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return a file's bytes, also of one that git ignores.

        Raises:
            FileNotFoundError: there is no such file in the project, or a symbolic link leads to it that git does not
                ignore.
            IsADirectoryError: it is a folder.

        """
        place = self._project / path
        leads_away = self._listing.leads_away(path)
        if place.is_dir() and not leads_away:
            raise IsADirectoryError(path)
        if leads_away or not place.is_file():
            raise FileNotFoundError(path)
        with place.open("rb") as stream:
            return stream.read() if limit is None else stream.read(limit)

    def _list(self, scope: tuple[str, ...]) -> Callable[[], Listed]:
        spec = _spec(self._prefix, scope)
        kept = self._git.start("ls-files", "-z", "-s", *spec)
        touched = self._git.start("ls-files", "-z", "-t", "-m", "-d", "-o", "--exclude-standard", *spec)

        def wait() -> Listed:
            tracked: dict[str, str] = {}
            links: set[str] = set()
            for entry in _entries(kept.output()):
                meta, path = entry.split("\t", 1)
                if meta.startswith(_FILE):
                    tracked[path] = meta.split(" ")[1]
                elif meta.startswith(_LINK):
                    links.add(path)
            changed = self._changed(_entries(touched.output()), tracked, links)
            tracked.update(_hashed(self._git, sorted(name for name in changed if not covered(links, name))))
            if links:  # what git tracks where now a link stands, it finds through the link
                tracked = {name: blob for name, blob in tracked.items() if not covered(links, name)}
            cut = len(self._prefix)
            blobs = tuple(sorted((name[cut:], blob) for name, blob in tracked.items()))
            return Listed(blobs, tuple(sorted(link[cut:] for link in links)))

        return wait

    def _changed(self, listed: list[str], tracked: dict[str, str], links: set[str]) -> set[str]:
        """Return the files to hash; one that is gone leaves `tracked`, one that is a link now goes to `links`."""
        changed: set[str] = set()
        for name in (entry[2:] for entry in listed):
            place = self._git.folder / name
            links.discard(name)
            if place.is_symlink():
                links.add(name)
                tracked.pop(name, None)
            elif place.is_file():
                changed.add(name)
            else:
                tracked.pop(name, None)
        return changed


def _entries(listed: bytes) -> list[str]:
    """Return what git separated by NUL."""
    return [entry for entry in listed.decode(errors="surrogateescape").split("\0") if entry]


def _above(project: Path, path: str) -> list[Path]:
    """Return the folders between the project and a path."""
    parts = path.split("/")[:-1]
    return [project.joinpath(*parts[: end + 1]) for end in range(len(parts))]


def _spec(prefix: str, scope: tuple[str, ...]) -> tuple[str, ...]:
    """Return the paths of a scope as git takes them: literally."""
    places = tuple(prefix + place for place in scope) or ((prefix,) if prefix else ())
    return ("--", *places) if places else ()


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
