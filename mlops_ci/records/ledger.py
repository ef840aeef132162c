"""The ledger: what all facts together say. Facts may come in any order, in any portions, and more than once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, assert_never

from mlops_ci.records.damaged import Damaged
from mlops_ci.records.facts import (
    Approved,
    Decided,
    Evaluated,
    Fact,
    Finished,
    Gated,
    Intent,
    Packaged,
    Promoted,
    Proposed,
    Seen,
    Served,
    Tested,
    Tried,
)

Named = TypeVar("Named", Packaged, Evaluated, Decided)
Key = TypeVar("Key")
Item = TypeVar("Item")
Job = tuple[str, str]
"""What is done, and the fingerprint of it."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a job: open while `finished` is None."""

    intent: Intent
    finished: Finished | None


@dataclass(frozen=True, slots=True)
class Ledger:
    """Facts by what they are about; every tuple is sorted by attempt, number or time.

    `unopened` are ends, by the place of their attempt, whose intent is not known (yet). The last two are indexes: what
    was trained by (model, candidate), as fingerprints; and the evaluations by (model, candidate) and (model, package).
    """

    attempts: Mapping[Job, tuple[Attempt, ...]] = field(default_factory=dict)
    packages: Mapping[str, Packaged] = field(default_factory=dict)
    evaluations: Mapping[str, Evaluated] = field(default_factory=dict)
    tests: Mapping[tuple[str, str, str], tuple[Tested, ...]] = field(default_factory=dict)
    approvals: Mapping[tuple[str, str, str], tuple[Approved, ...]] = field(default_factory=dict)
    gates: Mapping[tuple[str, str], tuple[Gated, ...]] = field(default_factory=dict)
    contests: Mapping[str, Decided] = field(default_factory=dict)
    promotions: Mapping[str, tuple[Promoted, ...]] = field(default_factory=dict)
    served: Mapping[str, tuple[Served, ...]] = field(default_factory=dict)
    seen: Mapping[str, tuple[Seen, ...]] = field(default_factory=dict)
    proposals: Mapping[tuple[str, str], tuple[Proposed, ...]] = field(default_factory=dict)
    trials: Mapping[tuple[str, int], tuple[Tried, ...]] = field(default_factory=dict)
    damaged: tuple[Damaged, ...] = ()
    unopened: Mapping[str, Finished] = field(default_factory=dict)
    trained: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    evaluated: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def tries(self, work: str, fingerprint: str) -> tuple[Attempt, ...]:
        """Return the attempts of a job, first to last."""
        return self.attempts.get((work, fingerprint), ())

    def success(self, work: str, fingerprint: str) -> Finished | None:
        """Return the end of the last attempt that succeeded, or None."""
        ends = (attempt.finished for attempt in reversed(self.tries(work, fingerprint)))
        return next((end for end in ends if end is not None and end.outcome == "succeeded"), None)

    def last_test(self, model: str, environment: str, package: str, suite: str = "") -> Tested | None:
        """Return the newest test run of a package there (with this suite, where one is given), or None."""
        runs = self.tests.get((model, environment, package), ())
        return next((run for run in reversed(runs) if not suite or run.suite == suite), None)

    def last_recipe(self, model: str, candidate: str) -> Intent | None:
        """Return the newest training attempt of a candidate, whatever its recipe, or None."""
        found = (attempt.intent for attempt in self.trainings(model, candidate))
        return max(found, key=lambda intent: (intent.at, intent.key), default=None)

    def trainings(self, model: str, candidate: str) -> tuple[Attempt, ...]:
        """Return every attempt to train a candidate, whatever its recipe was, by fingerprint and number."""
        return tuple(
            attempt
            for fingerprint in self.trained.get((model, candidate), ())
            for attempt in self.tries("training", fingerprint)
            if (attempt.intent.model, attempt.intent.candidate) == (model, candidate)
        )

    def evaluations_of(self, model: str, *, candidate: str = "", package: str = "") -> tuple[Evaluated, ...]:
        """Return the evaluations of a candidate, or of a package, whatever the rules and rows were, oldest first."""
        found = (self.evaluations[digest] for digest in self.evaluated.get((model, candidate or package), ()))
        mine = (
            e for e in found if e.model == model and (e.candidate == candidate if candidate else e.package == package)
        )
        return tuple(sorted(mine, key=lambda e: (e.at, e.evaluation)))


def fold(facts: Iterable[Fact | Damaged]) -> Ledger:
    """Return the ledger of these facts; the order in which they come, and repetitions, change nothing."""
    return extended(Ledger(), facts)


