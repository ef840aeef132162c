"""git's own lock files. They say nothing of who holds them, so one that stays is told, and never removed by us."""

from __future__ import annotations

import re
import time
from pathlib import Path

from mlops_ci.adapters.git.process import Git
from mlops_ci.errors import ProviderError

_TRIES, _PAUSE = 20, 0.1
"""How often we look whether a lock is gone, and the seconds between: somebody's own `git commit` is short."""

_SAID = re.compile(r"Unable to create '([^']*\.lock)': File exists")


def standing_locks(git: Git, branch: str) -> tuple[Path, ...]:
    """Return the locks that would keep HEAD, the index or a branch from moving, and stay; empty where all is free."""
    names = ("HEAD.lock", "index.lock", f"refs/heads/{branch}.lock")
    said = git.run("rev-parse", *(word for name in names for word in ("--git-path", name))).decode()
    places = tuple(Path(git.folder, line) for line in said.splitlines())
    for _ in range(_TRIES):
        if not any(place.exists() for place in places):
            return ()
        time.sleep(_PAUSE)
    return tuple(place for place in places if place.exists())


def left_behind(locks: tuple[Path, ...]) -> ProviderError:
    """Return the error for locks of git that stay."""
    shown = " ".join(str(place) for place in locks)
    return ProviderError(
        f"git is locked by `{shown}`: another git is at work here, or one was killed",
        hint=f"if no other git runs here: rm -f {shown}, then type the command again",
    )


def blocking_lock(said: str) -> tuple[Path, ...]:
    """Return the lock that git said is in its way; empty where it said nothing of the kind."""
    found = _SAID.search(said)
    return (Path(found[1]),) if found else ()
