"""The forms a training request may have: shares of data, many hosts, checkpoints, entrypoints, a built-in algorithm."""

from __future__ import annotations

import json
from typing import Any

from tests.testing.aws.asking import Account, archive, channel, training, unpacked

SEEN = """
import json, os
from pathlib import Path
host = os.environ['SM_CURRENT_HOST']
config = json.loads(Path('/opt/ml/input/config/resourceconfig.json').read_text())
assert config['current_host'] == host and config['hosts'] == json.loads(os.environ['SM_HOSTS'])
names = sorted(os.listdir('/opt/ml/input/data/train'))
Path(f'/opt/ml/model/{host}').write_text(json.dumps(names))
print(f'rows={len(names)}')
"""


def run(account: Account, request: dict[str, Any]) -> dict[str, Any]:
    account.sagemaker.create_training_job(**request)
    found = account.ended("Training", request["TrainingJobName"])
    assert found["TrainingJobStatus"] == "Completed", found
    return found


def model_of(account: Account, found: dict[str, Any]) -> dict[str, bytes]:
    return unpacked(account.read(found["ModelArtifacts"]["S3ModelArtifacts"]))


def test_every_host_has_a_process_and_its_share_of_the_data(account: Account) -> None:
    bucket = account.bucket(train__a="1", train__b="2", train__c="3")
    request = training(account, SEEN)
    request["ResourceConfig"]["InstanceCount"] = 2
    source = channel("train", f"s3://{bucket}/train/", S3DataDistributionType="ShardedByS3Key")
    request["InputDataConfig"] = [source]
    found = run(account, request)
    assert model_of(account, found) == {"algo-1": b'["a", "c"]', "algo-2": b'["b"]'}
    streams = account.streams("/aws/sagemaker/TrainingJobs", request["TrainingJobName"])
    assert [stream.split("/")[1].rpartition("-")[0] for stream in sorted(streams)] == ["algo-1", "algo-2"]


def test_a_host_that_fails_ends_the_others(account: Account) -> None:
    script = "import os, time\nif os.environ['SM_CURRENT_HOST'] == 'algo-2': raise OSError('two')\ntime.sleep(60)\n"
    request = training(account, script)
    request["ResourceConfig"]["InstanceCount"] = 2
    image = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.5.1-cpu-py311"
    request["AlgorithmSpecification"]["TrainingImage"] = image  # whose toolkit looks at what a script wrote
    account.sagemaker.create_training_job(**request)
    found = account.ended("Training", request["TrainingJobName"], within=20)
    assert "OSError: two" in found["FailureReason"]


def test_a_manifest_names_what_a_channel_has(account: Account) -> None:
    bucket = account.bucket(rows__a="1", rows__deep__b="2", rows__c="3")
    manifest = account.put(f"s3://{bucket}/list", json.dumps([{"prefix": f"s3://{bucket}/rows/"}, "a", "deep/b"]))
    request = training(account, SEEN)
    request["InputDataConfig"] = [channel("train", manifest, S3DataType="ManifestFile")]
    assert model_of(account, run(account, request)) == {"algo-1": b'["a", "deep"]'}


def test_a_job_goes_on_from_the_checkpoints_of_the_one_before(account: Account) -> None:
    script = (
        "from pathlib import Path\nat = Path('/opt/ml/checkpoints/epoch')\n"
        "epoch = int(at.read_text()) if at.exists() else 0\n"
        "at.write_text(str(epoch + 1))\nPath('/opt/ml/model/epoch').write_text(str(epoch + 1))\n"
    )
    bucket = account.bucket()
    for expected in (b"1", b"2"):
        request = training(account, script, CheckpointConfig={"S3Uri": f"s3://{bucket}/checkpoints"})
        assert model_of(account, run(account, request)) == {"epoch": expected}
    assert account.read(f"s3://{bucket}/checkpoints/epoch") == b"2"


