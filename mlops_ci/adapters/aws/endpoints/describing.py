"""What the endpoints of a store are now: one question for a hundred of them, and everything else from their tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.requests.endpoints import (
    ENVIRONMENT,
    MODEL,
    SCALING,
    STORE,
    WANTED,
    content_of,
    tag_of,
)
from mlops_ci.plan.deployed import Deployed, EndpointState

DELETING = "Deleting"
BUSY = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", DELETING})

_STATES = {
    "Creating": EndpointState.CREATING,
    "Updating": EndpointState.UPDATING,
    "SystemUpdating": EndpointState.UPDATING,
    "RollingBack": EndpointState.UPDATING,
    "InService": EndpointState.IN_SERVICE,
    "Failed": EndpointState.FAILED,
}


def described(account: Account) -> tuple[Deployed, ...]:
    """Return every endpoint of the account's store, sorted by environment and model."""
    found = (deployed(record, tags_in(record), url(account)) for record in records(account))
    return in_order(one for one in found if one is not None)


def in_order(found: Any) -> tuple[Deployed, ...]:  # noqa: ANN401 - any iterable of them
    """Return endpoints as a host describes them."""
    return tuple(sorted(found, key=lambda one: (one.environment, one.model)))


def records(account: Account) -> list[dict[str, Any]]:
    """Return what SageMaker's search knows of the store's endpoints; it learns of a change some seconds later."""
    store = str(account.address)
    with account.asked("sagemaker:Search", "endpoints"):
        pages = account.clients.of("sagemaker").get_paginator("search")
        asked = pages.paginate(
            Resource="Endpoint",
            SearchExpression={"Filters": [{"Name": f"Tags.{STORE}", "Operator": "Equals", "Value": store}]},
            PaginationConfig={"PageSize": 100},
        )
        return [result["Endpoint"] for page in asked for result in page["Results"] if "Endpoint" in result]


def tags_in(record: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags of a record by key."""
    return {tag["Key"]: tag["Value"] for tag in record.get("Tags") or ()}


def url(account: Account) -> str:
    """Return what the addresses of endpoints begin with; those who ask there must sign."""
    base = str(account.clients.of("sagemaker").meta.endpoint_url).replace("//api.sagemaker.", "//runtime.sagemaker.")
    return f"{base.rstrip('/')}/endpoints"


def deployed(record: Mapping[str, Any], tags: Mapping[str, str], base: str) -> Deployed | None:
    """Return what a record of an endpoint says, from a search or a DescribeEndpoint; None where it is being deleted.

    What serves follows from the config's name and the tag of that config; of a config that is none of ours nothing is
    known, which shows as version 0.
    """
    name, status = record["EndpointName"], record["EndpointStatus"]
    if status == DELETING or not {ENVIRONMENT, MODEL} <= tags.keys():
        return None
    state, model = _STATES.get(status, EndpointState.OUT_OF_SERVICE), tags[MODEL]
    key = tag_of(record["EndpointConfigName"], name)
    answers = state not in {EndpointState.CREATING, EndpointState.FAILED}
    about = content_of(tags.get(key, "")) if answers else {}
    return Deployed(
        environment=tags[ENVIRONMENT],
        model=model,
        state=state,
        version=version_of(key) if about else 0,
        package=about.get("package", ""),
        workers=int(about.get("workers", 0)),
        batching=about.get("batching") == "yes",
        url=f"{base}/{name}",
        detail=_detail(record, status, key, tags, model),
        instance=about.get("instance", ""),
        count=int(about.get("count", 0)),
        autoscaling=tags.get(SCALING, "") if about else "",
        capture=about.get("capture", ""),
    )


def version_of(key: str) -> int:
    """Return the version that a config's tag is about."""
    digits = key.removeprefix("mlops-ci:v").partition("-")[0]
    return int(digits) if digits.isdigit() else 0


def _detail(record: Mapping[str, Any], status: str, key: str, tags: Mapping[str, str], model: str) -> str:
    """Return why it is not what it was asked to be; empty where it is, or will be."""
    why = str(record.get("FailureReason") or "")
    wanted = f"mlops-ci:{tags.get(WANTED, '')}"
    match status:
        case "InService" if wanted in {key, "mlops-ci:"}:
            return ""
        case "InService" | "Failed":
            failed = wanted if status == "InService" else key
            return f"{model}/v{version_of(failed)} did not come up: {why or 'AWS does not say why'}"
        case "UpdateRollbackFailed":
            return f"its old version did not come back whole: {why}"
        case "OutOfService":
            return f"it is out of service: {why}" if why else "it is out of service"
        case _:
            return ""
