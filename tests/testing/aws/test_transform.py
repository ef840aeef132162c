"""Batch transforms really ask a container that serves the model."""

from __future__ import annotations

import gzip
import json
import uuid
from typing import Any

import pytest

from tests.testing.aws.asking import ROLE, Account, archive

GROUP = "/aws/sagemaker/TransformJobs"
SUM = """
import json, os
def model_fn(folder):
    return int(open(folder + '/factor').read())
def input_fn(data, content_type):
    print('body', repr(data))
    return [sum(map(float, line.split(','))) for line in data.split()]
def predict_fn(rows, factor):
    if rows == [13.0]:
        raise ValueError('unlucky')
    return [row * factor for row in rows]
def output_fn(rows, accept):
    return '\\n'.join(map(str, rows)), accept
"""


def model(account: Account, script: str = SUM, **environment: str) -> str:
    """Return the name of a new model."""
    bucket = account.bucket()
    data = account.put(f"s3://{bucket}/model.tar.gz", archive({"factor": "2", "code/serve.py": script}))
    name = f"model-{uuid.uuid4().hex[:12]}"
    variables = {"SAGEMAKER_PROGRAM": "serve.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"} | environment
    container = {"Image": "sklearn:1", "ModelDataUrl": data, "Environment": variables}
    account.sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    return name


