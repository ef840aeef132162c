"""Training jobs really train."""

from __future__ import annotations

import json

import pytest

from tests.testing.aws.asking import Account, channel, training, unpacked

LOSS = [{"Name": "loss", "Regex": "loss=([0-9.]+)"}]


def run(account: Account, request: dict) -> dict:  # type: ignore[type-arg]
    account.sagemaker.create_training_job(**request)
    return account.ended("Training", request["TrainingJobName"])


def test_a_script_finds_its_channel_and_leaves_its_model_metrics_and_log(account: Account) -> None:
    bucket = account.bucket(data__train__a___csv="1,2\n", data__train__deep__b___csv="3,4\n", data__other="no")
    script = (
        "import os, sys\n"
        "top = os.environ['SM_CHANNEL_TRAIN']\n"
        "paths = [os.path.join(at, name) for at, _, names in os.walk(top) for name in names]\n"
        "found = sorted(os.path.relpath(path, top) for path in paths)\n"
        "print(found, sys.argv[1:], top)\n"
        "print('loss=0.5')\nprint('loss=0.25')\n"
        "open(os.environ['SM_MODEL_DIR'] + '/weights', 'w').write('w')\n"
        "open('/opt/ml/output/data/report', 'w').write('r')\n"
    )
    request = training(account, script, hyperparameters={"epochs": 3, "rate": "0.1", "n": True})
    request["AlgorithmSpecification"]["MetricDefinitions"] = LOSS
    request["InputDataConfig"] = [channel("train", f"s3://{bucket}/data/train")]
    found = run(account, request)
    assert found["TrainingJobStatus"] == found["SecondaryStatus"] == "Completed"
    steps = ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert [step["Status"] for step in found["SecondaryStatusTransitions"]] == steps
    assert [(metric["MetricName"], metric["Value"]) for metric in found["FinalMetricDataList"]] == [("loss", 0.25)]
    assert found["TrainingTimeInSeconds"] == found["BillableTimeInSeconds"] >= 1
    assert found["TrainingStartTime"] <= found["TrainingEndTime"]
    uri = found["ModelArtifacts"]["S3ModelArtifacts"]
    assert uri == f"{request['OutputDataConfig']['S3OutputPath']}/{request['TrainingJobName']}/output/model.tar.gz"
    assert unpacked(account.read(uri)) == {"weights": b"w"}
    assert unpacked(account.read(uri.replace("model.tar.gz", "output.tar.gz"))) == {"report": b"r"}
    lines = account.log("/aws/sagemaker/TrainingJobs", f"{request['TrainingJobName']}/algo-1-")
    said = "['a.csv', 'deep/b.csv'] ['--epochs', '3', '-n', 'True', '--rate', '0.1'] /opt/ml/input/data/train"
    assert said in lines
    assert "is not pulled by the loopback" in lines[0]


@pytest.mark.parametrize(
    ("image", "heard"),
    [("pytorch-training:2.5.1-cpu-py311", "ValueError: no luck"), ("sagemaker-scikit-learn:1.4-2-cpu-py3", "")],
)
def test_a_script_that_raises_fails_the_job_and_pytorchs_image_tells_its_last_words(
    account: Account, image: str, heard: str
) -> None:
    request = training(account, "raise ValueError('no luck')\n")
    request["AlgorithmSpecification"]["TrainingImage"] = f"763104351884.dkr.ecr.us-east-1.amazonaws.com/{image}"
    found = run(account, request)
    assert found["TrainingJobStatus"] == found["SecondaryStatus"] == "Failed"
    assert found["FailureReason"].startswith("AlgorithmError: ExecuteUserScriptError:\nExitCode 1\n")
    assert f'ErrorMessage "{heard}"' in found["FailureReason"]


def test_what_a_job_writes_about_its_failure_is_the_reason(account: Account) -> None:
    script = "open('/opt/ml/output/failure', 'w').write('x' * 3000)\nraise SystemExit(7)\n"
    found = run(account, training(account, script))
    assert found["FailureReason"] == f"AlgorithmError: {'x' * 1008}"


def test_the_platforms_variables_are_true(account: Account) -> None:
    request = training(account, "import os, json\nopen('/opt/ml/model/v', 'w').write(json.dumps(dict(os.environ)))\n")
    request["Environment"] = {"MINE": "yes"}
    found = run(account, request)
    seen = json.loads(unpacked(account.read(found["ModelArtifacts"]["S3ModelArtifacts"]))["v"])
    expected = {
        "TRAINING_JOB_NAME": request["TrainingJobName"],
        "TRAINING_JOB_ARN": found["TrainingJobArn"],
        "AWS_REGION": "us-east-1",
        "MINE": "yes",
    }
    assert {name: seen[name] for name in expected} == expected
