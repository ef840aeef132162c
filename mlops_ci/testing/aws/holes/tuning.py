"""moto calls every tuning job completed, with a best trial of its own making. Here trials are jobs that run."""

from __future__ import annotations

import json
import sys
import threading
import traceback
import weakref
from collections.abc import Callable
from typing import Any

from mlops_ci.testing.aws.clients import client
from mlops_ci.testing.aws.loopback import Loopback
from mlops_ci.testing.aws.patching import Patches
from mlops_ci.testing.aws.tuning.listing import listed
from mlops_ci.testing.aws.tuning.tuner import Tuner

_KEY = "HyperParameterTuningJobName"


def fill(loopback: Loopback) -> Callable[[], None]:
    """Have tuning jobs run."""
    from moto.core.responses import ActionResult, EmptyResult
    from moto.sagemaker.exceptions import ValidationError
    from moto.sagemaker.responses import SageMakerResponse

    patches = Patches()
    tuners: weakref.WeakKeyDictionary[object, Tuner] = weakref.WeakKeyDictionary()
    threads: list[threading.Thread] = []

    def known(response: Any) -> Tuner:  # noqa: ANN401 - moto's class
        name = response.params[_KEY]
        response.sagemaker_backend.describe_hyper_parameter_tuning_job(name)  # it says that there is none
        return tuners[response.sagemaker_backend.hyper_parameter_tuning_jobs[name]]

    def create(response: Any) -> Any:  # noqa: ANN401 - moto's class
        request = json.loads(response.body)
        answer = moto_create(response)
        backend = response.sagemaker_backend
        mirror = backend.hyper_parameter_tuning_jobs[request[_KEY]]
        sagemaker = client("sagemaker", backend.region_name, loopback.url)
        tuner = Tuner(request, sagemaker, lambda told: _tell(told, mirror, backend))
        tuners[mirror] = tuner
        _reflect(tuner, mirror)
        thread = threading.Thread(target=_run, args=(tuner,), name=f"tuning job {tuner.name}", daemon=True)
        threads.append(thread)
        thread.start()
        return answer

    def describe(response: Any) -> Any:  # noqa: ANN401 - moto's class
        tuner = known(response)
        mirror = response.sagemaker_backend.hyper_parameter_tuning_jobs[tuner.name]
        _reflect(tuner, mirror)
        return ActionResult({name: value for name, value in mirror.describe().items() if value not in (None, "")})

    def listed_trials(response: Any) -> Any:  # noqa: ANN401 - moto's class
        tuner = known(response)
        try:
            return ActionResult(listed(tuner.name, tuple(tuner.trials), response.params))
        except ValueError as cause:
            raise ValidationError(str(cause)) from cause

    def stop(response: Any) -> Any:  # noqa: ANN401 - moto's class
        tuner = known(response)
        if tuner.status != "InProgress":
            raise ValidationError(f"The request was rejected because the tuning job is in status {tuner.status}.")
        tuner.stop()
        return EmptyResult()

    moto_create = patches.put(SageMakerResponse, "create_hyper_parameter_tuning_job", create)
    patches.put(SageMakerResponse, "describe_hyper_parameter_tuning_job", describe)
    patches.put(SageMakerResponse, "list_training_jobs_for_hyper_parameter_tuning_job", listed_trials)
    patches.put(SageMakerResponse, "stop_hyper_parameter_tuning_job", stop)

    def end() -> None:
        for tuner in tuners.values():
            tuner.closing.set()
        for thread in threads:
            thread.join(30)
        patches.undo()

    return end


def _run(tuner: Tuner) -> None:
    try:
        tuner.run()
    except Exception as error:  # noqa: BLE001 - nobody waits for this thread: the job says what happened
        traceback.print_exc(file=sys.stderr)
        tuner.fail(f"InternalServerError: the loopback failed: {error!r}")


def _reflect(tuner: Tuner, mirror: Any) -> None:  # noqa: ANN401 - moto's class
    """Have moto's own object say what is so; its lists read it."""
    jobs, objectives = tuner.counters()
    best = tuner.best
    shown = None if best is None else best.summary(tuner.name, is_best=True)
    vars(mirror).update({
        "hyper_parameter_tuning_job_status": tuner.status,
        "creation_time": tuner.created,
        "last_modified_time": tuner.changed,
        "hyper_parameter_tuning_end_time": tuner.ended,
        "training_job_status_counters": jobs,
        "objective_status_counters": objectives,
        "best_training_job": shown,
        "OverallBestTrainingJob": shown if mirror.training_job_definitions else None,
        "failure_reason": tuner.why,
        "tuning_job_completion_details": None,
        "consumed_resources": {"RuntimeInSeconds": tuner.seconds},
    })  # fmt: skip


def _tell(tuner: Tuner, mirror: Any, backend: Any) -> None:  # noqa: ANN401 - moto's classes
    from moto.events.models import events_backends

    _reflect(tuner, mirror)
    detail = {name: value for name, value in mirror.describe().items() if value is not None}
    events_backends[backend.account_id][backend.region_name].put_events([
        {
            "Source": "aws.sagemaker",
            "DetailType": "SageMaker HyperParameter Tuning Job State Change",
            "Detail": json.dumps(detail, default=lambda moment: int(moment.timestamp() * 1000)),
            "Resources": [mirror.arn],
        }
    ])  # fmt: skip
