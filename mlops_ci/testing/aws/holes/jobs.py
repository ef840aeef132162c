"""moto calls every job completed at once. Here its own Create validates and stores, and then the job runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from mlops_ci.testing.aws.jobs.engine import Engine, Job
from mlops_ci.testing.aws.jobs.kinds import PROCESSING, TRAINING, TRANSFORM, Kind
from mlops_ci.testing.aws.jobs.listing import listed
from mlops_ci.testing.aws.jobs.processing import process
from mlops_ci.testing.aws.jobs.record import ENDED, Record
from mlops_ci.testing.aws.jobs.refusing import refusal
from mlops_ci.testing.aws.jobs.training import train
from mlops_ci.testing.aws.jobs.transform import transform
from mlops_ci.testing.aws.loopback import Loopback
from mlops_ci.testing.aws.patching import Patches

RUN: dict[Kind, Callable[[Job], None]] = {TRAINING: train, PROCESSING: process, TRANSFORM: transform}


def fill(loopback: Loopback) -> Callable[[], None]:
    """Have jobs run."""
    engine, patches = Engine(loopback), Patches()
    for kind, run in RUN.items():
        _fill_kind(kind, run, engine, patches)

    def end() -> None:
        patches.undo()
        engine.end()

    return end


def _fill_kind(kind: Kind, run: Callable[[Job], None], engine: Engine, patches: Patches) -> None:
    from moto.core.responses import ActionResult, EmptyResult
    from moto.sagemaker import models
    from moto.sagemaker.exceptions import ResourceInUseException, ValidationError
    from moto.sagemaker.responses import SageMakerResponse

    verb = f"{kind.noun}_job"
    moto_create = getattr(SageMakerResponse, f"create_{verb}")
    moto_describe = getattr(SageMakerResponse, f"describe_{verb}")

    def known(response: Any) -> Record | None:  # noqa: ANN401 - moto's class
        mirror = getattr(response.sagemaker_backend, f"{verb}s").get(response._get_param(kind.name))  # noqa: SLF001
        return None if mirror is None else engine.record(mirror)

    def create(response: Any) -> Any:  # noqa: ANN401 - moto's class
        with engine.turn:  # of two that come with one name, one is told
            return created(response, json.loads(response.body))

    def created(response: Any, request: dict[str, Any]) -> Any:  # noqa: ANN401 - moto's class
        backend = response.sagemaker_backend
        jobs = getattr(backend, f"{verb}s")
        if (before := jobs.get(request.get(kind.name))) is not None:
            raise ResourceInUseException(
                f"{kind.word} job names must be unique within an AWS account and region, and a {kind.noun} job with "
                f"this name already exists ({before.arn})"
            )
        if why := refusal(kind, request):
            raise ValidationError(why)
        if kind == TRANSFORM:
            backend.describe_model(request["ModelName"])  # it says that there is none
        answer = moto_create(response)
        engine.start(kind, backend, jobs[request[kind.name]], request, run)
        return answer

    def described(mirror: Any) -> Any:  # noqa: ANN401 - moto's class
        record = engine.record(mirror)
        return moto_described(mirror) if record is None else record.described() | {"Arn": record.arn}

    def listing(response: Any) -> Any:  # noqa: ANN401 - moto's class
        mirrors = getattr(response.sagemaker_backend, f"{verb}s").values()
        records = [record for mirror in mirrors if (record := engine.record(mirror)) is not None]
        try:
            return ActionResult(listed(kind, records, json.loads(response.body or "{}")))
        except ValueError as cause:
            raise ValidationError(str(cause)) from cause

    def stop(response: Any) -> Any:  # noqa: ANN401 - moto's class
        record = known(response)
        if record is None:
            return moto_describe(response)  # it says that there is none
        if record.status in ENDED:
            raise ValidationError(f"The request was rejected because the {kind.noun} job is in status {record.status}.")
        record.stop()
        return EmptyResult()

    for name, method in (("create", create), ("stop", stop)):
        patches.put(SageMakerResponse, f"{name}_{verb}", method)
    patches.put(SageMakerResponse, f"list_{verb}s", listing)
    # What Describe and Search answer.
    moto_described = patches.put(getattr(models, f"Fake{kind.word}Job"), "gen_response_object", described)
