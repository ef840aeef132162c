"""How a new version takes over: in steps, watched by alarms of ours, and back when one of them is raised."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.endpoints.host import SageMakerEndpoints
from mlops_ci.adapters.aws.requests.alarms import names
from mlops_ci.adapters.aws.store.artifacts import S3Artifacts
from mlops_ci.errors import ProviderError
from mlops_ci.model import Alarms, Rollout, Shifting
from mlops_ci.ports.endpoints import EndpointState
from tests.adapters.aws.endpoints.conftest import a_host, a_serving_package, endpoint_of
from tests.contracts.endpoints import sent, settled, spec
from tests.packages import LOAD, SCALE

FAILS = SCALE + "def output_fn(prediction, accept):\n    raise KeyError('a fault of the user')\n"
SLOW = LOAD + "def transform_fn(model, data, content_type, accept):\n    time.sleep(0.05)\n    return '[0]'\n"
WATCHED = Rollout(Shifting.CANARY, size=50, interval=900, bake=150, alarms=Alarms(errors_5xx=2, latency_ms=0))


@contextmanager
def traffic(host: SageMakerEndpoints) -> Iterator[None]:
    """Have two clients ask all the time."""
    is_over = threading.Event()

    def ask() -> None:
        while not is_over.is_set():
            try:
                sent(host)
            except ProviderError:
                is_over.wait(0.01)

    clients = [threading.Thread(target=ask) for _ in range(2)]
    for client in clients:
        client.start()
    try:
        yield
    finally:
        is_over.set()
        for client in clients:
            client.join()


def test_a_version_that_answers_with_errors_is_rolled_back_and_the_alarm_is_named(
    host: SageMakerEndpoints, artifacts: S3Artifacts
) -> None:
    good = a_serving_package(artifacts)
    host.apply(spec(good, 1))
    settled(host)
    with traffic(host):
        host.apply(replace(spec(a_serving_package(artifacts, FAILS), 2), rollout=WATCHED))
        now = settled(host)
    errors, _ = names(endpoint_of(host))
    assert (now.state, now.version, now.package) == (EndpointState.IN_SERVICE, 1, good.digest)
    assert now.alarm == f"alarm `{errors}` (2 or more answers of 5xx in a minute)"
    assert "churn/v2 did not come up" in now.detail
    assert sent(host).status == 200


def test_a_version_that_answers_slowly_is_rolled_back(host: SageMakerEndpoints, artifacts: S3Artifacts) -> None:
    host.apply(spec(a_serving_package(artifacts), 1))
    settled(host)
    rollout = replace(WATCHED, strategy=Shifting.LINEAR, alarms=Alarms(errors_5xx=0, latency_ms=30))
    with traffic(host):
        host.apply(replace(spec(a_serving_package(artifacts, SLOW), 2), rollout=rollout))
        now = settled(host)
    _, latency = names(endpoint_of(host))
    assert (now.version, now.alarm) == (1, f"alarm `{latency}` (a mean time of 30 ms or more in a minute)")


def test_another_process_tells_of_the_rollback_too(
    host: SageMakerEndpoints, account: Account, artifacts: S3Artifacts
) -> None:
    host.apply(spec(a_serving_package(artifacts), 1))
    settled(host)
    host.apply(spec(a_serving_package(artifacts, "import no_such_module\n"), 2))
    settled(host)
    now = a_host(account, artifacts).describe()[0]
    assert (now.state, now.version) == (EndpointState.IN_SERVICE, 1)
    assert now.detail.startswith("churn/v2 did not come up: ")


def test_a_version_that_answers_well_takes_over_in_each_way(host: SageMakerEndpoints, artifacts: S3Artifacts) -> None:
    host.apply(spec(a_serving_package(artifacts), 1))
    settled(host)
    for version, strategy in enumerate(Shifting, 2):
        rollout = Rollout(strategy, size=50, interval=60, bake=60)
        host.apply(replace(spec(a_serving_package(artifacts, scale=version), version), count=2, rollout=rollout))
        with traffic(host):
            now = settled(host)
        assert (now.version, now.detail, now.alarm) == (version, "", "")


def test_an_alarm_that_is_not_asked_for_any_more_is_gone(
    host: SageMakerEndpoints, account: Account, artifacts: S3Artifacts
) -> None:
    cloudwatch = account.clients.of("cloudwatch")

    def there() -> list[str]:
        found = cloudwatch.describe_alarms(AlarmNamePrefix=endpoint_of(host))["MetricAlarms"]
        return sorted(alarm["AlarmName"] for alarm in found)

    host.apply(spec(a_serving_package(artifacts), 1))
    settled(host)
    host.apply(spec(a_serving_package(artifacts, scale=2), 2))
    settled(host)
    assert there() == sorted(names(endpoint_of(host)))
    host.apply(replace(spec(a_serving_package(artifacts, scale=3), 3), rollout=Rollout(alarms=Alarms(0, 9.5))))
    settled(host)
    assert there() == [names(endpoint_of(host))[1]]


def test_while_it_goes_on_the_host_says_how_long_it_may_take(host: SageMakerEndpoints, artifacts: S3Artifacts) -> None:
    host.apply(spec(a_serving_package(artifacts), 1))
    settled(host)
    rollout = Rollout(Shifting.LINEAR, size=50, interval=100, bake=50)
    host.apply(replace(spec(a_serving_package(artifacts, scale=2), 2), rollout=rollout))
    now = host.describe()[0]
    assert (now.state, now.patience) == (EndpointState.UPDATING, 1800 + 2 * 100 + 50)
