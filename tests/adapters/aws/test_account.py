"""The clients of an account."""

from __future__ import annotations

from mlops_ci.adapters.aws.account import Clients


def test_a_client_outwaits_the_minute_that_an_endpoints_container_has() -> None:
    assert Clients("eu-west-1").of("sagemaker-runtime").meta.config.read_timeout > 60
