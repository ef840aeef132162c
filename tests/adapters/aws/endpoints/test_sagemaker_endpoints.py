from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mlops_ci.adapters.aws.endpoints.host import SageMakerEndpoints
from mlops_ci.adapters.aws.store.artifacts import S3Artifacts
from mlops_ci.errors import ProviderError
from mlops_ci.ports.endpoints import EndpointHost, Package
from mlops_ci.ports.stores import ArtifactStore
from tests.adapters.aws.endpoints.conftest import IMAGE
from tests.contracts.endpoints import CANNOT_BE_SERVED, PLACE, EndpointsContract
from tests.load import Clients, Seen
from tests.packages import a_package


class TestSageMakerEndpoints(EndpointsContract):
    # What a container makes of a wrong row is its own affair: only what SageMaker itself refuses is promised.
    cannot_be_served = tuple(case for case in CANNOT_BE_SERVED if case[2] == 413)
    swaps = 5

    def clients(self, host: EndpointHost, url: str) -> Clients:
        def ask(body: bytes) -> Seen:
            try:
                answer = host.invoke(*PLACE, body, "text/csv", "")
            except ProviderError as problem:
                return Seen(0, "", b"", str(problem))
            return Seen(answer.status, answer.version, answer.body)

        return Clients(url, b"1,2", ask=ask, pause=0.02)

    def damage(self, artifacts: ArtifactStore, digest: str) -> None:
        assert isinstance(artifacts, S3Artifacts)
        bucket, key = artifacts.layout.bucket.address.bucket, f"team/artifacts/sha256/{digest[:2]}/{digest}"
        content = bytearray(artifacts.fetch(digest).read_bytes())
        content[len(content) // 2] ^= 1
        artifacts.layout.bucket.connection.client("").put_object(Bucket=bucket, Key=key, Body=bytes(content))
        artifacts.fetch(digest).unlink()

    @pytest.fixture
    def artifacts(self, artifacts: S3Artifacts) -> S3Artifacts:
        return artifacts

    @pytest.fixture
    def host(self, host: SageMakerEndpoints) -> SageMakerEndpoints:
        return host

    @pytest.fixture
    def package(self, artifacts: S3Artifacts) -> Callable[..., Package]:
        return lambda *code, **about: replace(a_package(artifacts, *code, **about), image=IMAGE)

    @pytest.mark.soak
    def test_twenty_swaps_under_load_fail_no_request(self, host: EndpointHost, package: Callable[..., Package]) -> None:
        self.swaps = EndpointsContract.swaps
        self.test_swaps_under_load_fail_no_request(host, package)
