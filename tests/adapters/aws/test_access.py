"""A door answers as the endpoint behind it does, for whoever speaks plain HTTP."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

from mlops_ci.adapters.aws.access import LARGEST, Doors
from mlops_ci.errors import ProviderError
from mlops_ci.plan.deployed import Deployed, EndpointState
from mlops_ci.ports.endpoints import Answer, EndpointSpec
from mlops_ci.testing.endpoint import Endpoint

HERE = Deployed("staging", "churn", EndpointState.IN_SERVICE, 3, "p", 1, False, "https://far/invocations")


@dataclass
class Echo:
    """An `EndpointHost` that answers what it was asked."""

    asked: list[tuple[str, str, bytes, str, str]] = field(default_factory=list)

    def describe(self) -> tuple[Deployed, ...]:
        return (HERE,)

    def apply(self, spec: EndpointSpec) -> None:
        raise AssertionError(spec)

    def invoke(self, environment: str, model: str, body: bytes, content_type: str, accept: str) -> Answer:
        self.asked.append((environment, model, body, content_type, accept))
        if body == b"silent":
            raise ProviderError("nothing answers")
        return Answer(400 if body == b"bad" else 200, b"<" + body + b">", "application/json", "churn/v3", 0.01)

    def ping(self, environment: str, model: str) -> int:
        return 200 if (environment, model) == ("staging", "churn") else 503

    def delete(self, environment: str, model: str) -> None:
        raise AssertionError(model)

    def logs(self, environment: str, model: str, *, tail: int) -> tuple[str, ...]:
        return ()


@pytest.fixture
def host() -> Echo:
    return Echo()


@pytest.fixture
def url(host: Echo) -> Iterator[str]:
    with Doors(host).opened(HERE) as found:
        yield found


def test_what_is_asked_reaches_the_endpoint_and_its_answer_comes_back(host: Echo, url: str) -> None:
    reply = Endpoint(url, "churn", "staging", "churn/v3").invoke("1,2", accept="application/json")
    assert (reply.status, reply.body, reply.version, reply.content_type) == (
        200, b"<1,2>", "churn/v3", "application/json",
    )  # fmt: skip
    assert host.asked == [("staging", "churn", b"1,2", "text/csv", "application/json")]
    assert Endpoint(url, "churn", "staging", "churn/v3").ping().status == 200


def test_the_status_of_an_answer_stays_and_no_answer_is_502_with_the_reason(url: str) -> None:
    endpoint = Endpoint(url, "churn", "staging", "churn/v3")
    assert endpoint.invoke("bad").status == 400
    silent = endpoint.invoke("silent")
    assert (silent.status, silent.text) == (502, "nothing answers")


def test_what_sagemaker_would_not_take_is_refused_and_the_connection_is_closed(host: Echo, url: str) -> None:
    assert Endpoint(url, "churn", "staging", "v").invoke("x", content_type="").status == 200
    for path, size, status in (("/invocations", LARGEST + 1, 413), ("/else", 1, 404)):
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
        connection.putrequest("POST", path)
        connection.putheader("Content-Length", str(size))
        connection.endheaders(b"x")
        assert connection.getresponse().status == status
        connection.close()
    assert len(host.asked) == 1


def test_many_ask_at_once_and_nothing_listens_afterwards(host: Echo) -> None:
    with Doors(host).opened(HERE) as url:
        endpoint = Endpoint(url, "churn", "staging", "churn/v3")
        statuses: list[int] = []
        threads = [threading.Thread(target=lambda: statuses.append(endpoint.invoke("1").status)) for _ in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert statuses == [200] * 24
    with pytest.raises(ConnectionError):
        endpoint.ping()
