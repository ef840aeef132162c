"""Processing jobs of SageMaker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.jobs.asking import Made, ended, found, made
from mlops_ci.adapters.aws.jobs.inputs import Inputs
from mlops_ci.adapters.aws.jobs.kind import Product
from mlops_ci.adapters.aws.jobs.leaving import below, key_of, packed
from mlops_ci.adapters.aws.jobs.statuses import Description, processing_status
from mlops_ci.adapters.aws.packages import REQUIREMENTS
from mlops_ci.adapters.aws.requests.processing import Placed, processing_request
from mlops_ci.adapters.aws.requests.terms import Terms
from mlops_ci.errors import ProviderError
from mlops_ci.ports.jobs import Image, JobStatus, ProcessingJob


@dataclass(frozen=True, slots=True)
class Processing:
    """The kind. `uri` says where an image is to be pulled from."""

    account: Account
    inputs: Inputs
    terms: Callable[[], Terms]
    uri: Callable[[Image], str]
    log_group: str = "/aws/sagemaker/ProcessingJobs"

    def create(self, job: ProcessingJob, name: str) -> Made:
        """Send code and inputs, and start the job."""
        if "input" in job.outputs:
            raise ProviderError("an output cannot be called `input`: that folder holds the inputs")
        if any(given.name == "code" for given in job.inputs):
            raise ProviderError("an input cannot be called `code`: that folder holds the code")
        files = self.inputs.code(job.code, job.image.requirements)
        placed = Placed(
            self.uri(job.image),
            self.inputs.sent(files),
            tuple(self.inputs.placed(given) for given in job.inputs),
            self.account.place("jobs", name, ""),
            requires=any(path == REQUIREMENTS for path, _ in files),
        )
        request = processing_request(job, name, placed, self.terms())
        return made(self.account, "CreateProcessingJob", name, lambda: self._client().create_processing_job(**request))

    def image(self, job: ProcessingJob) -> Image:
        """Return what it runs in."""
        return job.image

    def describe(self, name: str) -> Description | None:
        """Return what SageMaker says, None where it knows none."""
        call = lambda: self._client().describe_processing_job(ProcessingJobName=name)  # noqa: E731
        return found(self.account, "DescribeProcessingJob", name, call)

    def stop(self, name: str) -> None:
        """Ask a job to end."""
        call = lambda: self._client().stop_processing_job(ProcessingJobName=name)  # noqa: E731
        ended(self.account, "StopProcessingJob", name, call)

    def status(self, about: Description) -> JobStatus:
        """Return its status."""
        return processing_status(about)

    def is_overdue(self, about: Description) -> bool:
        """Return False: SageMaker stops it."""
        del about
        return False

    def missing(self, about: Description) -> str:
        """Return which output has nothing in it."""
        for name, prefix in self._left(about):
            if next(below(self.inputs.bucket, prefix), None) is None:
                return f"it left nothing in `/opt/ml/processing/{name}`"
        return ""

    def products(self, about: Description, folder: Path) -> tuple[Product, ...]:
        """Return an archive an output."""
        return tuple((name, packed(self.inputs.bucket, prefix, folder / name)) for name, prefix in self._left(about))

    def metrics(self, about: Description) -> tuple[tuple[str, float], ...]:
        """Return nothing: SageMaker reads no log of a processing job."""
        del about
        return ()

    def billed(self, about: Description) -> None:
        """Return None: SageMaker does not say."""
        del about

    def clear(self, name: str) -> None:
        """Do nothing: what it left is what it made."""

    def _left(self, about: Description) -> tuple[tuple[str, str], ...]:
        """Return (output, the prefix it is below)."""
        outputs = about["ProcessingOutputConfig"]["Outputs"]
        places = ((output["OutputName"], output["S3Output"]["S3Uri"].rstrip("/")) for output in outputs)
        return tuple((name, f"{key_of(self.inputs.bucket, place)}/") for name, place in places)

    def _client(self) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
        return self.account.clients.of("sagemaker")
