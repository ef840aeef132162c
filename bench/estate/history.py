"""Commits by `git fast-import`: one process and one pack, however many files; times and authors never differ."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

WHO = "Ada <ada@example.org>"
BEGAN = 1_767_225_600
"""When estates are made: 2026-01-01, so that the same estate has the same commits."""


@dataclass(frozen=True, slots=True)
class Commit:
    """What one commit writes, and the tags that name it."""

    files: tuple[tuple[str, bytes], ...]
    message: str
    tags: tuple[str, ...] = ()


def environment() -> dict[str, str]:
    """Return an environment in which git knows who acts, and nothing of the user's configuration counts."""
    name, _, address = WHO.partition(" <")
    who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER")
           for key, value in (("NAME", name), ("EMAIL", address.rstrip(">")))}  # fmt: skip
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PYTEST_"))}
    return {**kept, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "NO_COLOR": "1"}


def git(folder: Path, *arguments: str, stdin: bytes | None = None) -> str:
    """Return what git printed."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=environment(), input=stdin, stdout=subprocess.PIPE, check=True
    )
    return done.stdout.decode().strip()


def begin(folder: Path) -> None:
    """Make an empty repository."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")


def add(folder: Path, commits: Iterable[Commit], *, since: int = 0) -> tuple[str, ...]:
    """Return the ids of these commits on top of `main`, which is checked out; `since` counts seconds from BEGAN."""
    marks = folder / ".git" / "estate-marks"
    command = ["git", "fast-import", "--quiet", "--date-format=raw", f"--export-marks={marks}"]
    made: list[int] = []
    with subprocess.Popen(command, cwd=folder, env=environment(), stdin=subprocess.PIPE) as importing:
        pipe = importing.stdin
        if pipe is None:
            raise AssertionError("it is a pipe")
        before = b"refs/heads/main^0" if _has_commits(folder) else b""
        for number, commit in enumerate(commits, 1):
            stamp = f"{WHO} {BEGAN + since + number} +0000".encode()
            message = commit.message.encode()
            head = b"commit refs/heads/main\nmark :%d\nauthor %s\ncommitter %s\n" % (number, stamp, stamp)
            pipe.write(head + b"data %d\n%s\n" % (len(message), message))
            if before and number == 1:
                pipe.write(b"from %s\n" % before)
            for path, content in commit.files:
                pipe.write(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content))
            for tag in commit.tags:
                said = b"tagger %s\ndata %d\n%s\n" % (stamp, len(message), message)
                pipe.write(b"tag %s\nfrom :%d\n%s" % (tag.encode(), number, said))
            made.append(number)
    if importing.returncode:
        raise RuntimeError(f"git fast-import ended with {importing.returncode}")
    known = dict(line.split() for line in marks.read_text().splitlines())
    marks.unlink()
    git(folder, "reset", "-q", "--hard", "main")
    git(folder, "pack-refs", "--all")
    return tuple(known[f":{number}"] for number in made)


def _has_commits(folder: Path) -> bool:
    return bool(git(folder, "for-each-ref", "refs/heads/main"))
