"""Training jobs of SageMaker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.entries import more_for
from mlops_ci.adapters.aws.jobs.asking import Made, ended, found, made
from mlops_ci.adapters.aws.jobs.inputs import Inputs
from mlops_ci.adapters.aws.jobs.kind import Product
from mlops_ci.adapters.aws.jobs.leaving import key_of, repacked
from mlops_ci.adapters.aws.jobs.statuses import Description, billed, training_status
from mlops_ci.adapters.aws.requests.terms import Terms
from mlops_ci.adapters.aws.requests.training import Placed, training_request
from mlops_ci.ports.jobs import Image, JobStatus, TrainingJob

_EMPTY = 512
"""Bytes up to which an archive may hold nothing: it is looked into."""


@dataclass(frozen=True, slots=True)
class Training:
    """The kind. `uri` says where an image is to be pulled from."""

    account: Account
    inputs: Inputs
    terms: Callable[[], Terms]
    uri: Callable[[Image], str]
    log_group: str = "/aws/sagemaker/TrainingJobs"

    def create(self, job: TrainingJob, name: str) -> Made:
        """Send code and channels, and start the job."""
        request = training_request(job, name, self.placed(job), self.terms())
        return made(self.account, "CreateTrainingJob", name, lambda: self._client().create_training_job(**request))

    def placed(self, job: TrainingJob) -> Placed:
        """Send code and channels, and return where they are."""
        code = ""
        if job.entry:
            files = {**more_for(job.entry), **dict(self.inputs.code(job.code, job.image.requirements))}
            code = self.inputs.archive(sorted(files.items()))
        channels = tuple(self.inputs.placed(given) for given in job.channels)
        return Placed(self.uri(job.image), code, channels, self.account.place("jobs"))

    def image(self, job: TrainingJob) -> Image:
        """Return what it trains in."""
        return job.image

    def describe(self, name: str) -> Description | None:
        """Return what SageMaker says, None where it knows none."""
        call = lambda: self._client().describe_training_job(TrainingJobName=name)  # noqa: E731
        return found(self.account, "DescribeTrainingJob", name, call)

    def stop(self, name: str) -> None:
        """Ask a job to end."""
        call = lambda: self._client().stop_training_job(TrainingJobName=name)  # noqa: E731
        ended(self.account, "StopTrainingJob", name, call)

    def status(self, about: Description) -> JobStatus:
        """Return its status."""
        return training_status(about)

    def is_overdue(self, about: Description) -> bool:
        """Return False: SageMaker stops it."""
        del about
        return False

    def missing(self, about: Description) -> str:
        """Return what is wrong with its model."""
        seen = self.inputs.bucket.look(self._left(about, "model.tar.gz"))
        if seen is None:
            return "it left nothing in `/opt/ml/model`"
        if seen.size <= _EMPTY and not _members(self.inputs.bucket.get(self._left(about, "model.tar.gz")) or b""):
            return "it left nothing in `/opt/ml/model`"
        return ""

    def products(self, about: Description, folder: Path) -> tuple[Product, ...]:
        """Return its model, and its output where there is some."""
        bucket, output = self.inputs.bucket, self._left(about, "output.tar.gz")
        model = repacked(bucket, self._left(about, "model.tar.gz"), folder / "model")
        if bucket.look(output) is None:
            return (("model", model),)
        archive = repacked(bucket, output, folder / "output")
        return (("model", model), *((("output", archive),) if any((folder / "output" / "files").iterdir()) else ()))

    def metrics(self, about: Description) -> tuple[tuple[str, float], ...]:
        """Return the last value of each metric definition."""
        return tuple((item["MetricName"], float(item["Value"])) for item in about.get("FinalMetricDataList", ()))

    def billed(self, about: Description) -> float | None:
        """Return what it costs."""
        return billed(about)

    def clear(self, name: str) -> None:
        """Do nothing: what it left is what it made."""

    def _left(self, about: Description, archive: str) -> str:
        place = f"{about['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{about['TrainingJobName']}/output/{archive}"
        return key_of(self.inputs.bucket, place)

    def _client(self) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
        return self.account.clients.of("sagemaker")


def _members(content: bytes) -> bool:
    import io
    import tarfile

    try:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            return any(not member.isdir() for member in archive)
    except tarfile.TarError:
        return False
