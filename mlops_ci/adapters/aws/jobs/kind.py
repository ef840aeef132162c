"""What differs between training, processing and transform: their calls, their status, and what they leave."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, TypeVar

from mlops_ci.adapters.aws.jobs.asking import Made
from mlops_ci.adapters.aws.jobs.statuses import Description
from mlops_ci.ports.jobs import Image, JobStatus

JobT_contra = TypeVar("JobT_contra", contravariant=True)

Product = tuple[str, Path]
"""An artifact's name, and a file with it."""


class Kind(Protocol[JobT_contra]):
    """One kind of job. Names are SageMaker's."""

    @property
    def log_group(self) -> str:
        """The log group of CloudWatch."""
        ...

    def create(self, job: JobT_contra, name: str) -> Made:
        """Send what the job needs, and start it.

        Raises:
            InputsMoved: the code's bytes are no longer those of its digest; nothing was started.
            ProviderError: something that it needs is missing, or AWS refuses.

        """
        ...

    def image(self, job: JobT_contra) -> Image | None:
        """Return the software that a job runs in, where that is recorded beside it."""
        ...

    def describe(self, name: str) -> Description | None:
        """Return what SageMaker says of a job, None where it knows none."""
        ...

    def stop(self, name: str) -> None:
        """Ask a job to end; does nothing where there is none, or it has ended."""
        ...

    def status(self, about: Description) -> JobStatus:
        """Return the status that a description is."""
        ...

    def is_overdue(self, about: Description) -> bool:
        """Return whether a job that runs must be stopped by us, because SageMaker will not."""
        ...

    def missing(self, about: Description) -> str:
        """Return what a job that ended well did not leave, for people; empty where all is there."""
        ...

    def products(self, about: Description, folder: Path) -> tuple[Product, ...]:
        """Return what a job that ended well left, made ready in a new folder."""
        ...

    def metrics(self, about: Description) -> tuple[tuple[str, float], ...]:
        """Return the numbers that SageMaker read from the log."""
        ...

    def billed(self, about: Description) -> float | None:
        """Return the seconds that the job costs, where SageMaker says so."""
        ...

    def clear(self, name: str) -> None:
        """Delete what was made for the job, and would stay when it has ended."""
        ...
