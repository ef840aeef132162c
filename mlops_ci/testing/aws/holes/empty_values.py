"""moto answers `{}` where AWS leaves a key out, which the SDK's models refuse: what AWS would not send is dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlops_ci.testing.aws.loopback import Loopback
from mlops_ci.testing.aws.patching import Patches


def fill(_: Loopback) -> Callable[[], None]:
    """Have SageMaker's answers leave out what is empty."""
    from moto.core.responses import ActionResult
    from moto.core.utils import get_service_model
    from moto.sagemaker.responses import SageMakerResponse

    patches = Patches()
    model = get_service_model("sagemaker")
    before = SageMakerResponse.serialized

    def serialized(response: Any, action_result: Any) -> Any:  # noqa: ANN401 - moto's classes
        action = response._get_action()  # noqa: SLF001 - moto has no other name for it
        result = action_result.result
        if isinstance(result, dict) and action in model.operation_names:
            shape = model.operation_model(action).output_shape
            if shape is not None:
                return before(response, ActionResult(without_empty(result, shape)))
        return before(response, action_result)

    patches.put(SageMakerResponse, "serialized", serialized)
    return patches.undo


def without_empty(value: Any, shape: Any) -> Any:  # noqa: ANN401 - data of any shape, botocore's classes
    """Return a structure without members that are None, empty structures, or empty texts that need not be there.

    Maps and lists stay as they are where they are empty: somebody may have sent them so.
    """
    if isinstance(value, dict) and shape.type_name == "structure":
        kept = {}
        for name, item in value.items():
            member = shape.members.get(name)
            cleaned = item if member is None else without_empty(item, member)
            if member is None or not _is_nothing(cleaned, member, is_required=name in shape.required_members):
                kept[name] = cleaned
        return kept
    if isinstance(value, list | tuple) and shape.type_name == "list":
        return [without_empty(item, shape.member) for item in value]
    return value


def _is_nothing(value: Any, shape: Any, *, is_required: bool) -> bool:  # noqa: ANN401 - data of any shape
    if value is None:
        return True
    if shape.type_name == "structure":
        return bool(value == {})
    return bool(value == "") and not is_required
