"""Tuning jobs on SageMaker, behind the `Tuner` port. Their trials are training jobs, and are treated as such."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.jobs.asking import ended, found, made, told
from mlops_ci.adapters.aws.jobs.jobs import SageMakerJobs
from mlops_ci.adapters.aws.jobs.looking import Looks
from mlops_ci.adapters.aws.jobs.statuses import Description, tuning_status
from mlops_ci.adapters.aws.jobs.training import Training
from mlops_ci.adapters.aws.requests.tuning import chosen, tuning_request
from mlops_ci.errors import ProviderError
from mlops_ci.model.address import Address
from mlops_ci.ports.jobs import JobStatus, Outputs, Running, TrainingJob
from mlops_ci.ports.tuning import TunedTrial, TuningJob

_KEY = re.compile(r"[a-z]+-([0-9a-f]{12})[0-9a-f]*-([0-9]{1,3})")
_TRIALS = "Trials"
"""Where a description of ours has the summaries of the trials."""
_RUNNING = {"InProgress", "Stopping"}
_PAGE = 100


def tuning_name(key: str, store: Address) -> str:
    """Return what SageMaker calls the tuning job of a key, in the 32 characters that it allows.

    Raises:
        ProviderError: the key is none of a search.

    """
    parts = _KEY.fullmatch(key)
    if parts is None:
        raise ProviderError(f"{key!r} is no key of a tuning job", hint="it is `training-<fingerprint>-<attempt>`")
    return f"search-{parts[1]}-{parts[2]}-{hashlib.sha256(str(store).encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class SageMakerTuner:
    """The port. `kind` sends what a training needs, `jobs` knows trainings by SageMaker's own names of them."""

    account: Account
    kind: Training
    jobs: SageMakerJobs[TrainingJob]
    looks: Looks = field(default_factory=Looks)

    def submit(self, job: TuningJob, *, key: str) -> None:
        """Start the job, or adopt the one that has this key; also one that AWS began while the connection broke.

        Raises:
            InputsMoved: the code's bytes are no longer those of its digest; nothing was started.
            ProviderError: AWS refused. Where nothing answered, the job may have been started, and counts as running.

        """
        name = self._name(key)
        if self._described(name) is not None or self.looks.is_made(name):
            return
        with self.looks.making(name):
            request = tuning_request(job, name, self.kind.placed(job.training), self.kind.terms())
            call = lambda: self._client().create_hyper_parameter_tuning_job(**request)  # noqa: E731
            made(self.account, "CreateHyperParameterTuningJob", name, call)

    def status(self, key: str) -> JobStatus | None:
        """Return what is known now, or was some seconds ago; None where no job has this key."""
        name = self._name(key)
        about = self._described(name)
        if about is None:
            return Running() if self.looks.is_made(name) else None
        return tuning_status(about)

    def trials(self, key: str) -> tuple[TunedTrial, ...]:
        """Return every trial that was begun by then, as known when the status was: of one look are both."""
        name = self._name(key)
        about = self._described(name) or {}
        trials = (self._trial(name, summary) for summary in about.get(_TRIALS, ()))
        return tuple(sorted(trials, key=lambda trial: trial.number))

    def collect(self, key: str, number: int) -> Outputs:
        """Return the outputs of a trial that ended; of one that did not succeed only the log."""
        return self.jobs.collect(self._training(key, number))

    def logs(self, key: str, number: int, *, start: int) -> Iterator[str]:
        """Return the lines of a trial's log that CloudWatch has now."""
        return self.jobs.logs(self._training(key, number), start=start)

    def stop(self, key: str) -> None:
        """Ask SageMaker to stop the job, which stops its trials."""
        name = self._name(key)
        call = lambda: self._client().stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)  # noqa: E731
        ended(self.account, "StopHyperParameterTuningJob", name, call)
        self.looks.forget(name)

    def _name(self, key: str) -> str:
        return tuning_name(key, self.account.address)

    def _described(self, name: str) -> Description | None:
        return self.looks.look(name, lambda: self._asked(name))

    def _asked(self, name: str) -> Description | None:
        """Return what SageMaker says of a job, and of its trials after that: one that ended begins no other."""
        client = self._client()
        call = lambda: client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)  # noqa: E731
        about = found(self.account, "DescribeHyperParameterTuningJob", name, call)
        return None if about is None else {**about, _TRIALS: self._summaries(name)}

    def _summaries(self, name: str) -> tuple[Mapping[str, Any], ...]:
        client, action = self._client(), "ListTrainingJobsForHyperParameterTuningJob"
        asked: dict[str, Any] = {"HyperParameterTuningJobName": name, "MaxResults": _PAGE}
        summaries: list[Mapping[str, Any]] = []
        while True:
            call = lambda: client.list_training_jobs_for_hyper_parameter_tuning_job(**asked)  # noqa: E731
            page = found(self.account, action, name, call)
            summaries += (page or {}).get("TrainingJobSummaries", ())
            if not (token := told(page, "NextToken")):
                return tuple(summaries)
            asked["NextToken"] = token

    def _trial(self, name: str, summary: Mapping[str, Any]) -> TunedTrial:
        training = summary["TrainingJobName"]
        given = tuple((key, chosen(value)) for key, value in sorted(summary["TunedHyperParameters"].items()))
        status: JobStatus = Running()
        if summary["TrainingJobStatus"] not in _RUNNING:
            status = self.jobs.status(training) or Running()  # it is listed: describing it comes a moment later
        value = summary.get("FinalHyperParameterTuningJobObjectiveMetric", {}).get("Value")
        return TunedTrial(_number(name, training), given, status, None if value is None else float(value))

    def _training(self, key: str, number: int) -> str:
        name = self._name(key)
        for summary in (self._described(name) or {}).get(_TRIALS, ()):
            if _number(name, summary["TrainingJobName"]) == number:
                return str(summary["TrainingJobName"])
        raise ProviderError(f"tuning job `{name}` has no trial {number}", hint="`mlops-ci status`")

    def _client(self) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
        return self.account.clients.of("sagemaker")


def _number(tuning: str, training: str) -> int:
    """Return the number of a trial: SageMaker calls them `<tuning job>-<number>-<8 hex>`."""
    number = training.removeprefix(f"{tuning}-").split("-")[0]
    if not number.isdecimal():
        raise ProviderError(f"training job `{training}` is no trial of tuning job `{tuning}` by its name")
    return int(number)
