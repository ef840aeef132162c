"""An invocation reaches a real process, and what comes back is what SageMaker gives back."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request

import numpy as np
import pytest
from botocore.exceptions import ClientError

from tests.testing.aws.serving.worlds import FAILS, TIMES, World

ECHOES = """
import json

def model_fn(model_dir):
    return None

def transform_fn(model, data, content_type, accept):
    size = len(data)
    return json.dumps({"type": content_type, "accept": accept, "size": size}), "application/x-told"
"""


@pytest.fixture(scope="module")
def endpoint(world: World) -> str:
    return world.serving("answers", world.model("answers", factor=2))


def test_an_answer_has_its_content_type_and_the_variant_that_gave_it(world: World, endpoint: str) -> None:
    answer = world.invoke(endpoint, b"1\n2", CustomAttributes="trace-7")
    assert json.loads(answer["Body"].read()) == [2.0, 4.0]
    assert answer["ContentType"] == "application/json"
    assert answer["InvokedProductionVariant"] == "AllTraffic"


def test_a_body_of_bytes_and_the_wanted_type_reach_the_container_as_they_are(world: World) -> None:
    world.put_model("echoes", {"code/inference.py": ECHOES})
    world.serving("echoes", world.config("echoes", "echoes"))
    body = io.BytesIO()
    np.save(body, np.array([[1.0, 255.0]]))
    answer = world.invoke("echoes", body.getvalue(), ContentType="application/x-npy", Accept="application/x-told")
    told = json.loads(answer["Body"].read())
    assert told == {"type": "application/x-npy", "accept": "application/x-told", "size": len(body.getvalue())}
    assert answer["ContentType"] == "application/x-told"


def test_a_failing_container_is_a_model_error_that_names_its_status_its_words_and_its_log(world: World) -> None:
    world.serving("fails", world.model("fails", code=FAILS))
    with pytest.raises(ClientError) as problem:
        world.invoke("fails")
    said = problem.value.response
    assert said["Error"]["Code"] == "ModelError"
    assert said["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert said["OriginalStatusCode"] == 500
    assert "Received server error (500) from primary with message" in said["Error"]["Message"]
    assert said["OriginalMessage"] in said["Error"]["Message"]
    assert "log-group:/aws/sagemaker/Endpoints/fails:log-stream:AllTraffic/i-" in said["LogStreamArn"]
    with pytest.raises(ClientError) as problem:
        world.invoke("fails", ContentType="application/x-nothing-known", Accept="application/pdf, */*;q=0")
    assert problem.value.response["OriginalStatusCode"] in range(400, 600)


def test_an_endpoint_or_variant_that_is_not_there_is_a_validation_error(world: World, endpoint: str) -> None:
    with pytest.raises(ClientError) as problem:
        world.invoke("nobody")
    said = problem.value.response
    assert said["Error"] == {"Code": "ValidationError", "Message": "Endpoint nobody of account 123456789012 not found."}
    assert said["ResponseMetadata"]["HTTPStatusCode"] == 400
    with pytest.raises(ClientError, match="Variant Other"):
        world.invoke(endpoint, TargetVariant="Other")
    assert world.invoke(endpoint, TargetVariant="AllTraffic")["InvokedProductionVariant"] == "AllTraffic"


def test_an_endpoint_that_is_being_created_cannot_be_invoked_yet(world: World) -> None:
    world.model("wakes-up", code=TIMES.replace("    print(", "    time.sleep(1)\n    print("))
    world.sagemaker.create_endpoint(EndpointName="not-yet", EndpointConfigName="wakes-up")
    with pytest.raises(ClientError, match=r"Endpoint not-yet of account 123456789012 not found"):
        world.invoke("not-yet")
    world.settled("not-yet")
    assert world.predicted("not-yet") == [1.0]


def test_a_body_above_the_limit_is_refused_before_the_container_sees_it(world: World, endpoint: str) -> None:
    body = b"1" * (6 * 2**20 + 1)
    with pytest.raises(ClientError, match="6291456"):
        world.invoke(endpoint, body)
    url = f"{world.aws.url}/endpoints/{endpoint}/invocations"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(url, body, {"Content-Type": "text/csv"}))
    with refused.value as answer:
        assert answer.code == 413
        assert answer.read() == b"HTTP content length exceeded 6291456 bytes."


def test_a_plain_request_that_nobody_signed_is_answered_as_well(world: World, endpoint: str) -> None:
    url = f"{world.aws.url}/endpoints/{endpoint}/invocations"
    request = urllib.request.Request(url, b"21", {"Content-Type": "text/csv"})
    with urllib.request.urlopen(request) as answer:
        assert json.loads(answer.read()) == [42.0]
