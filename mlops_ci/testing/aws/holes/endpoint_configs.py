"""Models and endpoint configs: moto replaces one of the same name, and takes no instance type of the last years."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mlops_ci.testing.aws.patching import Patches

if TYPE_CHECKING:
    from mlops_ci.testing.aws.loopback import Loopback


def fill(_: Loopback) -> Callable[[], None]:
    """Have a name be given once, and every instance type of SageMaker's be one."""
    from moto.sagemaker.models import FakeEndpointConfig, SageMakerModelBackend

    patches = Patches()
    for name, kept, kind in (
        ("create_model", "_models", ("model", "model")),
        ("create_endpoint_config", "endpoint_configs", ("endpoint configuration", "endpoint-config")),
    ):
        made = patches.put(SageMakerModelBackend, name, None)
        patches.put(SageMakerModelBackend, name, _once(made, kept, kind))
    patches.put(FakeEndpointConfig, "validate_instance_type", lambda _self, _type: None)
    return patches.undo


def _once(made: Callable[..., Any], kept: str, kind: tuple[str, str]) -> Callable[..., Any]:
    def create(self: Any, **said: Any) -> Any:  # noqa: ANN401 - as moto has it
        name = said["model_name"] if kept == "_models" else said["endpoint_config_name"]
        if name in getattr(self, kept):
            from moto.sagemaker.exceptions import ValidationError

            arn = f"arn:aws:sagemaker:{self.region_name}:{self.account_id}:{kind[1]}/{name}"
            raise ValidationError(message=f'Cannot create already existing {kind[0]} "{arn}".')
        return made(self, **said)

    return create
