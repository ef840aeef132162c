"""What stands beside an endpoint: the alarms that roll an update back, and the scaling of its instances."""

from __future__ import annotations

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.refusals import unless_missing
from mlops_ci.adapters.aws.requests import alarms, scaling
from mlops_ci.adapters.aws.requests.endpoints import Tags
from mlops_ci.model.rollout import Alarms, Autoscaling


def set_alarms(account: Account, endpoint: str, wanted: Alarms, tags: list[Tags]) -> tuple[str, ...]:
    """Make the alarms that are asked for, end those that are not, and return the names of what there is."""
    client, requests = account.clients.of("cloudwatch"), alarms.requests(endpoint, wanted, tags)
    for request in requests:
        with account.asked("cloudwatch:PutMetricAlarm", request["AlarmName"]):
            client.put_metric_alarm(**request)
    made = tuple(request["AlarmName"] for request in requests)
    _delete(account, tuple(name for name in alarms.names(endpoint) if name not in made))
    return made


def forget_alarms(account: Account, endpoint: str) -> None:
    """End all alarms of an endpoint."""
    _delete(account, alarms.names(endpoint))


def _delete(account: Account, names: tuple[str, ...]) -> None:
    if names:
        with account.asked("cloudwatch:DeleteAlarms", names[0]):
            client = account.clients.of("cloudwatch")
            # Where one of several does not exist, AWS deletes none of them, and says so.
            there = client.describe_alarms(AlarmNames=list(names))["MetricAlarms"]
            if there:
                client.delete_alarms(AlarmNames=[alarm["AlarmName"] for alarm in there])


def raised(account: Account, endpoint: str, why: str) -> str:
    """Return what an alarm of an endpoint says, of those that `why` names, or else of those that are raised now.

    Empty where no alarm had to do with it.
    """
    names = alarms.names(endpoint)
    with account.asked("cloudwatch:DescribeAlarms", names[0]):
        found = account.clients.of("cloudwatch").describe_alarms(AlarmNames=list(names))["MetricAlarms"]
    told = [alarm for alarm in found if alarm["AlarmName"] in why]
    if not told and "alarm" in why.lower():
        told = [alarm for alarm in found if alarm["StateValue"] == "ALARM"]
    return ", ".join(f"alarm `{a['AlarmName']}` ({a['AlarmDescription'].partition(', of endpoint')[0]})" for a in told)


def start_scaling(account: Account, endpoint: str, wanted: Autoscaling) -> None:
    """Let the endpoint scale as asked; it must be in service."""
    client, resource = account.clients.of("application-autoscaling"), scaling.target(endpoint)["ResourceId"]
    with account.asked("application-autoscaling:RegisterScalableTarget", resource):
        client.register_scalable_target(**scaling.registration(endpoint, wanted))
    with account.asked("application-autoscaling:PutScalingPolicy", resource):
        client.put_scaling_policy(**scaling.policy(endpoint, wanted))


def stop_scaling(account: Account, endpoint: str) -> None:
    """End the scaling of an endpoint, with its policy; does nothing where there is none."""
    client, target = account.clients.of("application-autoscaling"), scaling.target(endpoint)
    action, call = "application-autoscaling:DeleteScalingPolicy", client.delete_scaling_policy
    unless_missing(account, action, target["ResourceId"], call, **target, PolicyName=scaling.POLICY)
    action, call = "application-autoscaling:DeregisterScalableTarget", client.deregister_scalable_target
    unless_missing(account, action, target["ResourceId"], call, **target)
