"""moto's model registry forgets: a client token, a group that is there, the properties of an approved package.

AWS gives the same package to the same `ClientToken`, refuses a group that exists, and lets an update change what it
names alone. Who decided is the caller's identity, which the loopback does not know: it says its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from mlops_ci.testing.aws.loopback import ACCOUNT, Loopback
from mlops_ci.testing.aws.patching import Patches

WHO = {"Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/console/person", "PrincipalId": "AROAEXAMPLE:person"}
"""Who every caller is."""


def fill(loopback: Loopback) -> Callable[[], None]:
    """Have the registry keep what it is told."""
    del loopback
    from moto.core.responses import ActionResult
    from moto.sagemaker.exceptions import ValidationError
    from moto.sagemaker.models import ModelPackage
    from moto.sagemaker.responses import SageMakerResponse

    patches, lock = Patches(), threading.Lock()

    def create(response: Any) -> Any:  # noqa: ANN401 - moto's class
        token = response._get_param("ClientToken")  # noqa: SLF001 - as moto's own methods do
        packages = response.sagemaker_backend.model_packages.values()
        with lock:
            before = next((package for package in packages if token and package.client_token == token), None)
            return moto_create(response) if before is None else ActionResult({"ModelPackageArn": before.arn})

    def create_group(response: Any) -> Any:  # noqa: ANN401 - as above
        name = response._get_param("ModelPackageGroupName")  # noqa: SLF001 - as above
        before = response.sagemaker_backend.model_package_groups.get(name)
        if before is not None:
            raise ValidationError(f"Model Package Group already exists: {before.arn}")
        return moto_create_group(response)

    def update(response: Any) -> Any:  # noqa: ANN401 - as above
        package = response.sagemaker_backend.model_packages.get(response._get_param("ModelPackageArn"))  # noqa: SLF001
        kept = {} if package is None else _kept(package)
        answer = moto_update(response)
        for name, value in kept.items():
            if getattr(package, name) is None:
                setattr(package, name, value)
        if package is not None:
            given = response._get_param("CustomerMetadataProperties") or {}  # noqa: SLF001 - as above
            package.customer_metadata_properties = {**(kept["customer_metadata_properties"] or {}), **given}
        return answer

    def modified(package: Any) -> None:  # noqa: ANN401 - as above
        moto_modified(package)
        package.last_modified_by = {"IamIdentity": WHO}

    moto_create = patches.put(SageMakerResponse, "create_model_package", create)
    moto_create_group = patches.put(SageMakerResponse, "create_model_package_group", create_group)
    moto_update = patches.put(SageMakerResponse, "update_model_package", update)
    moto_modified = patches.put(ModelPackage, "modifications_done", modified)
    return patches.undo


def _kept(package: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    names = ("model_approval_status", "approval_description", "customer_metadata_properties")
    return {name: getattr(package, name) for name in names}
