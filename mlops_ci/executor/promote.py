"""Promoting: the contest is held on what the branch's tip holds, and its winner becomes champion by one commit.

Where the manifest says so that commit is proposed instead of landed. The environments that follow the champion at once
then move in the same one, so that one merge suffices for them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mlops_ci.errors import ProviderError, TryAgain, UsageError
from mlops_ci.executor.assess import Situation
from mlops_ci.executor.contest import hold_contest
from mlops_ci.executor.desire import desire, is_same
from mlops_ci.executor.messages import promotion
from mlops_ci.executor.pointers import pointed
from mlops_ci.executor.process import dataset_of
from mlops_ci.executor.proposing import Declined, is_proposed, propose, withdraw
from mlops_ci.executor.reading import current_ledger, read_release, record
from mlops_ci.executor.registering import register_promoted
from mlops_ci.executor.tip import TipTree
from mlops_ci.executor.world import World
from mlops_ci.manifest import load
from mlops_ci.manifest.release import dump
from mlops_ci.model import Champion, Release, Score, Standing
from mlops_ci.plan.contest import contenders, contest
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.plan.leaderboard import leaderboard
from mlops_ci.plan.motion import Motion
from mlops_ci.plan.proposed import PROMOTE
from mlops_ci.ports.repository import Landed, LostRace, ReleaseCommit
from mlops_ci.records.facts import Decided, Promoted
from mlops_ci.records.ledger import Ledger

ROUNDS = 8
"""How often the branch may move under us before we ask to be called again."""


@dataclass(frozen=True, slots=True)
class Superseded:
    """The branch's tip holds another state of this model: what was trained here is not what it asks for."""

    sentence: str


def promote(
    world: World, situation: Situation, desired: DesiredModel, ledger: Ledger
) -> Promoted | Decided | Superseded | Declined:
    """Return the promotion, or how the contest ended without one.

    Raises:
        TryAgain: the branch moved again and again.
        AwaitsMerge: it is proposed, and somebody must merge it.

    """
    why = ""
    for attempt in range(ROUNDS):
        if attempt:  # who was faster may have recorded what we have to decide by
            ledger = current_ledger(world, desired.name)
        tip = world.repository.tip(fetch=True)
        at_tip = _at_tip(world, situation, desired, tip)
        if at_tip is None or not is_same(at_tip, desired):
            branch = world.project.branch
            return Superseded(f"`{branch}` moved on, and asks for another state of `{desired.name}` now")
        decided = decide(world, situation, at_tip, ledger)
        champion = at_tip.release.champion
        if decided.outcome == "nobody" or (champion and champion.package == decided.package):
            withdraw(world, desired.name, PROMOTE)
            return decided
        landed: Landed | LostRace | Declined
        release = _moved(at_tip, ledger, decided, tip)
        if at_tip.is_proposed:
            release = following(at_tip, release)
            change = _commit(at_tip, release, decided, tip)
            motion = _motion(at_tip, ledger, decided, release)
            landed = propose(world, motion, change, at_tip.model.folder, release)
        else:
            change = _commit(at_tip, release, decided, tip)
            landed = world.repository.land(change)
        if isinstance(landed, Declined):
            return landed
        if isinstance(landed, Landed):
            return _landed(world, at_tip, release, ledger, decided, tip, landed.commit)
        why = landed.reason
    raise TryAgain(
        f"somebody else was faster {ROUNDS} times while `{desired.name}` was being promoted: {why}",
        hint=f"mlops-ci promote {desired.name}",
    )


def decide(world: World, situation: Situation, desired: DesiredModel, ledger: Ledger) -> Decided:
    """Return how today's contest ends, having recorded it.

    Raises:
        ProviderError: an evaluation is missing.

    """
    which = contest(desired, ledger)
    if which is None:
        raise ProviderError(
            f"not every candidate of `{desired.name}` is evaluated", hint=f"mlops-ci run {desired.name}"
        )
    known = ledger.contests.get(which)
    if known is not None:
        return known
    test = dataset_of(world, situation, desired, ledger).test
    decided = hold_contest(world, desired, ledger, which, test)
    record(world, decided)
    return decided


