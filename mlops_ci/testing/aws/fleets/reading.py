"""Endpoint configs and models as moto keeps them, read into values."""

from __future__ import annotations

from typing import Any

from mlops_ci.testing.aws.fleets import configs
from mlops_ci.testing.aws.fleets.configs import Config, Container
from mlops_ci.testing.aws.fleets.places import Place


class Missing(Exception):  # noqa: N818 - named after what it is
    """Something that a request names is not there; in AWS's words."""


def config(place: Place, name: str) -> Config:
    """Return the endpoint config of that name, with the containers of its models.

    Raises:
        Missing: it is not there, or one of its models is not.

    """
    found = place.sagemaker.endpoint_configs.get(name)
    if found is None:
        raise Missing(f'Could not find endpoint configuration "{place.arn("sagemaker", f"endpoint-config/{name}")}".')
    said = found.response_object
    models = {variant["ModelName"]: _container(place, variant["ModelName"]) for variant in said["ProductionVariants"]}
    return configs.config(name, said, models)


def _container(place: Place, model: str) -> Container:
    found = place.sagemaker._models.get(model)  # noqa: SLF001 - moto has no other way that is no request
    if found is None:
        raise Missing(f'Could not find model "{place.arn("sagemaker", f"model/{model}")}".')
    said: dict[str, Any] = found.primary_container or (found.containers or [{}])[0]
    if package := said.get("ModelPackageName"):
        return configs.container({**_packaged(place, package), "Environment": said.get("Environment")})
    return configs.container(said)


def _packaged(place: Place, name: str) -> dict[str, Any]:
    """Return the first container of a model package; its name or its ARN says which."""
    for arn, package in place.sagemaker.model_packages.items():
        if name in {arn, package.model_package_name}:
            container: dict[str, Any] = package.inference_specification["Containers"][0]
            return container
    raise Missing(f'Could not find model package "{name}".')