def extended(ledger: Ledger, facts: Iterable[Fact | Damaged]) -> Ledger:
    """Return the ledger with these facts too: the one that all facts at once would have given."""
    intents: dict[str, Intent] = {}
    ends: dict[str, Finished] = dict(ledger.unopened)
    packages: dict[str, Packaged] = {}
    evaluations: dict[str, Evaluated] = {}
    judged: set[Evaluated] = set()
    tests: dict[tuple[str, str, str], set[Tested]] = defaultdict(set)
    approvals: dict[tuple[str, str, str], set[Approved]] = defaultdict(set)
    gates: dict[tuple[str, str], set[Gated]] = defaultdict(set)
    contests: dict[str, Decided] = {}
    promotions: dict[str, set[Promoted]] = defaultdict(set)
    served: dict[str, set[Served]] = defaultdict(set)
    seen: dict[str, set[Seen]] = defaultdict(set)
    proposals: dict[tuple[str, str], set[Proposed]] = defaultdict(set)
    trials: dict[tuple[str, int], set[Tried]] = defaultdict(set)
    damaged: set[Damaged] = set()
    for fact in facts:
        match fact:
            case Intent():
                intents[fact.name.removesuffix("/intent")] = fact
            case Finished():
                ends[fact.name.removesuffix("/finished")] = fact
            case Packaged():
                packages[fact.package] = _first(fact, packages.get(fact.package))
            case Evaluated():
                judged.add(fact)
                evaluations[fact.evaluation] = _first(fact, evaluations.get(fact.evaluation))
            case Tested():
                tests[fact.model, fact.environment, fact.package].add(fact)
            case Approved():
                approvals[fact.model, fact.environment, fact.package].add(fact)
            case Gated():
                gates[fact.model, fact.environment].add(fact)
            case Decided():
                contests[fact.contest] = _first(fact, contests.get(fact.contest))
            case Promoted():
                promotions[fact.model].add(fact)
            case Served():
                served[fact.model].add(fact)
            case Proposed():
                proposals[fact.model, fact.move].add(fact)
            case Seen():
                seen[fact.model].add(fact)
            case Tried():
                trials[fact.search, fact.attempt].add(fact)
            case Damaged():
                damaged.add(fact)
            case _:
                assert_never(fact)
    attempts, unopened = _attempts(ledger.attempts, intents, ends)
    return Ledger(
        attempts=attempts,
        packages=_named(ledger.packages, packages),
        evaluations=_named(ledger.evaluations, evaluations),
        tests=_joined(ledger.tests, tests, lambda t: (t.at, t.number, t.name)),
        approvals=_joined(ledger.approvals, approvals, lambda a: (a.at, a.name)),
        gates=_joined(ledger.gates, gates, lambda g: (g.at, g.name)),
        contests=_named(ledger.contests, contests),
        promotions=_joined(ledger.promotions, promotions, lambda p: (p.version, p.name)),
        served=_joined(ledger.served, served, lambda s: (s.at, s.name)),
        proposals=_joined(ledger.proposals, proposals, lambda p: (p.number, p.at, p.name)),
        seen=_joined(ledger.seen, seen, lambda s: (s.number, s.at, s.name)),
        trials=_joined(ledger.trials, trials, lambda t: (t.number, t.at, t.name)),
        damaged=tuple(sorted({*ledger.damaged, *damaged}, key=lambda d: d.name)) if damaged else ledger.damaged,
        unopened=unopened,
        trained=_joined(ledger.trained, _trained(intents.values()), str),
        evaluated=_joined(ledger.evaluated, _evaluated(judged), str),
    )


def _attempts(
    known: Mapping[Job, tuple[Attempt, ...]], intents: Mapping[str, Intent], ends: Mapping[str, Finished]
) -> tuple[Mapping[Job, tuple[Attempt, ...]], Mapping[str, Finished]]:
    """Return the attempts with these intents and ends, and the ends that belong to none."""
    touched: dict[Job, dict[str, Attempt]] = {}

    def of(job: Job) -> dict[str, Attempt]:
        if job not in touched:
            touched[job] = {a.intent.name.removesuffix("/intent"): a for a in known.get(job, ())}
        return touched[job]

    for place, intent in intents.items():
        tries = of((intent.work, intent.fingerprint))
        tries[place] = Attempt(intent, tries[place].finished if place in tries else None)
    unopened: dict[str, Finished] = {}
    for place, end in ends.items():
        tries = of((end.work, end.fingerprint))
        if place in tries:
            tries[place] = Attempt(tries[place].intent, end)
        else:
            unopened[place] = end
    sorted_ = {
        job: tuple(sorted(t.values(), key=lambda a: (a.intent.attempt, a.intent.name)))
        for job, t in touched.items()
        if t
    }
    return ({**known, **sorted_} if sorted_ else known), unopened


def _trained(intents: Iterable[Intent]) -> Mapping[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for intent in intents:
        if intent.work == "training":
            found[intent.model, intent.candidate].add(intent.fingerprint)
    return found


def _evaluated(evaluations: Iterable[Evaluated]) -> Mapping[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for made in evaluations:
        found[made.model, made.candidate].add(made.evaluation)
        found[made.model, made.package].add(made.evaluation)
    return found


def _first(fact: Named, other: Named | None) -> Named:
    """Return the one whose name comes first: models that are equal but for their name share their digests."""
    return fact if other is None or fact.name < other.name else other


def _named(known: Mapping[str, Named], new: Mapping[str, Named]) -> Mapping[str, Named]:
    return {**known, **{key: _first(fact, known.get(key)) for key, fact in new.items()}} if new else known


def _joined(
    known: Mapping[Key, tuple[Item, ...]], new: Mapping[Key, set[Item]], order: Callable[[Item], object]
) -> Mapping[Key, tuple[Item, ...]]:
    """Return the tuples by key with the new items in their order, none twice; copied only where something is new."""
    if not new:
        return known
    return {**known, **{k: tuple(sorted({*known.get(k, ()), *items}, key=order)) for k, items in new.items()}}  # type: ignore[arg-type]
