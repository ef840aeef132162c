"""Facts that a kill lost: a commit landed, and what it did was not recorded. git has them, and gives them back once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from mlops_ci.executor.assess import Situation
from mlops_ci.executor.messages import ToldMove, ToldPromotion, read
from mlops_ci.executor.reading import record
from mlops_ci.executor.registering import register_promoted
from mlops_ci.executor.world import World
from mlops_ci.model import ServingKind, Standing
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
        promoted = tuple(_promotions(model, ledger, landings))
        known = with_lost(ledger, promoted)
        found += (*promoted, *_moves(model, known, _lacking(model, ledger, deployed), landings))
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


def _promotions(desired: DesiredModel, ledger: Ledger, landings: tuple[Landing, ...]) -> Iterator[Promoted]:
    known = {p.name for p in ledger.promotions.get(desired.name, ())}
    for landing in landings:
        told = read(landing.message)
        if not isinstance(told, ToldPromotion) or told.model != desired.name:
            continue
        if desired.release.package(told.version) != told.package:
            continue  # a message that the release file does not bear out
        decided = (c.at for c in ledger.contests.values() if (c.model, c.package) == (told.model, told.package))
        fact = Promoted(told.model, told.version, told.package, told.candidate, landing.base, landing.commit,
                        told.sentence, _not_before(landing.at, decided))  # fmt: skip
        if fact.name not in known:
            yield fact


def _moves(
    desired: DesiredModel, ledger: Ledger, standings: Iterator[Standing], landings: tuple[Landing, ...]
) -> Iterator[Served]:
    told = tuple((landing, read(landing.message)) for landing in reversed(landings))
    for standing in standings:
        wanted = ToldMove(desired.name, standing.environment, standing.version, standing.package)
        landing = next((landing for landing, said in told if said == wanted), None)
        if landing is None:
            continue
        held = standing.held
        why = f"rolled back by {held.by}" + (f": {held.why}" if held.why else "") if held else "its pointer moved"
        led_here = [(p.package, p.at) for p in ledger.promotions.get(desired.name, ())]
        led_here += [(g.package, g.at) for g in ledger.gates.get((desired.name, standing.environment), ())]
        at = _not_before(landing.at, (when for package, when in led_here if package == standing.package))
        yield Served(desired.name, standing.environment, standing.version, standing.package, landing.commit, why, at)


def _not_before(at: str, others: Iterator[str]) -> str:
    """Return a commit's time, which git keeps in whole seconds, but behind all that led to it in that second."""
    last = max((other for other in others if other[:19] == at[:19]), default="")
    if last < at:
        return at
    behind = datetime.fromisoformat(last) + timedelta(milliseconds=1)
    return behind.isoformat(timespec="milliseconds").replace("+00:00", "Z")
