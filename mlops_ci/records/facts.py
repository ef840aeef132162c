"""Facts: what happened, append-only, each named by all it is about.

A fact's name starts with its model, so that reading about one model reads nothing of the others. Writing a fact
twice is writing it once: the store puts only what is absent. Times are UTC, ISO 8601.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from mlops_ci.fingerprint.canonical import digest
from mlops_ci.judging.scores import Difference, Scores
from mlops_ci.model.effects import Pairs
from mlops_ci.records.once import Proposed, Seen
from mlops_ci.records.places import attempt_place

__all__ = [
    "Approved", "CheckResult", "Decided", "Evaluated", "Fact", "Finished", "Gated", "Intent", "Packaged", "Promoted",
    "Proposed", "Seen", "Served", "Tested", "Tried",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Intent:
    """A job is about to be submitted. `work` is `training`, `processing`, `evaluation` ...; `recipe` is canonical JSON.

    `commit` is the commit that was checked out, with `+` behind it where files differed from it.
    """

    model: str
    work: str
    candidate: str
    fingerprint: str
    attempt: int
    commit: str
    recipe: str
    at: str

    @property
    def key(self) -> str:
        """Return the job's key: what is computed, and which try it is."""
        return f"{self.work}-{self.fingerprint[:32]}-{self.attempt}"

    @property
    def name(self) -> str:
        return f"{attempt_place(self.model, self.work, self.fingerprint, self.attempt)}/intent"


@dataclass(frozen=True, slots=True)
class Finished:
    """A job ended. `outcome` is `succeeded`, `failed` or `stopped`; artifacts are (name, sha256) pairs.

    `image` is the canonical JSON of the software it really ran in; `features` the columns of a row. `billed_seconds`
    are what the provider asks to be paid for, all instances together; None where it does not say.
    """

    model: str
    work: str
    fingerprint: str
    attempt: int
    outcome: str
    detail: str
    seconds: float
    started_at: str
    ended_at: str
    artifacts: tuple[tuple[str, str], ...] = ()
    metrics: tuple[tuple[str, float], ...] = ()
    image: str = ""
    features: tuple[str, ...] = ()
    rows: tuple[tuple[str, int], ...] = ()
    billed_seconds: float | None = None

    @property
    def name(self) -> str:
        return f"{attempt_place(self.model, self.work, self.fingerprint, self.attempt)}/finished"

    def artifact(self, name: str) -> str:
        """Return the sha256 of the artifact of that name, or an empty string."""
        return dict(self.artifacts).get(name, "")


@dataclass(frozen=True, slots=True)
class Packaged:
    """What a package digest stands for. `code` is the sha256 of the serving code's archive; `recipe` canonical JSON."""

    model: str
    package: str
    candidate: str
    fingerprint: str
    artifact: str
    code: str
    recipe: str

    @property
    def name(self) -> str:
        return f"{self.model}/packages/{self.package}"


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An accuracy, of winners and losers alike. `predictions` is the sha256 of one JSON value a test row."""

    model: str
    evaluation: str
    candidate: str
    fingerprint: str
    package: str
    commit: str
    scores: Scores
    predictions: str
    seconds: float
    at: str
    recipe: str = ""
    reports: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        return f"{self.model}/evaluations/{self.evaluation}"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A check's verdict (`passed`, `inconclusive`, `errored`, `failed`) with its evidence, one sentence."""

    check: str
    verdict: str
    evidence: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Tested:
    """One run of an environment's tests against a package; `suite` is the digest of what was asked."""

    __test__ = False  # its name is no test of pytest's

    model: str
    environment: str
    version: int
    package: str
    suite: str
    number: int
    results: tuple[CheckResult, ...]
    at: str

    @property
    def name(self) -> str:
        return f"{self.model}/tests/{self.environment}/{self.package[:32]}/{self.suite[:16]}-{self.number:06d}"


@dataclass(frozen=True, slots=True)
class Approved:
    """Somebody let a package into an environment, or did not.

    `verdict` is empty for a yes, else `rejected`; `source` is empty where it was said here first, `registry` where
    it was said there, and `here` after a no.
    """

    model: str
    environment: str
    package: str
    by: str
    why: str
    at: str
    verdict: str = ""
    source: str = ""

    @property
    def name(self) -> str:
        # In a registry the same person may change their mind, and every CI job sees the same decision.
        about = digest([self.by, self.verdict, self.at]) if self.source else digest(self.by)
        return f"{self.model}/approvals/{self.environment}/{self.package[:32]}/{about[:16]}"


@dataclass(frozen=True, slots=True)
class Gated:
    """What a gate said of a package; `evidence` one sentence a thing it asked for."""

    model: str
    environment: str
    version: int
    package: str
    verdict: str
    evidence: tuple[str, ...]
    at: str

    @property
    def name(self) -> str:
        about = digest([self.verdict, *self.evidence])[:16]
        return f"{self.model}/gates/{self.environment}/{self.package[:32]}/{about}"


@dataclass(frozen=True, slots=True)
class Decided:
    """What a contest ended with: `contest` is the digest of its evaluations and rules.

    `outcome` is `promote`, `stay` or `nobody`; `package` is the one that is champion by it (empty for nobody).
    `lines` says of each candidate why it did not win. `p_values` are (candidate, p-value) pairs against who was
    champion before, `differences` are (candidate, difference of the deciding metric) pairs to who is champion by it.
    """

    model: str
    contest: str
    outcome: str
    candidate: str
    package: str
    sentence: str
    lines: tuple[tuple[str, str], ...]
    p_values: tuple[tuple[str, float], ...]
    at: str
    differences: tuple[tuple[str, Difference], ...] = ()

    @property
    def name(self) -> str:
        return f"{self.model}/contests/{self.contest}"


@dataclass(frozen=True, slots=True)
class Promoted:
    """A version was made champion on the branch, by `commit` with this base."""

    model: str
    version: int
    package: str
    candidate: str
    base: str
    commit: str
    sentence: str
    at: str

    @property
    def name(self) -> str:
        return f"{self.model}/promotions/{self.version:06d}-{self.package[:32]}-{self.commit[:16]}"


@dataclass(frozen=True, slots=True)
class Served:
    """An environment began to serve a version, because the release file of `commit` says so."""

    model: str
    environment: str
    version: int
    package: str
    commit: str
    why: str
    at: str

    @property
    def name(self) -> str:
        return f"{self.model}/deployments/{self.environment}/{self.version:06d}-{self.commit[:16]}"


@dataclass(frozen=True, slots=True)
class Tried:
    """A trial of a search ended. `search` is the fingerprint of the candidate that searches, `attempt` its attempt.

    `outcome` is `succeeded` or `failed`; `fingerprint` names the trial's training, `number` counts from 1. `score` is
    `metric` over the `rows` validation rows, or (then `rows` is 0) read from the training log; None where it failed.
    `scoring` is the digest of how it was scored; `seconds` is how long the training took.
    """

    model: str
    candidate: str
    search: str
    attempt: int
    number: int
    scoring: str
    fingerprint: str
    hyperparameters: Pairs
    outcome: str
    detail: str
    metric: str
    score: float | None
    rows: int
    seconds: float
    at: str

    @property
    def name(self) -> str:
        return f"{self.model}/searches/{self.search[:32]}-{self.attempt}/{self.number:05d}-{self.scoring[:16]}"


Fact: TypeAlias = (
    Intent
    | Finished
    | Packaged
    | Evaluated
    | Tested
    | Approved
    | Gated
    | Decided
    | Promoted
    | Served
    | Proposed
    | Seen
    | Tried
)
