"""Snapshots of the project's files: a commit, and the working tree with the blob ids that git would give it."""

from __future__ import annotations

import subprocess
import threading
from bisect import bisect_left
from collections.abc import Collection
from pathlib import Path

from mlops_ci.adapters.git.process import Git, quiet
from mlops_ci.errors import ProviderError

Blobs = tuple[tuple[str, str], ...]

_FILE, _LINK = b"100", b"120"
"""How the modes of files and of symbolic links begin in git's lists."""


def below(blobs: Blobs, prefix: str) -> Blobs:
    """Return the pairs at or below a path; `blobs` are sorted. An empty prefix is everything."""
    if not prefix:
        return blobs
    prefix = prefix.rstrip("/")
    start = bisect_left(blobs, (prefix, ""))
    found = []
    for path, blob in blobs[start:]:
        if path == prefix or path.startswith(prefix + "/"):
            found.append((path, blob))
        elif path > prefix + "0":  # "0" comes right after "/"
            break
    return tuple(found)


class CommitTree:
    """The project's files in a commit. One `git ls-tree` and one `git cat-file --batch` serve every call."""

    def __init__(self, git: Git, prefix: str, commit: str) -> None:
        self._git = git
        self._reader: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        # The prefix as a path and not as `commit:prefix`: a commit may be older than the project's folder.
        listed = git.run("ls-tree", "-r", "-z", "--full-tree", commit, *(("--", prefix) if prefix else ()))
        cut = len(prefix.encode(errors="surrogateescape"))
        found, links = [], []
        for entry in listed.split(b"\0"):
            if not entry.startswith((_FILE, _LINK)):
                continue  # a submodule has no bytes of its own
            meta, path = entry.split(b"\t", 1)
            name = path[cut:].decode(errors="surrogateescape")
            if entry.startswith(_LINK):
                links.append(name)
            else:
                found.append((name, meta.split()[2].decode()))
        self._blobs: Blobs = tuple(sorted(found))
        self._links = tuple(sorted(links))
        self._ids = dict(self._blobs)

    def blobs(self, prefix: str) -> Blobs:
        """Return sorted (path, blob id) pairs at or below `prefix`."""
        return below(self._blobs, prefix)

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return a file's bytes.

        Raises:
            FileNotFoundError: the commit has no such file.

        """
        blob = self._ids.get(path)
        if blob is None:
            raise FileNotFoundError(path)
        with self._lock:
            if self._reader is None:
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

    def links(self) -> tuple[str, ...]:
        """Return the sorted paths of the commit's symbolic links."""
        return self._links

    def close(self) -> None:
        """End the reader."""
        if self._reader is not None and self._reader.stdin and self._reader.stdout:
            self._reader.stdin.close()
            self._reader.stdout.close()
            self._reader.wait()
            self._reader = None


class WorkTree:
    """The project's files on disk: what git tracks, and what it would add. Three git processes whatever the size."""

    def __init__(self, git: Git, prefix: str, project: Path) -> None:
        self._project = project
        spec = ("--", prefix) if prefix else ()
        tracked: dict[str, str] = {}
        links: set[str] = set()
        for entry in git.run("ls-files", "-z", "-s", *spec).split(b"\0"):
            if not entry.startswith((_FILE, _LINK)):
                continue  # a submodule has no bytes of its own
            meta, path = entry.split(b"\t", 1)
            name = path.decode(errors="surrogateescape")
            if entry.startswith(_LINK):
                links.add(name)
            else:
                tracked[name] = meta.split()[1].decode()
        changed: list[str] = []
        for entry in git.run("ls-files", "-z", "-t", "-m", "-d", "-o", "--exclude-standard", *spec).split(b"\0"):
            name = entry[2:].decode(errors="surrogateescape")
            if not name:
                continue
            place = git.folder / name
            links.discard(name)
            if place.is_symlink():
                links.add(name)
                tracked.pop(name, None)
            elif place.is_file():
                changed.append(name)
            else:
                tracked.pop(name, None)
        cut = len(prefix)
        self._links = tuple(sorted(name[cut:] for name in links))
        tracked.update(_hashed(git, sorted(name for name in set(changed) if not covered(links, name))))
        if links:  # what git tracks where now a link stands, it finds through the link
            tracked = {name: blob for name, blob in tracked.items() if not covered(links, name)}
        self._blobs: Blobs = tuple(sorted((name[cut:], blob) for name, blob in tracked.items()))

    def blobs(self, prefix: str) -> Blobs:
        """Return sorted (path, blob id) pairs at or below `prefix`."""
        return below(self._blobs, prefix)

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return a file's bytes, also of one that git ignores.

        Raises:
            FileNotFoundError: there is no such file in the project, or a symbolic link leads to it that git does not
                ignore.
            IsADirectoryError: it is a folder.

        """
        place = self._project / path
        if place.is_dir() and not covered(self._links, path):
            raise IsADirectoryError(path)
        if not place.is_file() or covered(self._links, path):
            raise FileNotFoundError(path)
        with place.open("rb") as stream:
            return stream.read() if limit is None else stream.read(limit)

    def links(self) -> tuple[str, ...]:
        """Return the sorted paths of the symbolic links that git tracks or would add."""
        return self._links


def covered(links: Collection[str], path: str) -> bool:
    """Return whether a path is one of the links, or lies below one."""
    at = len(path)
    while at > 0 and links:
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
