"""Snapshots of the project's files: a commit, and the working tree with the blob ids that git would give it."""

from __future__ import annotations

import subprocess
import threading
from bisect import bisect_left
from pathlib import Path

from mlops_ci.adapters.git.process import Git, quiet
from mlops_ci.errors import ProviderError

Blobs = tuple[tuple[str, str], ...]


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
        pairs = (entry.split(b"\t", 1) for entry in listed.split(b"\0") if entry)
        cut = len(prefix.encode(errors="surrogateescape"))
        self._blobs: Blobs = tuple(
            sorted((path[cut:].decode(errors="surrogateescape"), meta.split()[2].decode()) for meta, path in pairs)
        )
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
        for entry in git.run("ls-files", "-z", "-s", *spec).split(b"\0"):
            if entry:
                meta, path = entry.split(b"\t", 1)
                mode, blob, _ = meta.split()
                if mode != b"160000":  # a submodule has no bytes of its own
                    tracked[path.decode(errors="surrogateescape")] = blob.decode()
        changed: list[str] = []
        for entry in git.run("ls-files", "-z", "-t", "-m", "-d", "-o", "--exclude-standard", *spec).split(b"\0"):
            if not entry:
                continue
            name = entry[2:].decode(errors="surrogateescape")
            if (git.folder / name).is_file():
                changed.append(name)
            else:
                tracked.pop(name, None)
        plain = sorted({name for name in changed if "\n" not in name})
        if plain:
            names = "\n".join(plain).encode(errors="surrogateescape") + b"\n"
            made = git.run("hash-object", "--stdin-paths", stdin=names).decode().split()
            tracked.update(zip(plain, made, strict=True))
        cut = len(prefix)
        self._blobs: Blobs = tuple(sorted((name[cut:], blob) for name, blob in tracked.items()))

    def blobs(self, prefix: str) -> Blobs:
        """Return sorted (path, blob id) pairs at or below `prefix`."""
        return below(self._blobs, prefix)

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
