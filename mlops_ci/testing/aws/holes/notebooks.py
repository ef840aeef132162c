"""moto's notebook instances are there at once. Here they take their time, and have addresses and life cycles."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

from mlops_ci.testing.aws.loopback import Loopback
from mlops_ci.testing.aws.patching import Patches

TAKES = 300.0
"""Seconds between Pending and InService, and between Stopping and Stopped, at speed 1."""

_CHANGEABLE = {
    "InstanceType": "instance_type",
    "RoleArn": "role_arn",
    "LifecycleConfigName": "lifecycle_config_name",
    "VolumeSizeInGB": "volume_size_in_gb",
    "DefaultCodeRepository": "default_code_repository",
    "AdditionalCodeRepositories": "additional_code_repositories",
    "RootAccess": "root_access",
}


def fill(loopback: Loopback) -> Callable[[], None]:
    """Have notebook instances as SageMaker has them; nothing runs in them."""
    patches = Patches()
    _fill_states(loopback, patches)
    _fill_instances(patches)
    _fill_life_cycles(patches)
    return patches.undo


def _fill_states(loopback: Loopback, patches: Patches) -> None:
    from moto.sagemaker.models import FakeSagemakerNotebookInstance

    def turn(instance: Any, now: str, then: str, why: str = "") -> None:  # noqa: ANN401 - moto's class
        instance.status = now
        instance.becomes = (time.monotonic() + TAKES / loopback.settings.speed, then)
        instance.failure_reason = why

    def start(instance: Any) -> None:  # noqa: ANN401 - moto's class
        if loopback.faults.no_capacity(instance.instance_type):
            why = "Unable to provision requested ML compute capacity. Please retry using a different ML instance type."
            turn(instance, "Pending", "Failed", why)
        else:
            turn(instance, "Pending", "InService")

    def stop(instance: Any) -> None:  # noqa: ANN401 - moto's class
        turn(instance, "Stopping", "Stopped")

    def status(instance: Any) -> str:  # noqa: ANN401 - moto's class
        at, then = getattr(instance, "becomes", (float("inf"), ""))
        if time.monotonic() >= at:
            instance.status = then
            del instance.becomes
        found: str = vars(instance)["_status"]
        return found

    def set_status(instance: Any, value: str) -> None:  # noqa: ANN401 - moto's class
        vars(instance)["_status"] = value

    patches.put(FakeSagemakerNotebookInstance, "status", property(status, set_status))
    patches.put(FakeSagemakerNotebookInstance, "start", start)
    patches.put(FakeSagemakerNotebookInstance, "stop", stop)
    # the service's model knows more types than moto's list, and the gate has looked already
    patches.put(FakeSagemakerNotebookInstance, "validate_instance_type", lambda *_: None)


def _fill_instances(patches: Patches) -> None:
    from moto.core.responses import ActionResult, EmptyResult
    from moto.sagemaker.responses import SageMakerResponse

    def instance(response: Any) -> Any:  # noqa: ANN401 - moto's class
        return response.sagemaker_backend.get_notebook_instance(response.params["NotebookInstanceName"])

    def create(response: Any) -> Any:  # noqa: ANN401 - moto's class
        if (name := response.params.get("LifecycleConfigName")) is not None:
            response.sagemaker_backend.describe_notebook_instance_lifecycle_config(name)  # it says that there is none
        return moto_create(response)

    def describe(response: Any) -> Any:  # noqa: ANN401 - moto's class
        found = instance(response)
        told = found.to_dict() | {"FailureReason": found.failure_reason if found.status == "Failed" else ""}
        return ActionResult({name: value for name, value in told.items() if value not in (None, "", [])})

    def start(response: Any) -> Any:  # noqa: ANN401 - moto's class
        _must_be(instance(response), ("Stopped", "Failed"), "Pending")
        return moto_start(response)

    def stop(response: Any) -> Any:  # noqa: ANN401 - moto's class
        _must_be(instance(response), ("InService",), "Stopping")
        return moto_stop(response)

    def update(response: Any) -> Any:  # noqa: ANN401 - moto's class
        found = instance(response)
        _must_be(found, ("Stopped", "Failed"), "Updating")
        for name, attribute in _CHANGEABLE.items():
            if name in response.params:
                setattr(found, attribute, response.params[name])
        if response.params.get("DisassociateLifecycleConfig"):
            found.lifecycle_config_name = None
        return EmptyResult()

    def presign(response: Any) -> Any:  # noqa: ANN401 - moto's class
        found = instance(response)
        _must_be(found, ("InService",), "Presigned")
        return ActionResult({"AuthorizedUrl": f"https://{found.url}?authToken={uuid.uuid4().hex}"})

    moto_create = patches.put(SageMakerResponse, "create_notebook_instance", create)
    patches.put(SageMakerResponse, "describe_notebook_instance", describe)
    moto_start = patches.put(SageMakerResponse, "start_notebook_instance", start)
    moto_stop = patches.put(SageMakerResponse, "stop_notebook_instance", stop)
    patches.put(SageMakerResponse, "update_notebook_instance", update)
    patches.put(SageMakerResponse, "create_presigned_notebook_instance_url", presign)


def _must_be(instance: Any, states: tuple[str, ...], target: str) -> None:  # noqa: ANN401 - moto's class
    from moto.sagemaker.exceptions import ValidationError

    if instance.status not in states:
        raise ValidationError(
            f"Status ({instance.status}) not in ([{', '.join(states)}]). Unable to transition to ({target}) for "
            f"Notebook Instance ({instance.arn})"
        )


def _fill_life_cycles(patches: Patches) -> None:
    from moto.core.responses import ActionResult, EmptyResult
    from moto.sagemaker.responses import SageMakerResponse

    key = "NotebookInstanceLifecycleConfigName"

    def update(response: Any) -> Any:  # noqa: ANN401 - moto's class
        backend = response.sagemaker_backend
        backend.describe_notebook_instance_lifecycle_config(response.params[key])
        found = backend.notebook_instance_lifecycle_configurations[response.params[key]]
        found.on_create = response.params.get("OnCreate", found.on_create)
        found.on_start = response.params.get("OnStart", found.on_start)
        return EmptyResult()

    def listed(response: Any) -> Any:  # noqa: ANN401 - moto's class
        known = response.sagemaker_backend.notebook_instance_lifecycle_configurations.values()
        word = response.params.get("NameContains", "")
        shown = [
            {
                key: one.notebook_instance_lifecycle_config_name,
                "NotebookInstanceLifecycleConfigArn": one.arn,
                "CreationTime": one.creation_time,
                "LastModifiedTime": one.last_modified_time,
            }
            for one in known
            if word in one.notebook_instance_lifecycle_config_name
        ]
        return ActionResult({"NotebookInstanceLifecycleConfigs": shown})

    patches.put(SageMakerResponse, "update_notebook_instance_lifecycle_config", update)
    patches.put(SageMakerResponse, "list_notebook_instance_lifecycle_configs", listed)
