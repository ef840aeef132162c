"""What CreateTransformJob is asked for."""

from __future__ import annotations

from dataclasses import replace

from mlops_ci.adapters.aws.requests.terms import Request, Terms
from mlops_ci.adapters.aws.requests.transform import Placed, transform_request
from mlops_ci.model import TransformResources
from mlops_ci.ports.jobs import TransformJob
from tests.adapters.aws.requests.valid import CLOSED, KEY, PLAIN, problems

JOB = TransformJob("churn", "boosting", "d" * 64, "rows.csv", "text/csv", max_runtime=3600)
PLACED = Placed("evaluation-1", "s3://bucket/inputs/r/", 768, "s3://bucket/jobs/evaluation-1/")


def request(job: TransformJob = JOB, terms: Terms = PLAIN, placed: Placed = PLACED) -> Request:
    """Return the request, which SageMaker's model takes."""
    made = transform_request(job, "evaluation-1", placed, terms)
    assert problems("CreateTransformJob", made) == ()
    return made


def test_lines_go_together_and_answers_come_line_by_line() -> None:
    assert request() == {
        "TransformJobName": "evaluation-1",
        "ModelName": "evaluation-1",
        "BatchStrategy": "MultiRecord",
        "MaxPayloadInMB": 6,
        "ModelClientConfig": {"InvocationsTimeoutInSeconds": 600},
        "Environment": {"MLOPS_CI_MAX_RUNTIME": "3600", "MLOPS_CI_ROWS": "768"},
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/inputs/r/"}},
            "ContentType": "text/csv",
            "CompressionType": "None",
            "SplitType": "Line",
        },
        "TransformOutput": {
            "S3OutputPath": "s3://bucket/jobs/evaluation-1/output",
            "Accept": "application/json",
            "AssembleWith": "Line",
        },
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        "Tags": [
            {"Key": "team", "Value": "churn"},
            {"Key": "mlops-ci:model", "Value": "churn"},
            {"Key": "mlops-ci:subject", "Value": "boosting"},
        ],
    }


def test_a_file_whose_cells_hold_line_ends_is_not_cut() -> None:
    made = request(placed=replace(PLACED, whole_mb=12))
    assert (made["BatchStrategy"], made["MaxPayloadInMB"]) == ("SingleRecord", 12)
    assert (made["TransformInput"]["SplitType"], made["TransformOutput"]["AssembleWith"]) == ("None", "None")


def test_instances_and_keys_are_those_of_manifest_and_target_and_no_call_outlasts_the_job() -> None:
    made = request(replace(JOB, resources=TransformResources("ml.c5.xlarge", 4), max_runtime=30), CLOSED)
    assert made["TransformResources"] == {
        "InstanceType": "ml.c5.xlarge",
        "InstanceCount": 4,
        "VolumeKmsKeyId": KEY,
    }
    assert made["TransformOutput"]["KmsKeyId"] == KEY
    assert made["ModelClientConfig"] == {"InvocationsTimeoutInSeconds": 30}
