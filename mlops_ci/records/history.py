"""The history of a model: what was promoted, served, tested and let through, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from mlops_ci.model import Release, Standing
from mlops_ci.records.facts import Approved, Gated, Served, Tested
from mlops_ci.records.ledger import Ledger

VERDICTS = ("passed", "inconclusive", "errored", "failed")
"""From best to worst."""


class Kind(Enum):
    """What happened."""

    CONTEST = "contest"
    PROMOTION = "promotion"
    DEPLOYMENT = "deployment"
    ROLLBACK = "rollback"
    TEST = "test"
    GATE = "gate"
    APPROVAL = "approval"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened. `place` is an environment, or empty; version 0 and empty texts where there is none.

    `verdict` is of a test or a gate, or a contest's outcome. `at` is UTC, ISO 8601.
    """

    at: str
    kind: Kind
    place: str
    version: int
    package: str
    verdict: str
    sentence: str
    commit: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """What happened to a model, first to last, and the environments that are held now."""

    model: str
    happenings: tuple[Happening, ...]
    held: tuple[Standing, ...]

    def last(self, count: int) -> History:
        """Return the history without all but its last `count` happenings."""
        return History(self.model, self.happenings[-count:] if count else (), self.held)


def history(model: str, release: Release, ledger: Ledger) -> History:
    """Return the history of a model."""
    found = sorted(_happenings(model, release, ledger), key=lambda h: (h.at, [*Kind].index(h.kind), h.place, h.version))
    return History(model, tuple(found), tuple(s for s in release.environments if s.held))


def worst(run: Tested | None) -> str:
    """Return the worst verdict of a test run; empty where there is no run, `inconclusive` where nothing was checked."""
    if run is None:
        return ""
    return max((r.verdict for r in run.results), key=VERDICTS.index, default="inconclusive")


def told(gate: Gated) -> str:
    """Return what a gate said in short: each piece of evidence only where it is closed."""
    if gate.verdict == "passed":
        return f"open, with {len(gate.evidence)} piece{'s' * (len(gate.evidence) != 1)} of evidence"
    return "; ".join(gate.evidence)


def _happenings(model: str, release: Release, ledger: Ledger) -> Iterator[Happening]:
    versions = {package: number for number, package in release.versions}
    for contest in ledger.contests.values():
        if contest.model == model:
            version = versions.get(contest.package, 0)
            yield Happening(contest.at, Kind.CONTEST, "", version, contest.package, contest.outcome, contest.sentence)
    for promoted in ledger.promotions.get(model, ()):
        yield Happening(
            promoted.at, Kind.PROMOTION, "", promoted.version, promoted.package, "",
            f"`{promoted.candidate}` is champion: {promoted.sentence}", promoted.commit,
        )  # fmt: skip
    yield from _served(ledger.served.get(model, ()))
    for (owner, place, package), runs in ledger.tests.items():
        for run in runs if owner == model else ():
            not_passed = [r for r in run.results if r.verdict != "passed"]
            said = "; ".join(f"`{r.check}` {r.verdict}: {r.evidence}" for r in not_passed)
            sentence = said or f"{len(run.results)} of {len(run.results)} checks passed"
            yield Happening(run.at, Kind.TEST, place, run.version, package, worst(run), sentence)
    for (owner, place), gates in ledger.gates.items():
        for gate in gates if owner == model else ():
            sentence = told(gate)
            yield Happening(gate.at, Kind.GATE, place, gate.version, gate.package, gate.verdict, sentence)
    for (owner, place, package), given in ledger.approvals.items():
        for approved in given if owner == model else ():
            sentence = f"{told_of(approved)}" + (f": {approved.why}" if approved.why else "")
            yield Happening(approved.at, Kind.APPROVAL, place, versions.get(package, 0), package, "", sentence)


def told_of(approved: Approved) -> str:
    """Return who let a package in, or did not, and where they said so."""
    where = " in the model registry" if approved.source == "registry" else ""
    return f"{approved.verdict or 'approved'} by {approved.by}{where}"


def _served(served: tuple[Served, ...]) -> Iterator[Happening]:
    """Yield deployments; one that goes to a lower version than the environment served before is a rollback."""
    before: dict[str, int] = {}
    for found in served:
        back = found.version < before.get(found.environment, 0)
        before[found.environment] = found.version
        kind = Kind.ROLLBACK if back else Kind.DEPLOYMENT
        yield Happening(found.at, kind, found.environment, found.version, found.package, "", found.why, found.commit)
