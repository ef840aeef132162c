"""What the branches of a repository say is released, whoever's they are and wherever their tips are."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mlops_ci.adapters.git.process import Git, open_git

_DIGEST = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_FILES = ("release.yaml", "model.yaml")


@dataclass(frozen=True, slots=True)
class GitBranches:
    """Implements `ports.upkeep.Branches`. Release files are not parsed: a damaged one protects what it names too."""

    project: Path
    environment: Mapping[str, str]

    def released(self) -> frozenset[str]:
        """Return every sha256 that a file called `release.yaml` at the tip of any branch holds, and here on disk."""
        git, _ = open_git(self.project, self.environment)
        blobs = {blob for path, blob in _files(git) if path.endswith("/release.yaml")}
        found = {digest.decode() for content in _contents(git, sorted(blobs)) for digest in _DIGEST.findall(content)}
        here = git.run("ls-files", "-z", "-c", "-o", "--exclude-standard").split(b"\0")
        for place in (git.folder / os.fsdecode(path) for path in here if path.endswith(b"/release.yaml")):
            if place.is_file():
                found |= {digest.decode() for digest in _DIGEST.findall(place.read_bytes())}
        return frozenset(found)

    def models(self) -> frozenset[str]:
        """Return the name of every folder at the tip of any branch that holds a manifest or a release."""
        git, _ = open_git(self.project, self.environment)
        return frozenset(path.rsplit("/", 2)[-2] for path, _ in _files(git) if path.count("/"))


def _files(git: Git) -> Iterator[tuple[str, str]]:
    """Yield (path, blob id) of every manifest and release file at the tip of any branch; a tree is listed once."""
    tips = git.run("for-each-ref", "--format=%(objectname)", "refs/heads", "refs/remotes").decode().split()
    head = git.line("rev-parse", "--verify", "--quiet", "HEAD")
    asked = "".join(f"{tip}^{{tree}}\n" for tip in sorted({*tips, head} - {""}))
    trees = git.run("cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=asked.encode()).decode().splitlines()
    for tree in sorted({line.split()[0] for line in trees if line.endswith(" tree")}):
        for entry in git.run("ls-tree", "-r", "-z", "--full-tree", tree).split(b"\0"):
            meta, _, path = entry.partition(b"\t")
            name = path.decode(errors="surrogateescape")
            if name.endswith(tuple(f"/{file}" for file in _FILES)):
                yield name, meta.split()[2].decode()


def _contents(git: Git, blobs: list[str]) -> Iterator[bytes]:
    said = git.run("cat-file", "--batch", stdin="".join(f"{blob}\n" for blob in blobs).encode()) if blobs else b""
    at = 0
    while at < len(said):
        end = said.index(b"\n", at)
        size = int(said[at:end].split()[2])
        yield said[end + 1 : end + 1 + size]
        at = end + 2 + size
