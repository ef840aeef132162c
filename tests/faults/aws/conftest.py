"""The session's loopback AWS with a bucket: what goes wrong ends with each test, and so does what it started."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from mlops_ci.testing.aws.loopback import Loopback
from tests.e2e.clouds import client, standing
from tests.e2e.tiny import Tiny
from tests.faults.aws.trials import QUICK, project
from tests.faults.trial import MARKED

Made = Callable[..., Tiny]


@pytest.fixture
def cloud(aws_server: Loopback) -> Iterator[Loopback]:
    """Give the account. What a test leaves running fails it."""
    try:
        client(aws_server, "s3").create_bucket(Bucket="models")
    except ClientError as error:  # another module's, in the same session
        assert "BucketAlready" in str(error)  # noqa: PT017 - of anything else this is the failure
    before = standing(aws_server)
    yield aws_server
    aws_server.faults.clear()
    assert standing(aws_server) == before


@pytest.fixture
def make(cloud: Loopback, tmp_path: Path) -> Iterator[Made]:
    """Give a function that makes the project, as `trials.project`; its endpoints are ended when the test has ended."""
    made: list[Tiny] = []

    def of(model: str = QUICK, more: str = "", script: str = MARKED) -> Tiny:
        made.append(project(tmp_path / f"{tmp_path.name}-{len(made)}", cloud, model, more, script))
        return made[-1]

    yield of
    cloud.faults.clear()
    for tiny in made:
        if "environments:" in tiny.read("model.yaml"):
            tiny.run("destroy", "staging", "--all", "--yes")
