"""The three `Jobs` ports of an account, and what they share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.jobs.inputs import Inputs
from mlops_ci.adapters.aws.jobs.jobs import SageMakerJobs
from mlops_ci.adapters.aws.jobs.kind import Kind
from mlops_ci.adapters.aws.jobs.logs import Logs
from mlops_ci.adapters.aws.jobs.looking import Looks
from mlops_ci.adapters.aws.jobs.processing import Processing
from mlops_ci.adapters.aws.jobs.training import Training
from mlops_ci.adapters.aws.jobs.transform import Transform
from mlops_ci.adapters.aws.jobs.tuning import SageMakerTuner
from mlops_ci.adapters.aws.packages import Packages
from mlops_ci.adapters.aws.requests.terms import Terms, terms_of
from mlops_ci.adapters.aws.store.bucket import Bucket
from mlops_ci.errors import UsageError
from mlops_ci.model import Tree
from mlops_ci.ports.endpoints import Package
from mlops_ci.ports.jobs import Image, ProcessingJob, TrainingJob, TransformJob
from mlops_ci.ports.stores import ArtifactStore

JobT = TypeVar("JobT")

POLL = "MLOPS_CI_AWS_POLL"
"""The variable that says how many seconds lie between two calls about one job."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where the jobs of an account run. `bucket` is at the account's address; `tree` is what code is read from.

    `every` is the seconds between two calls about one job, None for what is polite.
    """

    account: Account
    bucket: Bucket
    artifacts: ArtifactStore
    tree: Callable[[], Tree]
    uri: Callable[[Image], str]
    every: float | None = None

    def trainer(self) -> SageMakerJobs[TrainingJob]:
        """Return the `Trainer`."""
        return self._jobs(Training(self.account, self._inputs(), self._terms, self.uri))

    def tuner(self) -> SageMakerTuner:
        """Return the `Tuner`. What SageMaker began for it is known by its own name."""
        kind = Training(self.account, self._inputs(), self._terms, self.uri)
        trials = replace(self._jobs(kind), named=lambda name, _: name)
        return SageMakerTuner(self.account, kind, trials, Looks(self.every))

    def processor(self) -> SageMakerJobs[ProcessingJob]:
        """Return the `Processor`."""
        return self._jobs(Processing(self.account, self._inputs(), self._terms, self.uri))

    def transformer(
        self, packages: Packages, package: Callable[[TransformJob], Package]
    ) -> SageMakerJobs[TransformJob]:
        """Return the `Transformer`; `package` says what a job's package is."""
        return self._jobs(Transform(self.account, self._inputs(), packages, self._terms, self.uri, package))

    def _jobs(self, kind: Kind[JobT]) -> SageMakerJobs[JobT]:
        return SageMakerJobs(self.account, self.bucket, self.artifacts, kind, Logs(self.account), Looks(self.every))

    def _inputs(self) -> Inputs:
        return Inputs(self.bucket, self.tree)

    def _terms(self) -> Terms:
        return terms_of(self.account.target, self.account.region, self.account.tags)


def every_of(environment: Mapping[str, str]) -> float | None:
    """Return the seconds between two calls about one job that the environment says, None where it says nothing.

    Raises:
        UsageError: it says what is no number of seconds.

    """
    said = environment.get(POLL, "")
    if not said:
        return None
    try:
        seconds = float(said)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3600:
        raise UsageError(f"`{POLL}={said}` is no number of seconds", hint=f"unset {POLL}, or give it 0 to 3600")
    return seconds
