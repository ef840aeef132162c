"""Moving what the release file says of an environment: one commit on the branch's tip, again if somebody was faster.

Where the manifest says so the commit is proposed instead of landed, and the release stays until it is merged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mlops_ci.errors import TryAgain
from mlops_ci.executor.proposing import Declined, propose
from mlops_ci.executor.reading import read_release
from mlops_ci.executor.world import World
from mlops_ci.manifest.release import dump
from mlops_ci.model import Release, Standing
from mlops_ci.plan.motion import Motion
from mlops_ci.ports.repository import Landed, LostRace, ReleaseCommit

ROUNDS = 8

Move = Callable[[Release], tuple[Release, str] | None]
"""From the release at the tip to (the release after, the commit message), or None where nothing is to move."""


Moved = Callable[[Release, Release], Motion]
"""From the release before and after a move to what people are told of it."""


def move(world: World, model: str, folder: str, step: Move, told: Moved | None = None) -> tuple[Release, str]:
    """Return the release after the move, and the commit that says so (empty where nothing moved).

    With `told` the move is proposed; a proposal that people said no to moves nothing.

    Raises:
        TryAgain: the branch moved again and again.
        AwaitsMerge: it is proposed, and somebody must merge it.

    """
    why = ""
    for _ in range(ROUNDS):
        tip = world.repository.tip(fetch=True)
        release = read_release(world.repository.tree(tip), folder) if tip else Release()
        wanted = step(release)
        if wanted is None:
            return release, ""
        after, message = wanted
        landed: Landed | LostRace | Declined
        change = ReleaseCommit(tip, ((f"{folder}/release.yaml", dump(after)),), message)
        if told is not None:
            landed = propose(world, told(release, after), change, folder, after)
        else:
            landed = world.repository.land(change)
        if isinstance(landed, Declined):
            return release, ""
        if isinstance(landed, Landed):
            return after, landed.commit
        why = landed.reason
    raise TryAgain(f"somebody else was faster {ROUNDS} times: {why}", hint=f"mlops-ci run {model}")


def pointed(release: Release, standing: Standing) -> Release:
    """Return the release with this standing in the place of the environment's former one."""
    others = tuple(s for s in release.environments if s.environment != standing.environment)
    return replace(release, environments=tuple(sorted((*others, standing), key=lambda s: s.environment)))
