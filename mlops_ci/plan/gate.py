"""The gate before an environment: which evidence it asks for, and which is there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from mlops_ci.model import Environment
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.records.facts import Tested
from mlops_ci.records.ledger import Ledger

APPROVAL = "approval"
"""What a person's word is called among the evidence."""


class Found(Enum):
    """What the records hold of a piece of evidence."""

    PASSED = "passed"
    FAILED = "failed"
    MISSING = "missing"
    WAITING = "waiting for a person"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing the gate asks for, what was found of it, and a sentence."""

    asked: str
    found: Found
    sentence: str


@dataclass(frozen=True, slots=True)
class Opening:
    """What a gate says of the version that its environment would serve next; open when all evidence passed."""

    version: int
    package: str
    evidence: tuple[Evidence, ...]

    @property
    def is_open(self) -> bool:
        return bool(self.evidence) and all(item.found is Found.PASSED for item in self.evidence)

    @property
    def is_rejected(self) -> bool:
        """Return whether a person said no."""
        return any(item.asked == APPROVAL and item.found is Found.FAILED for item in self.evidence)

    def only(self, *found: Found) -> bool:
        """Return whether what keeps it closed is of these kinds alone."""
        return not self.is_open and all(item.found in {Found.PASSED, *found} for item in self.evidence)


def opening(desired: DesiredModel, environment: Environment, ledger: Ledger) -> Opening | None:
    """Return what the gate of an environment says; None where nothing stands before it yet, or it has no gate.

    Evidence counts only for the very package that stands in the environment it promotes from, and only when it
    was gathered by today's tests.
    """
    if not environment.promotes_from:
        return None
    source = desired.release.standing(environment.promotes_from)
    if source is None:
        return None
    wanted = environment.requires or desired.model.checks()
    run = ledger.last_test(desired.name, environment.promotes_from, source.package, desired.suite(source.package))
    evidence = [_check(name, run, environment.promotes_from) for name in wanted]
    if not wanted:
        evidence.append(Evidence("tests", Found.MISSING, f"no test runs on `{environment.promotes_from}`"))
    said = _approval(desired, environment, source.package, ledger)
    if environment.approval or said.found is Found.FAILED:  # a no counts wherever it is said
        evidence.append(said)
    return Opening(source.version, source.package, tuple(evidence))


def _check(name: str, run: Tested | None, place: str) -> Evidence:
    result = next((r for r in run.results if r.check == name), None) if run else None
    if result is None:
        return Evidence(name, Found.MISSING, f"`{name}` has not run on `{place}` for this package")
    if result.verdict == "passed":
        return Evidence(name, Found.PASSED, f"`{name}` passed on `{place}`: {result.evidence}")
    return Evidence(name, Found.FAILED, f"`{name}` {result.verdict} on `{place}`: {result.evidence}")


def _approval(desired: DesiredModel, environment: Environment, package: str, ledger: Ledger) -> Evidence:
    given = ledger.approvals.get((desired.name, environment.name, package), ())
    if given and given[-1].verdict:  # the last word counts
        last = given[-1]
        why = f": {last.why}" if last.why else ""
        return Evidence(APPROVAL, Found.FAILED, f"{last.verdict} by {last.by} in the model registry{why}")
    if given:
        yes = dict.fromkeys(a.by for a in given if not a.verdict)
        return Evidence(APPROVAL, Found.PASSED, "approved by " + ", ".join(yes))
    return Evidence(APPROVAL, Found.WAITING, f"nobody has approved this package for `{environment.name}`")
