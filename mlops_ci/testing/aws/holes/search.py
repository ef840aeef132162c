"""`Search` for endpoints: moto finds them by its own mirror of them, in one page, without what they really do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mlops_ci.testing.aws.patching import Patches

if TYPE_CHECKING:
    from mlops_ci.testing.aws.loopback import Loopback

PAGE = 10
"""Results in a page where a request does not say."""

_MEMBERS = (
    "EndpointName", "EndpointArn", "EndpointConfigName", "ProductionVariants", "DataCaptureConfig", "EndpointStatus",
    "FailureReason", "CreationTime", "LastModifiedTime",
)  # fmt: skip


def fill(loopback: Loopback) -> Callable[[], None]:
    """Have `Search` tell of endpoints what `DescribeEndpoint` tells, with their tags, in pages."""
    del loopback
    from moto.sagemaker.responses import SageMakerResponse

    patches = Patches()
    others = patches.put(SageMakerResponse, "search", None)
    patches.put(SageMakerResponse, "search", _searching(others))
    return patches.undo


def _searching(others: Callable[..., Any]) -> Callable[..., Any]:
    def search(self: Any) -> Any:  # noqa: ANN401 - moto's class
        from moto.core.responses import ActionResult

        if self._get_param("Resource") != "Endpoint":
            return others(self)
        backend, expression = self.sagemaker_backend, self._get_param("SearchExpression") or {}
        records = (_record(backend, name, found.tags) for name, found in sorted(backend.endpoints.items()))
        found = [record for record in records if record and _fits(record, expression)]
        size, start = int(self._get_param("MaxResults") or PAGE), int(self._get_param("NextToken") or 0)
        more = {"NextToken": str(start + size)} if start + size < len(found) else {}
        return ActionResult({"Results": [{"Endpoint": record} for record in found[start : start + size]], **more})

    return search


def _record(backend: Any, name: str, tags: Any) -> dict[str, Any]:  # noqa: ANN401 - moto's class
    from moto.sagemaker.exceptions import ValidationError

    try:
        said = backend.describe_endpoint(name)
    except ValidationError:  # it was deleted while we looked
        return {}
    # Tags are added to a list there, so that of one key the last is meant.
    latest = {tag["Key"]: tag["Value"] for tag in tags or ()}
    return {
        **{member: said[member] for member in _MEMBERS if member in said},
        "Tags": [{"Key": key, "Value": value} for key, value in latest.items()],
    }


def _fits(record: Mapping[str, Any], expression: Mapping[str, Any]) -> bool:
    """Return whether a record meets an expression of `Filters`; nested ones and subexpressions are refused."""
    from moto.sagemaker.exceptions import ValidationError

    if set(expression) - {"Filters", "Operator"}:
        raise ValidationError(message=f"the loopback searches endpoints by Filters alone, got {sorted(expression)}")
    answers = [_meets(record, item) for item in expression.get("Filters", ())]
    return any(answers) if answers and expression.get("Operator") == "Or" else all(answers)


def _meets(record: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    from moto.sagemaker.exceptions import ValidationError

    name, wanted = item["Name"], item.get("Value", "")
    if name.startswith("Tags."):
        tags = {tag["Key"]: tag["Value"] for tag in record["Tags"]}
        value = tags.get(name.removeprefix("Tags."))
    elif name in _MEMBERS:
        value = record.get(name)
    else:
        raise ValidationError(message=f"Unknown property name: {name}")
    match item.get("Operator", "Equals"):
        case "Equals":
            return value is not None and str(value) == wanted
        case "NotEquals":
            return value is None or str(value) != wanted
        case "Contains":
            return value is not None and wanted in str(value)
        case "Exists":
            return value is not None
        case "NotExists":
            return value is None
        case "In":
            return str(value) in wanted.split(",")
        case other:
            raise ValidationError(message=f"the loopback does not compare by {other}")