def test_an_entrypoint_runs_as_it_stands_and_what_it_installs_stays_with_the_job(account: Account) -> None:
    bucket = account.bucket(code__go___sh="python3 -c 'import sys; print(sys.prefix)' > /opt/ml/model/prefix; echo $@")
    request = training(account, "pass\n", InputDataConfig=[channel("code", f"s3://{bucket}/code/")])
    del request["HyperParameters"]
    request["AlgorithmSpecification"] |= {
        "ContainerEntrypoint": ["/bin/bash", "/opt/ml/input/data/code/go.sh"],
        "ContainerArguments": ["one", "two words"],
    }
    found = run(account, request)
    prefix = model_of(account, found)["prefix"].decode()
    assert f"/training-jobs/us-east-1/{request['TrainingJobName']}/algo-1/" in prefix
    assert "one two words" in account.log("/aws/sagemaker/TrainingJobs", request["TrainingJobName"])


def test_requirements_that_cannot_be_installed_fail_the_job_with_what_pip_said(account: Account) -> None:
    request = training(account, "pass\n")
    given = request["HyperParameters"]
    files = {"train.py": "pass\n", "requirements.txt": "./no-such-package-here\n"}
    account.put(given["sagemaker_submit_directory"], archive(files))
    account.sagemaker.create_training_job(**request)
    found = account.ended("Training", request["TrainingJobName"])
    assert found["FailureReason"].startswith("AlgorithmError: InstallRequirementsError: ")
    assert "no-such-package-here" in found["FailureReason"]


def test_the_built_in_xgboost_trains_and_its_model_serves_in_a_batch_transform(account: Account) -> None:
    rows = "".join(f"{3 * number},{number},{number % 2}\n" for number in range(40))
    bucket = account.bucket(train__a___csv=rows, validation__a___csv=rows, ask___csv="10,0\n30,0\n")
    request = training(account, "")
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
    request["AlgorithmSpecification"]["TrainingImage"] = image
    request["HyperParameters"] = {"objective": "reg:squarederror", "num_round": "8", "max_depth": "3", "eta": "0.5"}
    request["InputDataConfig"] = [
        channel(name, f"s3://{bucket}/{name}/") | {"ContentType": "text/csv"} for name in ("train", "validation")
    ]
    found = run(account, request)
    metrics = {metric["MetricName"]: metric["Value"] for metric in found["FinalMetricDataList"]}
    assert 0 < metrics["validation:rmse"] < 5
    lines = account.log("/aws/sagemaker/TrainingJobs", request["TrainingJobName"])
    assert any(line.startswith("[7]#011train-rmse:") for line in lines)
    container = {"Image": image, "ModelDataUrl": found["ModelArtifacts"]["S3ModelArtifacts"]}
    name = request["TrainingJobName"]
    account.sagemaker.create_model(ModelName=name, ExecutionRoleArn=request["RoleArn"], PrimaryContainer=container)
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/ask.csv"}}
    account.sagemaker.create_transform_job(
        TransformJobName=name,
        ModelName=name,
        TransformInput={"DataSource": source, "ContentType": "text/csv", "SplitType": "Line"},
        TransformOutput={"S3OutputPath": f"s3://{bucket}/out", "Accept": "text/csv", "AssembleWith": "Line"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    assert account.ended("Transform", name)["TransformJobStatus"] == "Completed"
    low, high = map(float, account.read(f"s3://{bucket}/out/ask.csv.out").split())
    assert abs(low - 30) < 10 < abs(high - low)


def test_the_built_in_xgboost_says_what_it_misses(account: Account) -> None:
    request = training(account, "")
    request["AlgorithmSpecification"]["TrainingImage"] = "x/xgboost:1"
    request["HyperParameters"] = {"objective": "reg:squarederror"}
    account.sagemaker.create_training_job(**request)
    found = account.ended("Training", request["TrainingJobName"])
    assert "Required hyperparameter `num_round` is missing" in found["FailureReason"]
