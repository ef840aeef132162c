"""What takes too long: an answer, and an update."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from mlops_ci.testing.aws.fleets.endpoint import Endpoint
from mlops_ci.testing.aws.fleets.groups import Setting
from mlops_ci.testing.aws.fleets.invoking import Observed, invoke
from mlops_ci.testing.aws.fleets.places import Place
from mlops_ci.testing.aws.fleets.reading import config
from mlops_ci.testing.aws.fleets.rollout import Rollout
from mlops_ci.testing.aws.fleets.shifting import Deployment, Shift
from tests.testing.aws.serving.worlds import World

PLACE = Place("123456789012", "us-east-1")


@pytest.fixture(scope="module")
def endpoint(world: World) -> Iterator[Endpoint]:
    """Return an endpoint that serves within this process, without the API before it."""
    world.model("late", factor=2, DELAY="1")
    mirror = SimpleNamespace(arn=PLACE.arn("sagemaker", "endpoint/late"), endpoint_name="late", tags=[])
    made = Endpoint(Setting("late", PLACE, world.aws, threading.Event()), mirror, "late", lambda _: None)
    Rollout(made, 100.0, lambda _: "").create(config(PLACE, "late"))
    assert made.status == "InService"
    yield made
    for group in made.take_out():
        made.end(group)


def test_an_answer_that_takes_too_long_is_a_model_error_without_a_status(endpoint: Endpoint) -> None:
    seen: list[Observed] = []
    headers = {"content-type": "text/csv"}
    about = ("late", PLACE.account)
    reply = invoke(endpoint, about, headers, b"1", lambda _, observed: seen.append(observed), within=0.2)
    assert reply.status == 424
    said = json.loads(reply.body)
    assert said["OriginalStatusCode"] == 0
    assert "Your invocation timed out while waiting for a response from container primary" in said["Message"]
    assert seen[0].status == 500
    assert invoke(endpoint, about, headers, b"1", lambda *_: None).body == b"[2.0]"


def test_an_update_that_takes_longer_than_its_limit_goes_back(world: World, endpoint: Endpoint) -> None:
    world.model("later", factor=3)
    shifts = (Shift(0.5, 1, 10.0, "WaitIntervalInSeconds"), Shift(1.0, 1, 10.0, "WaitIntervalInSeconds"))
    rollout = Rollout(endpoint, 100.0, lambda _: "")
    rollout.update(config(PLACE, "later"), Deployment(shifts, (), limit=10.0))
    assert endpoint.status == "InService"
    assert endpoint.config_name == "late"
    assert endpoint.failure == "The deployment took longer than 10 seconds."
    rollout.update(config(PLACE, "later"), Deployment(shifts, (), limit=600.0))
    assert endpoint.config_name == "later"
    assert endpoint.failure == ""
