"""On a machine that is thrown away a step says that its records would be lost, before it does anything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.e2e.tiny import Tiny

pytestmark = pytest.mark.e2e


def test_a_step_that_would_lose_its_records_does_nothing_and_a_pull_requests_goes_on(tiny: Tiny) -> None:
    hosted = replace(tiny, environment={**tiny.environment, "RUNNER_ENVIRONMENT": "github-hosted"})
    done = hosted.run("train", code=69)
    assert (
        "error[provider-failed]: `train` would lose what it records: the store `.mlops-ci/store` lies on a" in done.err
    )
    assert "hint: a store on S3" in done.err
    assert not (tiny.folder / ".mlops-ci/store").exists()
    assert hosted.run("plan").err == hosted.run("validate").err == ""
    done = hosted.run("train", "--pull-request", "3")
    assert "warning[records-lost]: the store `.mlops-ci/store` lies on a runner that GitHub hosts" in done.err
    vouched = replace(hosted, environment={**hosted.environment, "MLOPS_CI_STORE_STAYS": "1"})
    assert "warning" not in vouched.run("train").err