def request(name: str, source: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - members of a request
    given = {"S3DataType": "S3Prefix", "S3Uri": source}
    sink = f"s3://{source.split('/')[2]}/out"
    return {
        "TransformJobName": f"job-{uuid.uuid4().hex[:12]}",
        "ModelName": name,
        "TransformInput": {"DataSource": {"S3DataSource": given}, "ContentType": "text/csv", "SplitType": "Line"},
        "TransformOutput": {"S3OutputPath": sink, "Accept": "text/csv", "AssembleWith": "Line"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    } | more


def run(account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    account.sagemaker.create_transform_job(**asked)
    return account.ended("Transform", asked["TransformJobName"])


def test_every_object_below_the_address_is_answered_by_the_model(account: Account) -> None:
    bucket = account.bucket(rows__a___csv="1,2\n3,4\n", rows__deep__b___csv="5,6\n")
    asked = request(model(account), f"s3://{bucket}/rows/")
    found = run(account, asked)
    assert found["TransformJobStatus"] == "Completed"
    assert found["TransformStartTime"] <= found["TransformEndTime"]
    assert account.keys(bucket, "out/") == ["out/a.csv.out", "out/deep/b.csv.out"]
    assert account.read(f"s3://{bucket}/out/a.csv.out") == b"6.0\n14.0\n"
    assert account.read(f"s3://{bucket}/out/deep/b.csv.out") == b"22.0\n"
    lines = account.log(GROUP, asked["TransformJobName"])
    assert "body '1,2\\n3,4'" in lines  # as many records as fit go into one request
    assert "[sagemaker logs]: MaxConcurrentTransforms=1, MaxPayloadInMB=6, BatchStrategy=MULTI_RECORD" in lines


def test_records_go_one_by_one_and_beside_each_other_where_that_is_asked_for(account: Account) -> None:
    bucket = account.bucket(rows___csv="".join(f"{number},0\n" for number in range(12)))
    asked = request(model(account), f"s3://{bucket}/rows.csv", BatchStrategy="SingleRecord", MaxConcurrentTransforms=4)
    assert run(account, asked)["TransformJobStatus"] == "Completed"
    assert account.read(f"s3://{bucket}/out/rows.csv.out").split() == [b"%.1f" % (2 * row) for row in range(12)]
    assert "body '11,0'" in account.log(GROUP, asked["TransformJobName"])


def test_an_object_that_is_not_split_is_one_request_also_where_it_is_compressed(account: Account) -> None:
    bucket = account.bucket(rows___csv___gz=gzip.compress(b"1,1\n2,2\n"))
    asked = request(model(account), f"s3://{bucket}/rows.csv.gz")
    asked["TransformInput"] |= {"SplitType": "None", "CompressionType": "Gzip"}
    asked["TransformOutput"]["AssembleWith"] = "None"
    assert run(account, asked)["TransformJobStatus"] == "Completed"
    assert account.read(f"s3://{bucket}/out/rows.csv.gz.out") == b"4.0\n8.0"


def test_an_answer_of_500_fails_the_job_and_is_told_in_the_data_log(account: Account) -> None:
    bucket = account.bucket(good___csv="1,2\n", rows___csv="13\n")
    asked = request(model(account), f"s3://{bucket}/", ModelClientConfig={"InvocationsMaxRetries": 1})
    found = run(account, asked)
    assert found["TransformJobStatus"] == "Failed"
    assert found["FailureReason"] == "AlgorithmError: See job logs for more information"
    lines = account.log(GROUP, asked["TransformJobName"])
    assert f"[sagemaker logs]: {bucket}/rows.csv: Bad HTTP status received from algorithm: 500" in lines
    assert lines.count("body '13'") == 2  # a retry
    assert account.keys(bucket, "out/") == ["out/good.csv.out"]


def test_an_answer_of_4xx_is_the_clients_error(account: Account) -> None:
    bucket = account.bucket(rows___csv=b"\xff\xfe")
    asked = request(model(account), f"s3://{bucket}/rows.csv")
    found = run(account, asked)
    assert found["FailureReason"] == "ClientError: See job logs for more information"


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("def model_fn(folder):\n    raise ValueError('no weights')\n", "no weights"),
        ("import nothing_there\n", "No module"),
    ],
)
def test_a_model_that_does_not_load_fails_the_job_with_the_reason(account: Account, script: str, why: str) -> None:
    bucket = account.bucket(rows___csv="1\n")
    found = run(account, request(model(account, script), f"s3://{bucket}/rows.csv"))
    assert found["TransformJobStatus"] == "Failed"
    assert why in found["FailureReason"]


def test_the_models_and_the_jobs_variables_reach_the_script(account: Account) -> None:
    script = (
        "import json, os\ndef model_fn(folder): return None\ndef transform_fn(model, data, content_type, accept):\n"
        "    return json.dumps([os.environ[name] for name in ('A', 'B')]), 'application/json'\n"
    )
    bucket = account.bucket(rows___csv="1\n")
    asked = request(model(account, script, A="model", B="model"), f"s3://{bucket}/rows.csv", Environment={"B": "job"})
    assert run(account, asked)["TransformJobStatus"] == "Completed"
    assert json.loads(account.read(f"s3://{bucket}/out/rows.csv.out")) == ["model", "job"]


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"DataProcessing": {"JoinSource": "Input"}}, "JoinSource"),
        ({"DataProcessing": {"InputFilter": "$[1:]"}}, "InputFilter"),
    ],
)
def test_what_is_not_done_here_is_refused_at_once(account: Account, more: dict[str, Any], named: str) -> None:
    bucket = account.bucket(rows___csv="1\n")
    with pytest.raises(account.sagemaker.exceptions.ClientError, match=named) as raised:
        account.sagemaker.create_transform_job(**request(model(account), f"s3://{bucket}/rows.csv", **more))
    assert raised.value.response["Error"]["Code"] == "ValidationException"


def test_a_model_that_is_not_there_is_refused(account: Account) -> None:
    with pytest.raises(account.sagemaker.exceptions.ClientError, match="Could not find model"):
        account.sagemaker.create_transform_job(**request("gone", "s3://nowhere/rows.csv"))


def test_a_transform_that_is_stopped_ends_stopped(account: Account) -> None:
    script = "import time\ndef model_fn(folder): return None\ndef transform_fn(*_): time.sleep(60)\n"
    bucket = account.bucket(rows___csv="1\n")
    asked = request(model(account, script), f"s3://{bucket}/rows.csv")
    account.sagemaker.create_transform_job(**asked)
    account.sagemaker.stop_transform_job(TransformJobName=asked["TransformJobName"])
    found = account.ended("Transform", asked["TransformJobName"], within=20)
    assert found["TransformJobStatus"] == "Stopped"
