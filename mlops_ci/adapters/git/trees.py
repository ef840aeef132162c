"""Snapshots of the project's files: a commit, and the working tree with the blob ids that git would give it."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from mlops_ci.adapters.git.listing import Blobs, Listing
from mlops_ci.adapters.git.process import Git, quiet
from mlops_ci.errors import ProviderError


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

    def _list(self, scope: tuple[str, ...]) -> Callable[[], Blobs]:
        # The prefix as a path and not as `commit:prefix`: a commit may be older than the project's folder.
        listed = self._git.start("ls-tree", "-r", "-z", "--full-tree", self._commit, *_spec(self._prefix, scope))

        def wait() -> Blobs:
            pairs = (entry.split(b"\t", 1) for entry in listed.output().split(b"\0") if entry)
            cut = len(self._prefix.encode(errors="surrogateescape"))
            return tuple(
                sorted(
                    (path[cut:].decode(errors="surrogateescape"), meta.rpartition(b" ")[2].decode())
                    for meta, path in pairs
                )
            )

        return wait


class WorkTree:
    """The project's files on disk: what git tracks, and what it would add. Three git processes whatever the size.

    `scope` are the places that will be asked for; another one costs three more.
    """

    def __init__(self, git: Git, prefix: str, project: Path, scope: tuple[str, ...] = ()) -> None:
        self._git = git
        self._prefix = prefix
        self._project = project
        self._listing = Listing(self._list, scope)

    def blobs(self, prefix: str) -> Blobs:
        """Return sorted (path, blob id) pairs at or below `prefix`."""
        return self._listing.blobs(prefix)

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return a file's bytes, also of one that git ignores.

        Raises:
            FileNotFoundError: there is no such file in the project.
            IsADirectoryError: it is a folder.

        """
        place = self._project / path
        if place.is_dir():
            raise IsADirectoryError(path)
        if not place.is_file():
            raise FileNotFoundError(path)
        with place.open("rb") as stream:
            return stream.read() if limit is None else stream.read(limit)

    def _list(self, scope: tuple[str, ...]) -> Callable[[], Blobs]:
        spec = _spec(self._prefix, scope)
        kept = self._git.start("ls-files", "-z", "-s", *spec)
        touched = self._git.start("ls-files", "-z", "-t", "-m", "-d", "-o", "--exclude-standard", *spec)

        def wait() -> Blobs:
            tracked: dict[str, str] = {}
            for entry in kept.output().decode(errors="surrogateescape").split("\0"):
                if entry:
                    meta, path = entry.split("\t", 1)
                    mode, blob, _ = meta.split(" ")
                    if mode != "160000":  # a submodule has no bytes of its own
                        tracked[path] = blob
            changed = self._changed(touched.output(), tracked)
            if changed:
                names = "\n".join(changed).encode(errors="surrogateescape") + b"\n"
                made = self._git.run("hash-object", "--stdin-paths", stdin=names).decode().split()
                tracked.update(zip(changed, made, strict=True))
            cut = len(self._prefix)
            return tuple(sorted((name[cut:], blob) for name, blob in tracked.items()))

        return wait

    def _changed(self, listed: bytes, tracked: dict[str, str]) -> list[str]:
        """Return the files to hash, sorted; one that is gone leaves `tracked`."""
        changed: set[str] = set()
        for entry in listed.split(b"\0"):
            if not entry:
                continue
            name = entry[2:].decode(errors="surrogateescape")
            if (self._git.folder / name).is_file():
                changed.add(name)
            else:
                tracked.pop(name, None)
        return sorted(name for name in changed if "\n" not in name)


def _spec(prefix: str, scope: tuple[str, ...]) -> tuple[str, ...]:
    """Return the paths of a scope as git takes them: literally."""
    places = tuple(prefix + place for place in scope) or ((prefix,) if prefix else ())
    return ("--", *places) if places else ()
