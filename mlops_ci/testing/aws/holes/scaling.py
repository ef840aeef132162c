"""Application Auto Scaling of endpoints: moto takes targets that are not there, and nothing comes of a minimum."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mlops_ci.testing.aws.fleets.places import Place
from mlops_ci.testing.aws.fleets.scaling import DIMENSION, Wish
from mlops_ci.testing.aws.patching import Patches

if TYPE_CHECKING:
    from mlops_ci.testing.aws.fleets.endpoint import Endpoint
    from mlops_ci.testing.aws.fleets.registry import Endpoints

NAMESPACE = "sagemaker"


def scalable(endpoints: Endpoints, patches: Patches) -> None:
    """Have targets be variants of endpoints, brought within their limits, and policies be those of targets."""
    from moto.applicationautoscaling.models import ApplicationAutoscalingBackend as Backend

    made = patches.put(Backend, "register_scalable_target", None)
    patches.put(Backend, "register_scalable_target", _register(endpoints, made))
    put = patches.put(Backend, "put_scaling_policy", None)
    patches.put(Backend, "put_scaling_policy", _put_policy(put))


def _register(endpoints: Endpoints, made: Callable[..., Any]) -> Callable[..., Any]:
    def register_scalable_target(self: Any, namespace: str, r_id: str, dimension: str, *more: Any, **named: Any) -> Any:  # noqa: ANN401
        if namespace != NAMESPACE or dimension != DIMENSION:
            return made(self, namespace, r_id, dimension, *more, **named)
        endpoint, variant = _variant(endpoints, Place(self.account_id, self.region_name), r_id)
        target = made(self, namespace, r_id, dimension, *more, **named)
        with endpoint.lock:
            count = endpoint.count(variant)
        least, most = target.min_capacity, target.max_capacity
        wanted = min(max(count, least if least is not None else count), most if most is not None else count)
        if wanted != count:
            endpoints.scale(endpoint, (Wish(variant, wanted, None),))
        return target

    return register_scalable_target


def _variant(endpoints: Endpoints, place: Place, r_id: str) -> tuple[Endpoint, str]:
    _, name, _, variant = (*r_id.split("/"), "", "", "", "")[:4]
    endpoint = endpoints.find(place, name)
    if endpoint is None or not endpoint.has(variant):
        from moto.applicationautoscaling.exceptions import AWSValidationException

        raise AWSValidationException(f"There is no variant in service that the resource ID means: {r_id}")
    return endpoint, variant


def _put_policy(put: Callable[..., Any]) -> Callable[..., Any]:
    def put_scaling_policy(
        self: Any,  # noqa: ANN401
        policy_name: str,
        service_namespace: str,
        resource_id: str,
        scalable_dimension: str,
        *more: Any,  # noqa: ANN401
        **named: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        if service_namespace == NAMESPACE and resource_id not in self.targets.get(scalable_dimension, {}):
            from moto.core.exceptions import JsonRESTError

            raise JsonRESTError(
                "ObjectNotFoundException",
                f"No scalable target registered for service namespace: {service_namespace}, resource ID: "
                f"{resource_id}, scalable dimension: {scalable_dimension}",
            )
        return put(self, policy_name, service_namespace, resource_id, scalable_dimension, *more, **named)

    return put_scaling_policy
