"""`image build`: a Dockerfile becomes an image in the account, and a candidate that trains in it."""

from __future__ import annotations

import uuid
from pathlib import Path

import boto3
import pytest

from mlops_ci.testing.aws.loopback import Loopback
from tests.e2e.tiny import PROJECT, Tiny, make

pytestmark = pytest.mark.e2e

ROLE = "arn:aws:iam::123456789012:role/ml"


@pytest.fixture
def project(tmp_path: Path, aws_server: Loopback) -> Tiny:
    bucket = f"models-{uuid.uuid4().hex}"
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
    boto3.client("s3", endpoint_url=aws_server.url, region_name="us-east-1", **keys).create_bucket(Bucket=bucket)
    tiny = make(tmp_path / "tiny")
    (tiny.folder / "mlops-ci.yaml").write_text(
        f"{PROJECT}  aws: {{kind: aws, store: s3://{bucket}/team, region: us-east-1, role: {ROLE}}}\n"
    )
    (tiny.folder / "pipelines/tiny/candidates/low.yaml").unlink()
    tiny.replace("candidates/middle.yaml", "script:", "dockerfile: Dockerfile\nscript:")
    tiny.write("Dockerfile", f"FROM scratch\n# {bucket}\n")
    tiny.push("a Dockerfile")
    return Tiny(tiny.folder, {**tiny.environment, **aws_server.environment()})


def test_a_plan_says_what_to_build_and_after_that_it_is_an_image_like_any_other(project: Tiny) -> None:
    refused = project.run("plan", "--target", "aws", code=65)
    assert "middle.yaml:2:13" in refused.err
    assert "hint: build it: mlops-ci image build tiny --candidate middle" in refused.err
    built = project.run("image", "build", "tiny", "--candidate", "middle", "--target", "aws")
    assert built.out.startswith("tiny/middle: 123456789012.dkr.ecr.us-east-1.amazonaws.com/mlops-ci/tiny@sha256:")
    assert built.out.endswith(" (built)\n")
    assert "docker push" in built.err
    again = project.run("image", "build", "tiny", "--target", "aws")
    assert again.out == built.out.replace("(built)", "(there already)")
    project.run("train", "--target", "aws")
    assert "image" not in project.run("plan", "--target", "aws").out


def test_what_a_pull_request_builds_has_a_tag_of_its_own_and_is_not_there_on_the_branch(project: Tiny) -> None:
    built = project.run("image", "build", "tiny", "--target", "aws", "--pull-request", "12")
    assert built.out.endswith(" (built)\n")
    assert "/mlops-ci/tiny:pr-12-" in built.err
    planned = project.run("plan", "--target", "aws", "--pull-request", "12")
    assert "image build" not in planned.err
    assert "hint: build it" in project.run("plan", "--target", "aws", code=65).err
    assert project.run("image", "build", "tiny", "--target", "aws").out.endswith(" (built)\n")


def test_on_this_machine_it_says_that_it_needs_an_account(project: Tiny) -> None:
    done = project.run("image", "build", "tiny", code=69)
    assert "images are built in an account of AWS" in done.err
    assert "--target" in done.err


@pytest.mark.parametrize(("words", "said"), [(("other",), "no"), (("tiny", "--candidate", "low"), "has no Dockerfile")])
def test_what_has_no_dockerfile_is_told(project: Tiny, words: tuple[str, ...], said: str) -> None:
    done = project.run("image", "build", *words, "--target", "aws", code=None)
    assert done.code in {64, 65}
    assert said in done.err
