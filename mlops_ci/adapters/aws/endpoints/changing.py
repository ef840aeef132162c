"""What an endpoint is asked to become: made, updated in place, or, while AWS is busy with it, asked for later."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.endpoints import ending, watching
from mlops_ci.adapters.aws.endpoints.describing import BUSY, DELETING
from mlops_ci.adapters.aws.endpoints.refusals import is_busy, is_there, unless_missing
from mlops_ci.adapters.aws.requests import endpoints as requests
from mlops_ci.adapters.aws.requests.endpoints import Wish
from mlops_ci.errors import ProviderError
from mlops_ci.model.rollout import told
from mlops_ci.plan.deployed import Deployed


@dataclass(slots=True)
class Touched:
    """An endpoint that this process asked for something, and its tags as they are known.

    `is_pending` claims that AWS could not be asked yet, `is_done` that nothing is left to do once it serves. `before`
    is when AWS had last changed it, before it was asked to, `settled` what it was when it last served as wished.
    """

    wish: Wish
    tags: dict[str, str] = field(default_factory=dict)
    is_pending: bool = False
    is_done: bool = False
    before: Any = None
    settled: tuple[float, Deployed] | None = None


def go(account: Account, touched: Touched, record: dict[str, Any]) -> None:
    """Ask AWS for what is wished, where it can be asked now.

    `record` is what it says of the endpoint, empty where there is none.
    """
    wish, status = touched.wish, record.get("EndpointStatus", "")
    touched.is_pending = touched.is_done = False
    try:
        if not record:
            _create(account, touched)
        elif status == "Failed":  # AWS can do nothing with it but delete it
            client = account.clients.of("sagemaker")
            call = client.delete_endpoint
            unless_missing(account, "sagemaker:DeleteEndpoint", wish.name, call, EndpointName=wish.name)
            touched.is_pending = True
        elif status in BUSY:
            touched.is_pending = status == DELETING or _becomes(record) != wish.config_name
        elif record["EndpointConfigName"] != wish.config_name:
            _update(account, touched, record)
        elif touched.tags.get(requests.WANTED) != requests.serving(wish)[requests.WANTED]:
            _tag(account, touched, record["EndpointArn"], requests.serving(wish))
    except ProviderError as error:
        if not (is_busy(error) or is_there(error)):
            raise
        touched.is_pending = True


def is_stale(touched: Touched, record: dict[str, Any]) -> bool:
    """Return whether a record is from before the update that was asked for: descriptions lag behind."""
    return touched.before is not None and record.get("LastModifiedTime") == touched.before


def finish(account: Account, touched: Touched, record: dict[str, Any]) -> None:
    """Do what is left once the endpoint serves as wished: its scaling, and the configs that are not kept."""
    if touched.is_done:
        return
    wish, arn = touched.wish, record["EndpointArn"]
    wanted = told(wish.spec.autoscaling)
    if touched.tags.get(requests.SCALING, "") != wanted:
        if wish.spec.autoscaling is None:
            watching.stop_scaling(account, wish.name)
            _untag(account, touched, arn, (requests.SCALING,))
        else:
            watching.start_scaling(account, wish.name, wish.spec.autoscaling)
            _tag(account, touched, arn, {requests.SCALING: wanted})
    surplus = requests.surplus(touched.tags, wish.key)
    kept = requests.configs_of({wish.name: touched.tags})
    gone = requests.configs_of({wish.name: dict.fromkeys(surplus, "")})
    if surplus:
        ending.discard(account, gone, [name for name in kept if name not in gone])
        _untag(account, touched, arn, surplus)
    touched.is_done = True


def _becomes(record: dict[str, Any]) -> str:
    """Return the config that AWS is about to give an endpoint."""
    pending = record.get("PendingDeploymentSummary") or {}
    return str(pending.get("EndpointConfigName") or record["EndpointConfigName"])


def _create(account: Account, touched: Touched) -> None:
    wish = touched.wish
    _config(account, wish)
    request = requests.creation(wish, account.tags)
    with account.asked("sagemaker:CreateEndpoint", wish.name):
        account.clients.of("sagemaker").create_endpoint(**request)
    touched.tags, touched.before = {tag["Key"]: tag["Value"] for tag in request["Tags"]}, None


def _update(account: Account, touched: Touched, record: dict[str, Any]) -> None:
    wish, arn = touched.wish, record["EndpointArn"]
    _config(account, wish)
    alarms = watching.set_alarms(account, wish.name, wish.spec.rollout.alarms, account.tags)
    scales = requests.SCALING in touched.tags
    if scales and not _keeps_scaling(touched, record):
        watching.stop_scaling(account, wish.name)  # AWS refuses another instance while the endpoint scales by itself
        _untag(account, touched, arn, (requests.SCALING,))
        scales = False
    _tag(account, touched, arn, requests.serving(wish))
    request = requests.update(wish, alarms, keeps_count=scales)
    with account.asked("sagemaker:UpdateEndpoint", wish.name):
        account.clients.of("sagemaker").update_endpoint(**request)
    touched.before = record.get("LastModifiedTime")


def _keeps_scaling(touched: Touched, record: dict[str, Any]) -> bool:
    spec = touched.wish.spec
    key = requests.tag_of(record["EndpointConfigName"], touched.wish.name)
    before = requests.content_of(touched.tags.get(key, "")).get("instance")
    return told(spec.autoscaling) == touched.tags[requests.SCALING] and before == spec.instance


def _config(account: Account, wish: Wish) -> None:
    try:
        with account.asked("sagemaker:CreateEndpointConfig", wish.config_name):
            account.clients.of("sagemaker").create_endpoint_config(**wish.config)
    except ProviderError as error:
        if not is_there(error):  # its name is a digest of what it says, so it says the same
            raise


def _tag(account: Account, touched: Touched, arn: str, tags: dict[str, str]) -> None:
    with account.asked("sagemaker:AddTags", arn):
        account.clients.of("sagemaker").add_tags(ResourceArn=arn, Tags=requests.tagged(tags))
    touched.tags |= tags


def _untag(account: Account, touched: Touched, arn: str, keys: tuple[str, ...]) -> None:
    with account.asked("sagemaker:DeleteTags", arn):
        account.clients.of("sagemaker").delete_tags(ResourceArn=arn, TagKeys=list(keys))
    touched.tags = {key: value for key, value in touched.tags.items() if key not in keys}
