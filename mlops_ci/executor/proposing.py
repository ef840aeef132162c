"""Proposing: where the branch is protected a move becomes a pull request, and people land it by merging.

Nothing here moves the release branch. What was merged is found there by whoever comes next, in whatever way it came:
`release.yaml` says it, and `healing.py` makes the records and the tag.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from mlops_ci.errors import AwaitsMerge, ManifestError
from mlops_ci.executor.reading import current_ledger, read_release, record
from mlops_ci.executor.world import Proposing, World
from mlops_ci.model import Model, PromotionMode, Release
from mlops_ci.plan.motion import Motion
from mlops_ci.plan.proposed import DECLINED, ENDED, OPEN, last_word
from mlops_ci.ports.proposals import Waiting
from mlops_ci.ports.repository import LostRace, ReleaseCommit
from mlops_ci.ports.reviews import Proposal, Request
from mlops_ci.records.facts import Proposed


@dataclass(frozen=True, slots=True)
class Declined:
    """Somebody closed the pull request about the very same thing: that is their no. `url` is where it is read."""

    number: int
    url: str


def is_proposed(world: World, model: Model) -> bool:
    """Return whether moves of a model's release become pull requests."""
    return world.proposing is not None and model.promotion.mode is PromotionMode.PULL_REQUEST


def propose(world: World, motion: Motion, change: ReleaseCommit, folder: str, after: Release) -> Declined | LostRace:
    """Return who was faster, or that people said no; in any other case a pull request for the move is open now.

    The branch that is there stays as it is where it says the same, and merges without a conflict. `after` is the
    release that the change has for the model in `folder`.

    Raises:
        AwaitsMerge: somebody must merge it; the hint names it.
        ProviderError: the remote, or the place of reviews, said no.

    """
    proposing = _of(world)
    reviews = proposing.reviews()
    ledger = current_ledger(world, motion.model)
    past = ledger.proposals.get((motion.model, motion.move), ())
    last = past[-1] if past and (past[-1].about, past[-1].state) == (motion.about, OPEN) else None
    said = last_word(ledger, motion.model, motion.move, motion.about)
    if said is not None and said.state == DECLINED and not motion.is_asked:
        return Declined(said.request, said.url)
    request = reviews.request(last.request) if reviews and last and last.request else None
    if request is not None and not request.is_open:
        if world.repository.tip(fetch=True) != change.base:
            return LostRace("it was merged, or the branch moved")
        if not motion.is_asked:
            _note(world, motion, DECLINED, request)
            return Declined(request.number, request.url)
        request = last = None
    put = _put(world, proposing, motion, change, folder, after)
    if isinstance(put, LostRace):
        return put
    if reviews and (request is None or put):
        branch = proposing.branches.branch(motion.name)
        asked = Proposal(branch, world.project.branch, motion.title, proposing.body(motion))
        request = reviews.propose(asked)
    number = request.number if request else last.request if last else 0
    if last is None or last.request != number:
        _note(world, motion, OPEN, request)
    raise _awaiting(world, proposing, motion, request.url if request else last.url if last else "", number)


def withdraw(world: World, model: str, move: str) -> None:
    """Take back what is proposed of a move, if anything is: its branch is removed, which closes its pull request.

    One that was merged lately is taken for one that waits: its branch has no more use, either.
    """
    past = current_ledger(world, model).proposals.get((model, move), ())
    if world.proposing is None or not past or past[-1].state != OPEN:
        return
    name = f"{model}/{move}"
    there = world.proposing.branches.find(name, world.repository.tip(fetch=False))
    if there is not None:
        world.proposing.branches.drop(name, there.commit)
    last = past[-1]
    record(world, replace(last, state=ENDED, at=world.clock.now(), number=last.number + 1))


def _of(world: World) -> Proposing:
    if world.proposing is None:
        raise AssertionError("who proposes has asked whether anything is proposed")
    return world.proposing


def _put(
    world: World, proposing: Proposing, motion: Motion, change: ReleaseCommit, folder: str, after: Release
) -> bool | LostRace:
    """Return whether the branch had to be made, or made anew."""
    there = proposing.branches.find(motion.name, change.base)
    if there is not None and _says(world, there, change.base, folder, after):
        return False
    put = proposing.branches.put(motion.name, change, there.commit if there else "")
    return put if isinstance(put, LostRace) else True


def _says(world: World, there: Waiting, tip: str, folder: str, after: Release) -> bool:
    """Return whether a branch says the same, over a release that the tip still has.

    Other commits on the release branch are no reason to make it anew: reviews that were given would be lost by that.
    """

    def release(commit: str) -> Release:
        return read_release(world.repository.tree(commit), folder)

    with suppress(ManifestError):  # somebody edited the file there
        return bool(there.fork) and _core(release(there.commit)) == _core(after) and release(there.fork) == release(tip)
    return False


def _core(release: Release) -> Release:
    """Return a release without the commit that the champion was read from: the branch may have moved on since."""
    return replace(release, champion=replace(release.champion, commit="") if release.champion else None)


def _note(world: World, motion: Motion, state: str, request: Request | None) -> None:
    past = current_ledger(world, motion.model).proposals.get((motion.model, motion.move), ())
    number, url = (request.number, request.url) if request else (0, "")
    step = past[-1].number + 1 if past else 1
    about = (motion.model, motion.move, motion.about)
    record(world, Proposed(*about, state, number, url, world.clock.now(), step))


def _awaiting(world: World, proposing: Proposing, motion: Motion, url: str, number: int) -> AwaitsMerge:
    if number:
        return AwaitsMerge(
            f"pull request #{number} waits to be merged: {motion.title}",
            hint=f"merge {url}, then {motion.then}",
            detail=motion.reason,
        )
    branch, base = proposing.branches.branch(motion.name), world.project.branch
    return AwaitsMerge(
        f"`{branch}` waits to be merged into `{base}`: {motion.title}",
        hint=f"open a pull request from `{branch}` into `{base}` (with GITHUB_TOKEN set that is done here) and merge "
        f"it, then {motion.then}",
        detail=motion.reason,
    )
