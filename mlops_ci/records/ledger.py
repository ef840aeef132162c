"""The ledger: what all facts together say. Facts may come in any order and more than once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
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
    Seen,
    Served,
    Tested,
)

Named = TypeVar("Named", Packaged, Evaluated, Decided)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a job: open while `finished` is None."""

    intent: Intent
    finished: Finished | None


@dataclass(frozen=True, slots=True)
class Ledger:
    """Facts by what they are about; every tuple is sorted by attempt, number or time."""

    attempts: Mapping[tuple[str, str], tuple[Attempt, ...]] = field(default_factory=dict)
    packages: Mapping[str, Packaged] = field(default_factory=dict)
    evaluations: Mapping[str, Evaluated] = field(default_factory=dict)
    tests: Mapping[tuple[str, str, str], tuple[Tested, ...]] = field(default_factory=dict)
    approvals: Mapping[tuple[str, str, str], tuple[Approved, ...]] = field(default_factory=dict)
    gates: Mapping[tuple[str, str], tuple[Gated, ...]] = field(default_factory=dict)
    contests: Mapping[str, Decided] = field(default_factory=dict)
    promotions: Mapping[str, tuple[Promoted, ...]] = field(default_factory=dict)
    served: Mapping[str, tuple[Served, ...]] = field(default_factory=dict)
    seen: Mapping[str, tuple[Seen, ...]] = field(default_factory=dict)
    damaged: tuple[Damaged, ...] = ()

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
        found = [
            attempt.intent
            for (work, _), attempts in self.attempts.items()
            for attempt in attempts
            if work == "training" and attempt.intent.model == model and attempt.intent.candidate == candidate
        ]
        return max(found, key=lambda intent: (intent.at, intent.key), default=None)


def fold(facts: Iterable[Fact | Damaged]) -> Ledger:
    """Return the ledger of these facts; the order in which they come, and repetitions, change nothing."""
    intents: dict[str, Intent] = {}
    ends: dict[str, Finished] = {}
    packages: dict[str, Packaged] = {}
    evaluations: dict[str, Evaluated] = {}
    tests: dict[tuple[str, str, str], set[Tested]] = defaultdict(set)
    approvals: dict[tuple[str, str, str], set[Approved]] = defaultdict(set)
    gates: dict[tuple[str, str], set[Gated]] = defaultdict(set)
    contests: dict[str, Decided] = {}
    promotions: dict[str, set[Promoted]] = defaultdict(set)
    served: dict[str, set[Served]] = defaultdict(set)
    seen: dict[str, set[Seen]] = defaultdict(set)
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
            case Seen():
                seen[fact.model].add(fact)
            case Damaged():
                damaged.add(fact)
            case _:
                assert_never(fact)
    return Ledger(
        attempts=_attempts(intents, ends),
        packages=packages,
        evaluations=evaluations,
        tests={k: tuple(sorted(v, key=lambda t: (t.at, t.number, t.name))) for k, v in tests.items()},
        approvals={k: tuple(sorted(v, key=lambda a: (a.at, a.name))) for k, v in approvals.items()},
        gates={k: tuple(sorted(v, key=lambda g: (g.at, g.name))) for k, v in gates.items()},
        contests=contests,
        promotions={k: tuple(sorted(v, key=lambda p: (p.version, p.name))) for k, v in promotions.items()},
        served={k: tuple(sorted(v, key=lambda s: (s.at, s.name))) for k, v in served.items()},
        seen={k: tuple(sorted(v, key=lambda s: (s.number, s.at, s.name))) for k, v in seen.items()},
        damaged=tuple(sorted(damaged, key=lambda d: d.name)),
    )


def _first(fact: Named, other: Named | None) -> Named:
    """Return the one whose name comes first: models that are equal but for their name share their digests."""
    return fact if other is None or fact.name < other.name else other


def _attempts(
    intents: Mapping[str, Intent], ends: Mapping[str, Finished]
) -> dict[tuple[str, str], tuple[Attempt, ...]]:
    grouped: dict[tuple[str, str], list[Attempt]] = defaultdict(list)
    for place, intent in intents.items():
        grouped[intent.work, intent.fingerprint].append(Attempt(intent, ends.get(place)))
    return {
        key: tuple(sorted(found, key=lambda a: (a.intent.attempt, a.intent.name))) for key, found in grouped.items()
    }
