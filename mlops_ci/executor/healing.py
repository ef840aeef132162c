"""Facts that no record has: a commit landed, and what it did was not recorded. git has them, and gives them back once.

A kill loses them, and who merges a pull request records nothing: squashed, rebased, or under a message of their own.
What a commit did is read from the release file before and after it, so its message may say anything; where it is ours
it tells the sentence of the contest.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mlops_ci.errors import MlopsError
from mlops_ci.executor.assess import Situation
from mlops_ci.executor.messages import ToldMove, ToldPromotion, read
from mlops_ci.executor.reading import read_release, record
from mlops_ci.executor.registering import register_promoted
from mlops_ci.executor.world import World
from mlops_ci.model import Champion, Release, ServingKind, Standing
from mlops_ci.plan.deployed import Deployed, EndpointState
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.ports.repository import Landing
from mlops_ci.records.facts import Promoted, Served
from mlops_ci.records.ledger import Ledger

Lost = Promoted | Served


def heal(world: World, situation: Situation) -> Ledger:
    """Return the ledger with what a kill lost, having recorded it: whoever comes next finds nothing lost.

    The checkout follows, too, where a landing was ended before it did.
    """
    basis = situation.plan.basis
    if basis.commit != basis.tip:
        world.landings.follow(basis.tip)
    found = lost(world, situation)
    for fact in found:
        if isinstance(fact, Promoted):
            if world.proposing is not None and situation.model(fact.model).is_proposed:
                message = f"Promote {fact.model} v{fact.version}: {fact.candidate}\n\n{fact.sentence}"
                world.proposing.branches.tag(f"{fact.model}/v{fact.version}", fact.commit, message)
            register_promoted(world, situation.model(fact.model), fact, with_lost(situation.ledger, found))
        record(world, fact)
    return with_lost(situation.ledger, found)


def whole_ledger(world: World, situation: Situation) -> Ledger:
    """Return the ledger with what a kill lost, and record nothing: for whoever only reads."""
    return with_lost(situation.ledger, lost(world, situation))


def lost(world: World, situation: Situation) -> tuple[Lost, ...]:
    """Return what git says happened and no record does: promotions, and what the environments came to serve.

    git is asked once for all models, and only where the release says what the ledger lacks. Where the commits are not
    there (a shallow clone, a rewritten history), nothing is made up.
    """
    tip, ledger, deployed = situation.plan.basis.tip, situation.ledger, situation.deployed
    gaps = tuple(d for d in situation.desired if lacks(d, ledger, deployed))
    if not gaps:
        return ()
    now = world.clock.now()
    told = world.landings.landed(tip, tuple(f"{d.model.folder}/release.yaml" for d in gaps))
    landings = tuple(replace(landing, at=landing.at or now) for landing in told)
    found: list[Lost] = []
    for model in gaps:
        past = Past(world, model, landings)
        promoted = tuple(_promotions(past, ledger, tip, now))
        known = with_lost(ledger, promoted)
        found += (*promoted, *_moves(past, known, _lacking(model, ledger, deployed)))
    return tuple(found)


def lacks(desired: DesiredModel, ledger: Ledger, deployed: tuple[Deployed, ...]) -> bool:
    """Return whether the release, or what serves, says what the ledger does not."""
    return _lacks_promotion(desired, ledger) or any(_lacking(desired, ledger, deployed))


def with_lost(ledger: Ledger, found: tuple[Lost, ...]) -> Ledger:
    """Return the ledger as it is once these are recorded."""
    promotions, served = dict(ledger.promotions), dict(ledger.served)
    for fact in found:
        if isinstance(fact, Promoted):
            those = {*promotions.get(fact.model, ()), fact}
            promotions[fact.model] = tuple(sorted(those, key=lambda p: (p.version, p.name)))
        else:
            these = {*served.get(fact.model, ()), fact}
            served[fact.model] = tuple(sorted(these, key=lambda s: (s.at, s.name)))
    return replace(ledger, promotions=promotions, served=served)


def _lacks_promotion(desired: DesiredModel, ledger: Ledger) -> bool:
    champion = desired.release.champion
    return champion is not None and not any(
        (p.version, p.package, p.base) == (champion.version, champion.package, champion.commit)
        for p in ledger.promotions.get(desired.name, ())
    )


def _lacking(desired: DesiredModel, ledger: Ledger, deployed: tuple[Deployed, ...]) -> Iterator[Standing]:
    """Yield what is served as the release says, and no record says so. What is not served is deployed anew anyway."""
    last = {s.environment: (s.version, s.package) for s in ledger.served.get(desired.name, ())}
    serving = {(d.environment, d.version, d.package) for d in deployed
               if d.model == desired.name and d.state is EndpointState.IN_SERVICE}  # fmt: skip
    is_batch = desired.model.serving.kind is ServingKind.BATCH
    for standing in desired.release.environments:
        now = (standing.version, standing.package)
        if last.get(standing.environment) != now and (is_batch or (standing.environment, *now) in serving):
            yield standing


@dataclass(frozen=True, slots=True)
class Past:
    """What landed on the branch, first to last; commits about other models are among them."""

    world: World
    desired: DesiredModel
    landings: tuple[Landing, ...]

    def around(self, landing: Landing) -> tuple[Release, Release]:
        """Return the release before and after a commit; empty ones where it has none that can be read."""
        return self._at(landing.base), self._at(landing.commit)

    def _at(self, commit: str) -> Release:
        path = f"{self.desired.model.folder}/release.yaml"
        with suppress(MlopsError):  # a shallow clone lacks it, or somebody edited the file there
            return read_release(self.world.repository.tree(commit, (path,)), self.desired.model.folder)
        return Release()


def _promotions(past: Past, ledger: Ledger, tip: str, now: str) -> Iterator[Promoted]:
    desired, recorded = past.desired, ledger.promotions.get(past.desired.name, ())
    commits = {p.commit for p in recorded}
    known = {(p.version, p.package, p.base) for p in recorded}
    for landing in past.landings:
        told = read(landing.message)
        if landing.commit in commits or isinstance(told, ToldMove):
            continue
        if isinstance(told, ToldPromotion) and told.model != desired.name:
            continue
        before, after = past.around(landing)
        champion = after.champion
        if champion is None or _identity(champion) == (before.champion and _identity(before.champion)):
            continue
        if desired.release.package(champion.version) != champion.package or _identity(champion) in known:
            continue  # what came to nothing: the branch was rewritten; or a merge of a commit that told it
        known.add(_identity(champion))
        yield _promotion(desired, champion, ledger, told, landing)
    champion = desired.release.champion
    if desired.is_proposed and champion is not None and _identity(champion) not in known:
        # The clone is too shallow to have the merge; the file that it left says all but the commit.
        yield _promotion(desired, champion, ledger, None, Landing(tip, "", now, ""))


def _identity(champion: Champion) -> tuple[int, str, str]:
    return champion.version, champion.package, champion.commit


def _promotion(
    desired: DesiredModel, champion: Champion, ledger: Ledger, told: ToldPromotion | None, landing: Landing
) -> Promoted:
    won = [c for c in ledger.contests.values() if (c.model, c.package) == (desired.name, champion.package)]
    at = _not_before(landing.at, (contest.at for contest in won))
    if told is not None and (told.version, told.package) == (champion.version, champion.package):
        sentence = told.sentence
    else:
        last = max(won, key=lambda contest: contest.at, default=None)
        sentence = last.sentence if last else f"`{champion.candidate}` became champion by a merge"
    about = (desired.name, champion.version, champion.package, champion.candidate)
    return Promoted(*about, champion.commit, landing.commit, sentence, at)


def _moves(past: Past, ledger: Ledger, standings: Iterator[Standing]) -> Iterator[Served]:
    desired = past.desired
    for standing in standings:
        landing = _mover(past, standing)
        if landing is None:
            continue
        held = standing.held
        why = f"rolled back by {held.by}" + (f": {held.why}" if held.why else "") if held else "its pointer moved"
        led_here = [(p.package, p.at) for p in ledger.promotions.get(desired.name, ())]
        led_here += [(g.package, g.at) for g in ledger.gates.get((desired.name, standing.environment), ())]
        at = _not_before(landing.at, (when for package, when in led_here if package == standing.package))
        yield Served(desired.name, standing.environment, standing.version, standing.package, landing.commit, why, at)


def _mover(past: Past, standing: Standing) -> Landing | None:
    """Return the last commit that took an environment to where it stands: one that says so, else one that did."""
    wanted = ToldMove(past.desired.name, standing.environment, standing.version, standing.package)
    there = (standing.version, standing.package)
    silent: list[Landing] = []
    for landing in reversed(past.landings):
        told = read(landing.message)
        if told == wanted:
            return landing
        if not isinstance(told, ToldMove):
            silent.append(landing)
    for landing in silent:
        before, after = (release.standing(standing.environment) for release in past.around(landing))
        if after and (after.version, after.package) == there and (before is None or before.package != there[1]):
            return landing
    return None


def _not_before(at: str, others: Iterator[str]) -> str:
    """Return a commit's time, which git keeps in whole seconds, but behind all that led to it in that second."""
    last = max((other for other in others if other[:19] == at[:19]), default="")
    if last < at:
        return at
    behind = datetime.fromisoformat(last) + timedelta(milliseconds=1)
    return behind.isoformat(timespec="milliseconds").replace("+00:00", "Z")
