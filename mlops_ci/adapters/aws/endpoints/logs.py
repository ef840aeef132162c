"""What the containers of an endpoint said, from CloudWatch."""

from __future__ import annotations

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.refusals import is_missing
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
            found += _last(account, group, stream["logStreamName"], lines)
    except ProviderError as error:
        if is_missing(error):
            return ()
        raise
    found.sort(key=lambda event: event[0])
    return tuple(message.rstrip("\n") for _, message in found)[-lines:]


def _last(account: Account, group: str, stream: str, lines: int) -> list[tuple[int, str]]:
    """Return the last (time, message) of a stream, so many at most; a page holds 1 MB, so there may be several.

    At its beginning CloudWatch answers with the token that it was given.
    """
    client, token = account.clients.of("logs"), ""
    found: list[tuple[int, str]] = []
    while len(found) < lines:
        more = {"nextToken": token} if token else {}
        with account.asked("logs:GetLogEvents", f"{group}:{stream}"):
            page = client.get_log_events(
                logGroupName=group,
                logStreamName=stream,
                limit=max(1, min(lines - len(found), 10_000)),
                startFromHead=False,
                **more,
            )
        found = [(event["timestamp"], event["message"]) for event in page["events"]] + found
        if page["nextBackwardToken"] == token:
            break
        token = page["nextBackwardToken"]
    return found
