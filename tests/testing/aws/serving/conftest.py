"""The session's server, as these tests use it; what a module left in service ends with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mlops_ci.testing.aws.loopback import Loopback
from tests.testing.aws.serving import worlds


@pytest.fixture(scope="module")
def world(aws_server: Loopback) -> Iterator[worlds.World]:
    found = worlds.world(aws_server)
    yield found
    for endpoint in found.sagemaker.list_endpoints(MaxResults=100)["Endpoints"]:
        found.settled(endpoint["EndpointName"])
        found.sagemaker.delete_endpoint(EndpointName=endpoint["EndpointName"])
