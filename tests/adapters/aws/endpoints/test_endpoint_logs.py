"""The last lines of an endpoint's log, page by page."""

from __future__ import annotations

import time
import uuid

import pytest

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.endpoints.logs import tail
from mlops_ci.testing.aws.loopback import Loopback


@pytest.fixture
def endpoint(account: Account) -> str:
    """Return an endpoint whose two instances wrote 30 lines of 200 kB by turns."""
    name = f"staging-{uuid.uuid4().hex[:12]}"
    client, group = account.clients.of("logs"), f"/aws/sagemaker/Endpoints/{name}"
    client.create_log_group(logGroupName=group)
    now = int(time.time() * 1000)
    for stream in ("AllTraffic/i-1", "AllTraffic/i-2"):
        client.create_log_stream(logGroupName=group, logStreamName=stream)
    for number in range(30):
        stream = f"AllTraffic/i-{number % 2 + 1}"
        event = {"timestamp": now + number, "message": f"line {number} " + "x" * 200_000}
        client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])
    return name


@pytest.mark.parametrize("lines", [1, 7, 30, 1000])
def test_the_last_lines_of_all_instances_come_oldest_first(account: Account, endpoint: str, lines: int) -> None:
    found = [line.split()[1] for line in tail(account, endpoint, lines)]
    assert found == [str(number) for number in range(30)][-lines:]


def test_an_endpoint_that_never_was_has_no_log(account: Account, aws: Loopback) -> None:
    assert tail(account, f"none-{aws.root.name}", 10) == ()
