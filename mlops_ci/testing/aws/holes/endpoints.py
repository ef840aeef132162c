"""Endpoints: moto says InService at once and starts nothing; it has no UpdateEndpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mlops_ci.testing.aws.fleets.configs import Config
from mlops_ci.testing.aws.fleets.describing import described
from mlops_ci.testing.aws.fleets.endpoint import Endpoint
from mlops_ci.testing.aws.fleets.places import Place
from mlops_ci.testing.aws.fleets.reading import Missing, config
from mlops_ci.testing.aws.fleets.scaling import bound, registered, retained, wishes
from mlops_ci.testing.aws.fleets.shifting import Deployment, Unfit, deployment
from mlops_ci.testing.aws.holes.runtime import route
from mlops_ci.testing.aws.holes.scaling import scalable
from mlops_ci.testing.aws.patching import Patches

if TYPE_CHECKING:
    from mlops_ci.testing.aws.fleets.registry import Endpoints
    from mlops_ci.testing.aws.loopback import Loopback


def fill(loopback: Loopback) -> Callable[[], None]:
    """Have endpoints be processes, and their API tell about them."""
    from moto.sagemaker.models import SageMakerModelBackend
    from moto.sagemaker.responses import SageMakerResponse

    from mlops_ci.testing.aws.fleets.registry import Endpoints

    endpoints = Endpoints(loopback)
    patches = Patches()
    made = patches.put(SageMakerModelBackend, "create_endpoint", None)
    patches.put(SageMakerModelBackend, "create_endpoint", _create(endpoints, made))
    patches.put(SageMakerModelBackend, "describe_endpoint", _describe(endpoints))
    forgotten = patches.put(SageMakerModelBackend, "delete_endpoint", None)
    patches.put(SageMakerModelBackend, "delete_endpoint", _delete(endpoints, forgotten))
    patches.put(SageMakerResponse, "update_endpoint", _update(endpoints))
    patches.put(SageMakerModelBackend, "update_endpoint_weights_and_capacities", _scale(endpoints))
    scalable(endpoints, patches)
    unroute = route(endpoints, patches)

    def end() -> None:
        unroute()
        patches.undo()
        endpoints.end()

    return end


def _create(endpoints: Endpoints, made: Callable[..., Any]) -> Callable[..., Any]:
    def create_endpoint(self: Any, endpoint_name: str, endpoint_config_name: str, tags: Any) -> Any:  # noqa: ANN401
        place = _place(self)
        read = _read(place, endpoint_config_name)
        if endpoint_name in self.endpoints:
            raise refused(f'Cannot create already existing endpoint "{_arn(place, endpoint_name)}".')
        mirror = made(self, endpoint_name, endpoint_config_name, tags)
        endpoints.create(place, mirror, read)
        return mirror

    return create_endpoint


def _describe(endpoints: Endpoints) -> Callable[..., Any]:
    def describe_endpoint(self: Any, endpoint_name: str) -> dict[str, Any]:  # noqa: ANN401
        return described(_found(endpoints, self, endpoint_name))

    return describe_endpoint


def _delete(endpoints: Endpoints, forgotten: Callable[..., Any]) -> Callable[..., Any]:
    def delete_endpoint(self: Any, endpoint_name: str) -> None:  # noqa: ANN401
        endpoint = _found(endpoints, self, endpoint_name)
        if not endpoints.delete(endpoint):
            raise refused(f'Cannot update in-progress endpoint "{endpoint.arn}".')
        forgotten(self, endpoint_name)

    return delete_endpoint


def _update(endpoints: Endpoints) -> Callable[..., Any]:
    def update_endpoint(self: Any) -> Any:  # noqa: ANN401
        from moto.core.responses import ActionResult

        backend = self.sagemaker_backend
        endpoint = _found(endpoints, backend, self._get_param("EndpointName"))
        read = _read(_place(backend), self._get_param("EndpointConfigName"))
        said = self._get_param("DeploymentConfig")
        if said is None and self._get_param("RetainDeploymentConfig"):
            said = endpoint.last()
        try:
            asked = deployment(said, sum(variant.count for variant in read.variants))
        except Unfit as problem:
            raise refused(str(problem)) from problem
        if self._get_param("RetainAllVariantProperties"):
            excluded = self._get_param("ExcludeRetainedVariantProperties") or []
            read = retained(endpoint, read, frozenset(item["VariantPropertyType"] for item in excluded))
        _refuse_other_variants(endpoint, read, is_guarded=said is not None)
        _refuse_unknown_alarms(endpoint, asked)
        if endpoint.status == "Failed":
            raise refused(f'Endpoint "{endpoint.arn}" is Failed: it can be deleted, and nothing else.')
        if not endpoints.update(endpoint, read, asked, said):
            raise refused(f'Cannot update in-progress endpoint "{endpoint.arn}".')
        return ActionResult({"EndpointArn": endpoint.arn})

    return update_endpoint


def _refuse_unknown_alarms(endpoint: Endpoint, asked: Deployment) -> None:
    """Refuse alarms that are not there: a name that is mistyped would guard nothing, without a word."""
    known = endpoint.setting.place.cloudwatch.alarms
    unknown = [name for name in asked.alarms if name not in known]
    if unknown:
        raise refused(f'Could not find the alarm(s) "{", ".join(unknown)}" of AutoRollbackConfiguration.')


def _scale(endpoints: Endpoints) -> Callable[..., Any]:
    def update_endpoint_weights_and_capacities(
        self: Any,  # noqa: ANN401
        endpoint_name: str,
        desired_weights_and_capacities: list[dict[str, Any]],
    ) -> str:
        endpoint = _found(endpoints, self, endpoint_name)
        wanted = wishes(desired_weights_and_capacities)
        names = [wish.variant for wish in wanted]
        unknown = [name for name in names if not endpoint.has(name)]
        if unknown:
            raise refused(
                f'The variant name(s) "{", ".join(unknown)}" is/are not present within endpoint configuration '
                f'"{endpoint.config_name}".'
            )
        if len(set(names)) < len(names):
            raise refused("The variant names within a request must be unique.")
        if not endpoints.scale(endpoint, wanted):
            raise refused(f'Cannot update in-progress endpoint "{endpoint.arn}".')
        return endpoint.arn

    return update_endpoint_weights_and_capacities


def _refuse_other_variants(endpoint: Endpoint, read: Config, *, is_guarded: bool) -> None:
    with endpoint.lock:
        before = endpoint.serving.config if endpoint.serving is not None else read
    scaled = bound(before, read, registered(endpoint.setting.place, endpoint.name))
    if scaled:
        raise refused(
            f'The variant(s) "{", ".join(scaled)}" must be deregistered as scalable target(s) with AWS Auto Scaling '
            "before they can be removed or have their instance type updated."
        )
    names = {variant.name for variant in before.variants}
    if is_guarded and names != {variant.name for variant in read.variants}:
        raise refused(
            "The new endpoint configuration must have the same variant names as the existing one for a deployment with "
            f"a DeploymentConfig: {sorted(names)}."
        )


def _read(place: Place, name: str) -> Config:
    try:
        return config(place, name)
    except Missing as problem:
        raise refused(str(problem)) from problem


def _found(endpoints: Endpoints, backend: Any, name: str) -> Endpoint:  # noqa: ANN401 - moto's class
    place = _place(backend)
    found = endpoints.find(place, name)
    if found is None:
        raise refused(f'Could not find endpoint "{_arn(place, name)}".')
    return found


def _arn(place: Place, name: str) -> str:
    return place.arn("sagemaker", f"endpoint/{name}")


def _place(backend: Any) -> Place:  # noqa: ANN401 - moto's class
    return Place(backend.account_id, backend.region_name)


def refused(message: str) -> Exception:
    """Return a ValidationException."""
    from moto.sagemaker.exceptions import ValidationError

    return ValidationError(message=message)
