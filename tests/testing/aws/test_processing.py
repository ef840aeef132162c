"""Processing jobs really process."""

from __future__ import annotations

import time
import uuid
from typing import Any

from tests.testing.aws.asking import ROLE, Account

COUNT = """
import json, os, sys
from pathlib import Path
top = Path('/opt/ml/processing')
text = (top / 'input/rows/rows.csv').read_text()
(top / 'out').joinpath('deep').mkdir()
(top / 'out/deep/count').write_text(f'{len(text.splitlines())} {sys.argv[1:]} {os.environ["MODE"]}')
(top / '../output/message').write_text('counted')
print('config', json.loads(Path('/opt/ml/config/processingjobconfig.json').read_text())['ProcessingJobName'])
"""


def request(account: Account, script: str, *arguments: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the request of a job that counts rows."""
    bucket = account.bucket(code__main___py=script, rows___csv="1\n2\n3\n")
    given = {
        name: {"S3Uri": f"s3://{bucket}/{key}", "LocalPath": f"/opt/ml/processing/input/{name}",
               "S3DataType": "S3Prefix", "S3InputMode": "File"}
        for name, key in (("code", "code/main.py"), ("rows", "rows.csv"))
    }  # fmt: skip
    output = {"S3Uri": f"s3://{bucket}/out", "LocalPath": "/opt/ml/processing/out", "S3UploadMode": "EndOfJob"}
    entry = "/opt/ml/processing/input/code/main.py"
    return {
        "ProcessingJobName": f"job-{uuid.uuid4().hex[:12]}",
        "RoleArn": ROLE,
        "AppSpecification": {
            "ImageUri": "sklearn:1",
            "ContainerEntrypoint": ["python3", entry],
            "ContainerArguments": [*arguments] or ["--some"],
        },
        "ProcessingInputs": [{"InputName": name, "S3Input": source} for name, source in given.items()],
        "ProcessingOutputConfig": {"Outputs": [{"OutputName": "out", "S3Output": output}]},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
        },
        "Environment": {"MODE": "fast"},
    } | more


def run(account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    account.sagemaker.create_processing_job(**asked)
    return account.ended("Processing", asked["ProcessingJobName"])


def output_of(asked: dict[str, Any]) -> str:
    uri: str = asked["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
    return uri


def test_a_script_finds_its_inputs_and_its_outputs_are_uploaded(account: Account) -> None:
    asked = request(account, COUNT, "--deep", "2")
    found = run(account, asked)
    assert found["ProcessingJobStatus"] == "Completed"
    assert found["ExitMessage"] == "counted"
    assert found["ProcessingStartTime"] <= found["ProcessingEndTime"]
    assert account.read(f"{output_of(asked)}/deep/count") == b"3 ['--deep', '2'] fast"
    lines = account.log("/aws/sagemaker/ProcessingJobs", f"{asked['ProcessingJobName']}/algo-1-")
    assert f"config {asked['ProcessingJobName']}" in lines


def test_a_script_that_fails_says_so_and_uploads_nothing(account: Account) -> None:
    asked = request(account, COUNT + "raise SystemExit(3)\n")
    found = run(account, asked)
    assert found["ProcessingJobStatus"] == "Failed"
    assert found["FailureReason"] == "AlgorithmError: See job logs for more information"
    assert found["ExitMessage"] == "counted"
    assert account.keys(output_of(asked).split("/")[2], "out/") == []


def test_an_input_that_is_not_there_fails_the_job_with_its_address(account: Account) -> None:
    asked = request(account, COUNT)
    asked["ProcessingInputs"][1]["S3Input"]["S3Uri"] += ".gone"
    found = run(account, asked)
    assert found["ProcessingJobStatus"] == "Failed"
    assert 'No S3 objects found under S3 URL "s3://' in found["FailureReason"]


def test_a_job_that_is_stopped_gets_sigterm_and_ends_stopped(account: Account) -> None:
    script = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('heard', flush=True), sys.exit(0)))\n"
        "print('ready', flush=True)\ntime.sleep(60)\n"
    )
    asked = request(account, script)
    name = asked["ProcessingJobName"]
    account.sagemaker.create_processing_job(**asked)
    until = time.monotonic() + 30
    while "ready" not in account.log("/aws/sagemaker/ProcessingJobs", name):
        assert time.monotonic() < until
        time.sleep(0.05)
    account.sagemaker.stop_processing_job(ProcessingJobName=name)
    assert account.described("Processing", name)["ProcessingJobStatus"] in {"Stopping", "Stopped"}
    assert account.ended("Processing", name)["ProcessingJobStatus"] == "Stopped"
    assert "heard" in account.log("/aws/sagemaker/ProcessingJobs", name)


def test_outputs_are_uploaded_while_the_job_runs_where_it_asks_for_that(account: Account) -> None:
    script = (
        "import time\nfrom pathlib import Path\n"
        "Path('/opt/ml/processing/out/first').write_text('1')\n"
        "while not Path('/opt/ml/processing/out/over').exists(): time.sleep(0.05)\n"
    )
    asked = request(account, script)
    asked["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3UploadMode"] = "Continuous"
    account.sagemaker.create_processing_job(**asked)
    bucket, until = output_of(asked).split("/")[2], time.monotonic() + 30
    while account.keys(bucket, "out/") != ["out/first"]:
        assert time.monotonic() < until
        time.sleep(0.05)
    account.sagemaker.stop_processing_job(ProcessingJobName=asked["ProcessingJobName"])
    account.ended("Processing", asked["ProcessingJobName"])
