"""What AWS means by a refusal, and what is none: nothing answered."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator

import pytest

from mlops_ci.adapters.aws.account import Account, Clients
from mlops_ci.adapters.aws.problems import guarded
from mlops_ci.adapters.aws.refusals import is_busy, is_missing, is_there, unless_missing
from mlops_ci.errors import ProviderError
from mlops_ci.model import Target
from mlops_ci.model.address import Address


class _Hangup(socketserver.BaseRequestHandler):
    """Hears a request, and says nothing."""

    def handle(self) -> None:
        self.request.recv(1 << 16)


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """Give an account at an address where whoever asks is hung up on."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setattr("mlops_ci.adapters.aws.account._TRIES", 1)
    with socketserver.TCPServer(("127.0.0.1", 0), _Hangup) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_address[1]}")
        yield Account(Target("aws", "aws", "s3://b/p"), Address("b", "p/"), Clients("eu-west-1"))
        server.shutdown()


def test_where_nothing_answers_nothing_is_missing_and_it_is_told(nowhere: Account) -> None:
    call = nowhere.clients.of("sagemaker").describe_endpoint
    with pytest.raises(ProviderError, match="nothing answers") as told:
        unless_missing(nowhere, "sagemaker:DescribeEndpoint", "e", call, EndpointName="e")
    assert [one(told.value) for one in (is_missing, is_there, is_busy)] == [False] * 3


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ('Could not find endpoint "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/e".', is_missing),
        ("Requested resource not found.", is_missing),
        ("No scalable target found for service namespace: sagemaker", is_missing),
        ('Cannot create already existing endpoint configuration "arn:aws:..."', is_there),
        ("Job name must be unique within an AWS account and region", is_there),
        ('Cannot update in-progress endpoint "arn:aws:..."', is_busy),
    ],
)
def test_one_code_means_what_its_sentence_says(said: str, means: Callable[[ProviderError], bool]) -> None:
    from botocore.exceptions import ClientError

    answer = {"Error": {"Code": "ValidationException", "Message": said}}
    with pytest.raises(ProviderError) as told, guarded("sagemaker:Any", "e"):
        raise ClientError(answer, "Any")
    assert [one for one in (is_missing, is_there, is_busy) if one(told.value)] == [means]
