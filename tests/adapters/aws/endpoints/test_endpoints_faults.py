"""What goes wrong on AWS while an endpoint is made or changed: the right end, or an error that names what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.endpoints.describing import described
from mlops_ci.adapters.aws.endpoints.host import SageMakerEndpoints
from mlops_ci.adapters.aws.store.artifacts import S3Artifacts
from mlops_ci.errors import ProviderError
from mlops_ci.ports.endpoints import EndpointState
from mlops_ci.testing.aws.faults import Denied, Fault, NoCapacity, Reset, Stale, Throttled
from mlops_ci.testing.aws.loopback import Loopback
from tests.adapters.aws.endpoints.conftest import a_host, a_serving_package, endpoint_of
from tests.contracts.endpoints import sent, settled, spec


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda seconds: None))  # between two tries


@contextmanager
def happening(aws: Loopback, fault: Fault) -> Iterator[None]:
    """Have this go wrong meanwhile."""
    aws.faults.inject(fault)
    try:
        yield
    finally:
        aws.faults.clear()


@pytest.mark.parametrize(
    "fault",
    [
        Reset("sagemaker:CreateEndpoint"),
        Reset("sagemaker:UpdateEndpoint"),
        Reset("sagemaker:CreateModel", times=2),
        Reset("sagemaker:CreateEndpointConfig", times=2),
        Stale(calls=3, action="sagemaker:DescribeEndpoint"),
        Throttled(0.3),
    ],
    ids=lambda fault: f"{type(fault).__name__} {fault.action}",
)
def test_two_versions_are_served_one_after_the_other_whatever_happens_to_the_calls(
    aws: Loopback, host: SageMakerEndpoints, account: Account, artifacts: S3Artifacts, fault: Fault
) -> None:
    packages = [a_serving_package(artifacts, scale=scale) for scale in (1, 2)]
    with happening(aws, fault):
        for version, package in enumerate(packages, 1):
            host.apply(spec(package, version))
            now = settled(host)
            assert (now.state, now.version, now.detail) == (EndpointState.IN_SERVICE, version, "")
    assert json.loads(sent(host).body) == [6]
    sagemaker = account.clients.of("sagemaker")
    assert len(sagemaker.list_endpoints(NameContains=endpoint_of(host))["Endpoints"]) == 1
    assert len(sagemaker.list_endpoint_configs(NameContains=endpoint_of(host))["EndpointConfigs"]) == 2


def test_where_there_is_no_machine_the_endpoint_failed_and_says_so(
    aws: Loopback, host: SageMakerEndpoints, artifacts: S3Artifacts
) -> None:
    with happening(aws, NoCapacity()):
        host.apply(spec(a_serving_package(artifacts)))
        now = settled(host)
    assert now.state is EndpointState.FAILED
    assert "apacity" in now.detail
    host.apply(spec(a_serving_package(artifacts)))
    assert settled(host).state is EndpointState.IN_SERVICE


def test_a_missing_right_is_named_with_the_endpoint(
    aws: Loopback, host: SageMakerEndpoints, artifacts: S3Artifacts
) -> None:
    with happening(aws, Denied("sagemaker:CreateEndpoint")), pytest.raises(ProviderError) as error:
        host.apply(spec(a_serving_package(artifacts)))
    assert "sagemaker:CreateEndpoint" in error.value.summary
    assert "right" in error.value.hint


def test_a_plan_asks_once_for_all_endpoints_and_sees_what_the_host_sees(
    aws: Loopback, host: SageMakerEndpoints, account: Account, artifacts: S3Artifacts
) -> None:
    for model in ("churn", "fraud", "spam"):
        host.apply(spec(a_serving_package(artifacts), model=model))
        settled(host, model)
    aws.traffic.calls.clear()
    found = described(account)
    assert aws.traffic.calls == [("sagemaker", "Search")]
    assert [(d.model, d.version) for d in found] == [("churn", 1), ("fraud", 1), ("spam", 1)]
    assert found == host.describe() == a_host(account, artifacts).describe()
    assert len(account.clients.of("sagemaker").search(Resource="Endpoint", MaxResults=1)["Results"]) == 1


def test_all_that_was_asked_for_is_what_aws_takes(
    aws: Loopback, host: SageMakerEndpoints, artifacts: S3Artifacts
) -> None:
    aws.traffic.reset()
    host.apply(spec(a_serving_package(artifacts)))
    settled(host)
    host.apply(spec(a_serving_package(artifacts, scale=2), 2))
    settled(host)
    host.delete("staging", "churn")
    assert aws.traffic.refused == []
