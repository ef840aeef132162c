"""Fetching a branch of a remote, again while another command of this checkout fetches the same."""

from __future__ import annotations

import time

from mlops_ci.adapters.git.process import Git, reason
from mlops_ci.errors import ProviderError

_TRIES, _PAUSE = 20, 0.1
"""How often a fetch is tried while git's own lock is held, and the seconds between."""


def fetched(git: Git, remote: str, branch: str) -> bool:
    """Return whether the remote has the branch; what it holds is here then, as git keeps the branches of a remote.

    Raises:
        ProviderError: the remote cannot be reached, or git's lock was left behind by somebody who was ended.

    """
    spec = f"+refs/heads/{branch}:refs/remotes/{remote}/{branch}"
    for _ in range(_TRIES):
        done = git.attempt("fetch", "--quiet", "--no-tags", remote, spec)
        said = done.stderr.decode(errors="replace").strip()
        if not done.returncode or "lock" not in said:
            break
        time.sleep(_PAUSE)  # another command in this checkout fetches the same at this moment
    if not done.returncode:
        return True
    if "couldn't find remote ref" in said:
        return False
    from mlops_ci.adapters.git.locks import blocking_lock, left_behind

    if locks := blocking_lock(said):
        raise left_behind(locks)
    why = reason(said) or "no reason given"
    raise ProviderError(f"cannot fetch `{branch}` from `{remote}`: {why}", hint=f"git fetch {remote} {branch}")
