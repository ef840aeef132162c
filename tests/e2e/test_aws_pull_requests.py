"""A pull request in AWS: where its jobs write, and as whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.testing.aws.loopback import Loopback
from tests.e2e.clouds import ROLE, client, in_cloud, prepared
from tests.e2e.tiny import make

pytestmark = pytest.mark.e2e

WEAK = f"{ROLE}-pull-requests"


@pytest.fixture
def aws(aws_server: Loopback) -> Loopback:
    return prepared(aws_server)


def test_its_jobs_take_on_a_role_of_their_own_and_all_that_they_leave_is_below_its_prefix(
    tmp_path: Path, aws: Loopback
) -> None:
    tiny = in_cloud(make(tmp_path / "tiny"), aws, tmp_path.name)
    tiny.replace("../../mlops-ci.yaml", f"role: '{ROLE}'", f"role: '{ROLE}', pull_request_role: '{WEAK}'")
    tiny.push("in an account")
    tiny.run("run", "--pull-request", "12")
    sagemaker, store = client(aws, "sagemaker"), f"s3://models/{tmp_path.name}"
    described = [
        sagemaker.describe_training_job(TrainingJobName=job["TrainingJobName"])
        for job in sagemaker.list_training_jobs(MaxResults=100)["TrainingJobSummaries"]
    ]
    trainings = [about for about in described if about["OutputDataConfig"]["S3OutputPath"].startswith(f"{store}/")]
    assert trainings
    assert {about["RoleArn"] for about in trainings} == {WEAK}
    assert {about["OutputDataConfig"]["S3OutputPath"] for about in trainings} == {f"{store}/pr/12/jobs"}
    assert all(
        about["HyperParameters"]["sagemaker_submit_directory"].startswith(f"{store}/pr/12/inputs/")
        for about in trainings
    )
    answered = [
        sagemaker.describe_transform_job(TransformJobName=job["TransformJobName"])["TransformOutput"]["S3OutputPath"]
        for job in sagemaker.list_transform_jobs(MaxResults=100)["TransformJobSummaries"]
    ]
    assert any(place.startswith(f"{store}/pr/12/jobs/") for place in answered)
    pages = client(aws, "s3").get_paginator("list_objects_v2").paginate(Bucket="models", Prefix=f"{tmp_path.name}/")
    keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
    assert keys
    assert [key for key in keys if not key.startswith(f"{tmp_path.name}/pr/12/")] == []
