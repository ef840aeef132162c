"""The types of instances that a request of SageMaker asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlops_ci.testing.aws.asking import Asked
from mlops_ci.testing.aws.loopback import ACCOUNT

USED_BY = {
    "CreateTrainingJob": "training-job",
    "CreateHyperParameterTuningJob": "training-job",
    "CreateProcessingJob": "processing-job",
    "CreateTransformJob": "transform-job",
    "CreateEndpoint": "endpoint",
    "UpdateEndpoint": "endpoint",
    "CreateNotebookInstance": "notebook-instance",
}
"""The operations that take machines, and the word for what uses them."""


def instance_types(call: Asked) -> tuple[str, ...]:
    """Return the types that a call would take machines of, without the doubled; none for any other call."""
    if call.service != "sagemaker" or call.operation not in USED_BY or call.params is None:
        return ()
    if USED_BY[call.operation] == "endpoint":
        return tuple(dict.fromkeys(_typed(_variants(call))))
    return types_in(call.params)


def types_in(request: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the types that a request names anywhere, without the doubled."""
    return tuple(dict.fromkeys(_typed(request)))


def _variants(call: Asked) -> Any:  # noqa: ANN401 - moto keeps the request's JSON
    from moto.sagemaker.models import sagemaker_backends

    configs = sagemaker_backends[ACCOUNT][call.region].endpoint_configs
    config = configs.get(str((call.params or {}).get("EndpointConfigName")))
    return [] if config is None else config.production_variants


def _typed(value: object) -> Iterator[str]:
    match value:
        case Mapping():
            for key, item in value.items():
                if key == "InstanceType" and isinstance(item, str):
                    yield item
                else:
                    yield from _typed(item)
        case list():
            for item in value:
                yield from _typed(item)
        case _:
            return
