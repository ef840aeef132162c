"""Batch transforms of SageMaker: a model for one job, and the job; the model goes when the job's answers are kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.jobs.asking import Made, ended, found, is_open, made
from mlops_ci.adapters.aws.jobs.inputs import Inputs
from mlops_ci.adapters.aws.jobs.kind import Product
from mlops_ci.adapters.aws.jobs.leaving import below, key_of
from mlops_ci.adapters.aws.jobs.rows import divided
from mlops_ci.adapters.aws.jobs.statuses import Description, transform_status
from mlops_ci.adapters.aws.packages import Packages
from mlops_ci.adapters.aws.requests.model import PATIENCE, model_request
from mlops_ci.adapters.aws.requests.terms import Terms
from mlops_ci.adapters.aws.requests.transform import MAX_RUNTIME, ROWS, Placed, patience, transform_request
from mlops_ci.adapters.faults import guarded
from mlops_ci.errors import ProviderError
from mlops_ci.ports.endpoints import Package
from mlops_ci.ports.jobs import Image, JobStatus, TransformJob
from mlops_ci.runtime.answers import NoValues, one_a_row, several


@dataclass(frozen=True, slots=True)
class Transform:
    """The kind. `package` says what a job's package is, `uri` where an image is to be pulled from.

    The SageMaker model has the name of its job: two jobs with one package never delete each other's.
    """

    account: Account
    inputs: Inputs
    packages: Packages
    terms: Callable[[], Terms]
    uri: Callable[[Image], str]
    package: Callable[[TransformJob], Package]
    log_group: str = "/aws/sagemaker/TransformJobs"

    def create(self, job: TransformJob, name: str) -> Made:
        """Send package and rows, make the model, and start the job."""
        package = self.package(job)
        if not Path(job.rows).is_file():
            raise ProviderError(f"there are no rows at `{job.rows}`", hint="`mlops-ci evaluate` makes them again")
        with guarded("read the rows at", job.rows):
            rows = divided(Path(job.rows).read_bytes(), job.content_type, job.resources.count)
        archive, terms = self.packages.placed(package), self.terms()
        sent, output = self.inputs.sent(rows.files), self.account.place("jobs", name, "")
        placed = Placed(name, sent, rows.count, output, rows.whole_mb)
        image, waits = self.uri(package.image), {PATIENCE: str(patience(job))} if package.entry else {}
        served = replace(package, environment=tuple({**waits, **dict(package.environment)}.items()))
        model = model_request(name, served, image=image, archive=archive, terms=terms, model=job.model)
        request = transform_request(job, name, placed, terms)
        made(self.account, "CreateModel", name, lambda: self._client().create_model(**model))
        try:
            return made(
                self.account, "CreateTransformJob", name, lambda: self._client().create_transform_job(**request)
            )
        except ProviderError as error:
            if not is_open(error):
                self.clear(name)
            raise

    def image(self, job: TransformJob) -> None:
        """Return None: the package says it."""
        del job

    def describe(self, name: str) -> Description | None:
        """Return what SageMaker says, None where it knows none."""
        call = lambda: self._client().describe_transform_job(TransformJobName=name)  # noqa: E731
        return found(self.account, "DescribeTransformJob", name, call)

    def stop(self, name: str) -> None:
        """Ask a job to end."""
        call = lambda: self._client().stop_transform_job(TransformJobName=name)  # noqa: E731
        ended(self.account, "StopTransformJob", name, call)

    def status(self, about: Description) -> JobStatus:
        """Return its status."""
        return transform_status(about, _longest(about))

    def is_overdue(self, about: Description) -> bool:
        """Return whether it runs for longer than it may."""
        longest: float | None = _longest(about)
        began: datetime | None = about.get("TransformStartTime")
        if longest is None or began is None or about["TransformJobStatus"] != "InProgress":
            return False
        began = began if began.tzinfo else began.replace(tzinfo=UTC)
        return (datetime.now(UTC) - began).total_seconds() > longest

    def missing(self, about: Description) -> str:
        """Return what is wrong with its answers."""
        try:
            self._values(about)
        except NoValues as problem:
            return str(problem)
        return ""

    def products(self, about: Description, folder: Path) -> tuple[Product, ...]:
        """Return the answers as JSON Lines, one value a row."""
        place = folder / "predictions"
        with place.open("w", encoding="utf-8") as out:
            out.writelines(f"{json.dumps(value)}\n" for value in self._values(about))
        return (("predictions", place),)

    def metrics(self, about: Description) -> tuple[tuple[str, float], ...]:
        """Return nothing: SageMaker reads no log of a transform job."""
        del about
        return ()

    def billed(self, about: Description) -> None:
        """Return None: SageMaker does not say."""
        del about

    def clear(self, name: str) -> None:
        """Delete the model."""
        ended(self.account, "DeleteModel", name, lambda: self._client().delete_model(ModelName=name))

    def _values(self, about: Description) -> list[object]:
        """Return the value of every row, in order: the parts by their names, one after the other.

        Raises:
            NoValues: there are more or fewer, or an answer is not JSON.

        """
        place = key_of(self.inputs.bucket, about["TransformOutput"]["S3OutputPath"].rstrip("/"))
        answers: list[object] = []
        for key, path in sorted(below(self.inputs.bucket, f"{place}/")):
            if path.endswith(".out"):
                answers += several(self.inputs.bucket.get(key) or b"")
        said = about.get("Environment", {}).get(ROWS)
        sent = None if said is None else int(said)
        values: list[object] = one_a_row(answers, sent)
        if sent is not None and sent != len(values):
            raise NoValues(f"{sent} rows were sent, but the answers hold {len(values)} values")
        return values

    def _client(self) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
        return self.account.clients.of("sagemaker")


def _longest(about: Description) -> float | None:
    said = about.get("Environment", {}).get(MAX_RUNTIME)
    return float(said) if said else None