def _at_tip(world: World, situation: Situation, desired: DesiredModel, tip: str) -> DesiredModel | None:
    """Return the model as the branch's tip desires it, with its release; None where it is not there or not valid."""
    if not tip:
        return None
    tree = TipTree(world.repository.tree(tip), situation.tree)
    try:
        loaded = load(tree, world.schemas, select=(desired.name,))
    except UsageError:  # the tip has no such model
        return None
    model = next((m for m in loaded.models if m.name == desired.name), None)
    if model is None:
        return None
    wish, release = desire(world, model, tree).model, read_release(tree, model.folder)
    return replace(wish, release=release, is_proposed=is_proposed(world, model))


def following(desired: DesiredModel, release: Release) -> Release:
    """Return the release with every environment at the champion that follows it at once: no gate, and no hold."""
    champion = release.champion
    if champion is None:
        return release
    for environment in desired.model.environments:
        standing = release.standing(environment.name)
        if not environment.promotes_from and not (standing and standing.held):
            release = pointed(release, Standing(environment.name, champion.version, champion.package))
    return release


def _motion(desired: DesiredModel, ledger: Ledger, decided: Decided, release: Release) -> Motion:
    champion = release.champion
    if champion is None:
        raise AssertionError("a promotion has a champion")
    return Motion(
        model=desired.name,
        move=PROMOTE,
        about=decided.contest,
        title=f"Promote {desired.name} v{champion.version}: {champion.candidate}",
        reason=decided.sentence,
        then=f"mlops-ci run {desired.name}",
        environments=tuple(s for s in release.environments if s != desired.release.standing(s.environment)),
        board=leaderboard((desired,), ledger),
    )


def _moved(desired: DesiredModel, ledger: Ledger, decided: Decided, tip: str) -> Release:
    """Return the release with the winner as champion; a package that had a version keeps its number."""
    entries = contenders(desired, ledger) or ()
    winner = next(entry for entry in entries if entry.package == decided.package)
    metric = desired.model.evaluation.metric
    past = dict(desired.release.versions)
    version = next((number for number, package in past.items() if package == winner.package), max(past, default=0) + 1)
    champion = Champion(
        version=version,
        candidate=decided.candidate,
        package=winner.package,
        fingerprint=winner.fingerprint,
        evaluation=winner.evaluation,
        metric=metric,
        commit=tip,
        contest=tuple(
            Score(candidate.name, candidate.fingerprint, entry.scores.value(metric))
            for candidate, entry in zip(desired.candidates, entries, strict=True)
        ),
    )
    versions = tuple(sorted({**past, version: winner.package}.items()))
    return replace(desired.release, champion=champion, versions=versions)


def _commit(desired: DesiredModel, release: Release, decided: Decided, tip: str) -> ReleaseCommit:
    champion = release.champion
    if champion is None:
        raise AssertionError("a promotion has a champion")
    new = champion.version not in dict(desired.release.versions)
    message = promotion(desired.name, champion, decided.sentence)
    path = f"{desired.model.folder}/release.yaml"
    tag = f"{desired.name}/v{champion.version}" if new else ""
    return ReleaseCommit(tip, ((path, dump(release)),), message, tag)


def _landed(
    world: World,
    desired: DesiredModel,
    release: Release,
    ledger: Ledger,
    decided: Decided,
    tip: str,
    commit: str,
) -> Promoted:
    champion = release.champion
    if champion is None:
        raise AssertionError("a promotion has a champion")
    promoted = Promoted(
        model=desired.name,
        version=champion.version,
        package=champion.package,
        candidate=champion.candidate,
        base=tip,
        commit=commit,
        sentence=decided.sentence,
        at=world.clock.now(),
    )
    # Before it is on record: a kill in between loses the record too, and who makes that again registers it as well.
    register_promoted(world, desired, promoted, ledger)
    record(world, promoted)
    return promoted
