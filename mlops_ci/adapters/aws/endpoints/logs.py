"""What the containers of an endpoint said, from CloudWatch."""

from __future__ import annotations

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.endpoints.refusals import is_missing
from mlops_ci.errors import ProviderError

_STREAMS = 5
"""Instances whose last words are looked at: those that spoke last."""


def tail(account: Account, endpoint: str, lines: int) -> tuple[str, ...]:
    """Return the last lines of an endpoint's log, oldest first, of its instances together."""
    client, group = account.clients.of("logs"), f"/aws/sagemaker/Endpoints/{endpoint}"
    try:
        with account.asked("logs:DescribeLogStreams", group):
            streams = client.describe_log_streams(
                logGroupName=group, orderBy="LastEventTime", descending=True, limit=_STREAMS
            )["logStreams"]
        found = []
        for stream in streams:
            with account.asked("logs:GetLogEvents", group):
                events = client.get_log_events(
                    logGroupName=group,
                    logStreamName=stream["logStreamName"],
                    limit=max(1, min(lines, 10_000)),
                    startFromHead=False,
                )["events"]
            found += [(event["timestamp"], event["message"]) for event in events]
    except ProviderError as error:
        if is_missing(error):
            return ()
        raise
    found.sort(key=lambda event: event[0])
    return tuple(message.rstrip("\n") for _, message in found)[-lines:]
