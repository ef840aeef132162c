"""A model in which everything went well: competed, decided, promoted, deployed, tested and let through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bench.estate.files import PLACES
from bench.estate.work import TEST, Site, at, competed, tested
from mlops_ci.executor.contest import hold_contest
from mlops_ci.fingerprint.canonical import canonical
from mlops_ci.model import Champion, Release, Score, Standing
from mlops_ci.plan.contest import contenders, contest
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.plan.gate import opening
from mlops_ci.records.facts import Decided, Evaluated, Fact, Gated, Promoted, Seen, Served
from mlops_ci.records.ledger import Ledger, fold


@dataclass(frozen=True, slots=True)
class Settled:
    """One version of a model: its release before and after, why it won, when, and the facts but for those of commits.

    `known` are the facts by which the next version's candidates are compared with it.
    """

    model: str
    folder: str
    before: Release
    release: Release
    sentence: str
    second: float
    facts: tuple[Fact, ...]
    known: tuple[Fact, ...] = ()

    @property
    def champion(self) -> Champion:
        """Return who won."""
        if self.release.champion is None:
            raise AssertionError("a settled model has a champion")
        return self.release.champion

    def stages(self) -> tuple[tuple[str, Release], ...]:
        """Return (what happened, the release after it) for the promotion and each deployment."""
        version, made = self.champion.version, []
        now = replace(self.release, environments=self.before.environments)
        made.append((f"Promote {self.model} v{version}: {self.champion.candidate}", now))
        for place in PLACES:
            rest = tuple(s for s in now.environments if s.environment != place)
            standing = Standing(place, version, self.champion.package)
            now = replace(now, environments=tuple(sorted((*rest, standing), key=lambda s: s.environment)))
            made.append((f"Deploy {self.model} v{version} to {place}", now))
        return tuple(made)


def settle(here: Site, desired: DesiredModel, known: tuple[Fact, ...], second: float) -> Settled:
    """Return the next version of a model; `desired` has the release before it, `known` the facts about its champion."""
    before = fold(known)
    facts = list(known)
    for wanted in desired.candidates:
        if before.success("training", wanted.fingerprint) is None:
            facts.extend(competed(here, desired, wanted, second))
    ledger = fold(facts)
    decided = _decided(here, desired, ledger, at(second + 3))
    entries = contenders(desired, ledger) or ()
    winner = next(entry for entry in entries if entry.package == decided.package)
    release = _release(here, desired, entries, winner)
    after = replace(desired, release=release)
    facts.append(decided)
    facts.extend(tested(here, after, len(release.versions), winner, PLACES[0], second + 6))
    facts.append(_gated(after, fold(facts), at(second + 8)))
    kept = _names(desired, ledger, entries)
    return Settled(
        desired.name, desired.model.folder, desired.release, release, decided.sentence, second,
        facts=tuple(facts[len(known) :]),
        known=tuple(fact for fact in facts if fact.name in kept),
    )  # fmt: skip


def landed(version: Settled, base: str, commits: tuple[str, ...]) -> Iterator[Fact]:
    """Yield the facts that name commits: those of the promotion and of each deployment."""
    number, package = version.champion.version, version.champion.package
    yield Promoted(
        version.model, number, package, version.champion.candidate, base, commits[0], version.sentence,
        at(version.second + 4),
    )  # fmt: skip
    for place, commit, later in zip(PLACES, commits[1:], (5, 9), strict=True):
        why, when = "its pointer moved", at(version.second + later)
        yield Served(version.model, place, number, package, commit, why, when)


def seen(desired: DesiredModel, second: float) -> Seen:
    """Return the fact that a run saw the fields that cause no work."""
    return Seen(desired.name, desired.state(), canonical(dict(desired.metadata())), at(second))


def _names(desired: DesiredModel, ledger: Ledger, entries: tuple[Evaluated, ...]) -> frozenset[str]:
    """Return the names of the facts about today's candidates that a later contest may ask for."""
    trained = (ledger.success("training", wanted.fingerprint) for wanted in desired.candidates)
    ends = tuple(end.name for end in trained if end is not None)
    intents = tuple(f"{name.rpartition('/')[0]}/intent" for name in ends)
    return frozenset({*ends, *intents, *(entry.name for entry in entries)})


def _decided(here: Site, desired: DesiredModel, ledger: Ledger, when: str) -> Decided:
    """Return how the contest ends: of two that score the same, the one that was trained anew is promoted."""
    which = contest(desired, ledger)
    if which is None:
        raise AssertionError("every candidate was evaluated")
    held = replace(hold_contest(here.world, desired, ledger, which, TEST), at=when)
    if held.outcome != "promote":
        raise AssertionError(f"the candidates of an estate are made to be promoted: {held.sentence}")
    return held


def _release(here: Site, desired: DesiredModel, entries: tuple[Evaluated, ...], winner: Evaluated) -> Release:
    metric = desired.model.evaluation.metric
    version = len(desired.release.versions) + 1
    scores = zip(desired.candidates, entries, strict=True)
    champion = Champion(
        version, winner.candidate, winner.package, winner.fingerprint, winner.evaluation, metric, here.commit,
        tuple(Score(c.name, c.fingerprint, entry.scores.value(metric)) for c, entry in scores),
    )  # fmt: skip
    environments = tuple(Standing(place, version, winner.package) for place in sorted(PLACES))
    return Release(champion, environments, (*desired.release.versions, (version, winner.package)))


def _gated(desired: DesiredModel, ledger: Ledger, when: str) -> Gated:
    environment = desired.model.environment(PLACES[1])
    said = opening(desired, environment, ledger) if environment else None
    if said is None or not said.is_open:
        raise AssertionError(f"the gate of `{PLACES[1]}` is closed: {said}")
    sentences = tuple(item.sentence for item in said.evidence)
    return Gated(desired.name, PLACES[1], said.version, said.package, "passed", sentences, when)
