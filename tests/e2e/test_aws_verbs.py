"""The verbs beside the loop, in AWS: batch runs, the model registry and who decides there, notebooks, logs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlops_ci.testing.aws.loopback import Loopback
from tests.e2e.clouds import client, know_images
from tests.e2e.slow import slow, starts, until
from tests.e2e.tiny import CANDIDATE, PROJECT, Tiny, make

pytestmark = pytest.mark.e2e

ROLE = "arn:aws:iam::123456789012:role/mlops-ci"


@dataclass(frozen=True, slots=True)
class There:
    """A project whose target is the loopback AWS."""

    tiny: Tiny
    aws: Loopback
    name: str

    def client(self, service: str) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
        return client(self.aws, service)

    def versions(self) -> list[dict[str, Any]]:
        """Return the model packages of the project, oldest first."""
        client = self.client("sagemaker")
        groups = client.list_model_package_groups(NameContains=self.name)["ModelPackageGroupSummaryList"]
        return [
            package
            for group in groups
            for package in client.list_model_packages(
                ModelPackageGroupName=group["ModelPackageGroupName"], SortBy="CreationTime", SortOrder="Ascending"
            )["ModelPackageSummaryList"]
        ]

    def decide(self, version: int, status: str, why: str) -> None:
        """Decide as a person does in the console."""
        reference = self.versions()[version - 1]["ModelPackageArn"]
        self.client("sagemaker").update_model_package(
            ModelPackageArn=reference, ModelApprovalStatus=status, ApprovalDescription=why
        )

    def calls(self) -> list[str]:
        return [operation for _, operation in self.aws.traffic.calls]


def in_aws(folder: Path, aws: Loopback, name: str) -> There:
    """Return a checkout of the tiny project whose target is in AWS; somebody must approve what enters production."""
    tiny = make(folder)
    tiny = Tiny(tiny.folder, {**tiny.environment, **aws.environment(), "MLOPS_CI_AWS_POLL": "0.1"})
    know_images(tiny.folder)
    there = There(tiny, aws, name)
    there.client("s3").create_bucket(Bucket=f"bucket-{name}")
    target = f"{{kind: aws, region: us-east-1, role: '{ROLE}', store: 's3://bucket-{name}/team/{name}'}}"
    (tiny.folder / "mlops-ci.yaml").write_text(PROJECT.replace("{kind: local, store: .mlops-ci/store}", target))
    tiny.replace("model.yaml", "{promotes_from: staging}", "{promotes_from: staging, approval: true}")
    tiny.replace("model.yaml", "  pytest: [tests]\n", "  pytest: [tests]\n  skip: [latency, robustness]\n")
    tiny.replace("model.yaml", "  latency: {max_ms: 5000, requests: 120, concurrency: 2}\n", "")
    tiny.push("in AWS")
    return there


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory, aws_server: Loopback) -> Iterator[There]:
    """Give a project that is on staging, and waits for somebody."""
    made = in_aws(tmp_path_factory.mktemp("aws") / "tiny", aws_server, "verbs")
    said = made.tiny.run("run", code=75)
    assert "waits for approval" in said.err
    yield made
    made.tiny.end()


def test_an_approval_in_the_console_lets_a_version_into_production(there: There) -> None:
    (registered,) = there.versions()
    assert registered["ModelApprovalStatus"] == "PendingManualApproval"
    assert there.tiny.run("gate", "production", code=75).code == 75
    there.decide(1, "Approved", "looks fine")
    there.tiny.run("run")
    assert there.tiny.environment_of("production")["version"] == 1
    history = there.tiny.run("history").out
    assert "in the model registry: looks fine" in history

    there.aws.traffic.reset()
    there.tiny.run("plan", "--json")
    there.tiny.run("run")
    asked = [call for call in there.calls() if "ModelPackage" in call]
    assert asked == [], "an unchanged model costs no call"


def test_a_rejection_in_the_console_keeps_a_version_out_and_says_who(there: There) -> None:
    there.tiny.write("candidates/middle.yaml", CANDIDATE.format(cut=0.5))
    there.tiny.push("better")
    there.tiny.run("run", code=75)
    assert [found["ModelApprovalStatus"] for found in there.versions()] == ["Approved", "PendingManualApproval"]
    there.decide(2, "Rejected", "not on a Friday")
    for verb in (("run",), ("gate", "production")):
        said = there.tiny.run(*verb, code=1)
        assert "rejected by arn:aws:sts::123456789012:assumed-role/console/person" in said.err + said.out
        assert "not on a Friday" in said.err + said.out
    assert there.tiny.environment_of("production")["version"] == 1
    there.tiny.run("approve", "production", "--why", "it is Monday")
    there.tiny.run("run")
    assert there.tiny.environment_of("production")["version"] == 2
    assert [found["ModelApprovalStatus"] for found in there.versions()] == ["Approved", "Approved"]


def test_a_batch_run_is_a_batch_transform_of_which_nothing_is_left(there: There) -> None:
    sagemaker, tiny = there.client("sagemaker"), there.tiny
    models = {model["ModelName"] for model in sagemaker.list_models()["Models"]}
    rows = b"x,side\n0.9,left\n0.1,right\n0.8,left\n"
    there.client("s3").put_object(Bucket=f"bucket-{there.name}", Key="in/rows.csv", Body=rows)
    there.aws.traffic.reset()
    output = f"s3://bucket-{there.name}/out/p.jsonl"
    where = ("--input", f"s3://bucket-{there.name}/in/rows.csv", "--output", output, "--environment", "staging")
    tiny.run("batch", "tiny", *where)
    found = there.client("s3").get_object(Bucket=f"bucket-{there.name}", Key="out/p.jsonl")["Body"].read()
    assert [json.loads(line) for line in found.splitlines()] == [1.0, 0.0, 1.0]
    assert there.calls().count("CreateTransformJob") == 1
    assert {model["ModelName"] for model in sagemaker.list_models()["Models"]} == models
    assert sagemaker.list_transform_jobs(StatusEquals="InProgress")["TransformJobSummaries"] == []
    assert there.aws.traffic.refused == []
    there.aws.traffic.reset()
    tiny.run("batch", "tiny", *where)
    assert "CreateTransformJob" not in there.calls()
    assert tiny.changes() == []


def test_a_batch_run_says_that_rows_are_wrong_before_anything_costs_money(there: There) -> None:
    (there.tiny.folder / "rows.csv").write_text("x,side\n0.9\n")
    there.aws.traffic.reset()
    said = there.tiny.run("batch", "tiny", "--input", "rows.csv", "--output", "p.jsonl", code=65)
    assert "rows.csv:2:1" in said.err
    assert "CreateTransformJob" not in there.calls()


def test_a_notebook_runs_with_the_data_on_s3_and_goes(there: There, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlops_ci.testing.aws.holes.notebooks.TAKES", 0.2 * there.aws.settings.speed)
    sagemaker, tiny = there.client("sagemaker"), there.tiny
    assert "there is no notebook" in tiny.run("notebook", "tiny", "status").out
    started = tiny.run("notebook", "tiny", "start", "--candidate", "low")
    assert started.out.startswith("tiny: running for `low` on `ml.t3.medium`\nhttps://")
    assert "costs money" in started.err
    assert "running for `low`" in tiny.run("notebook", "tiny", "status").out
    assert "it ran already, for `low`" in tiny.run("notebook", "tiny", "start", "--candidate", "middle").err
    assert "stopped for `low`" in tiny.run("notebook", "tiny", "stop").out
    assert "its notebook is gone" in tiny.run("notebook", "tiny", "stop", "--delete").out
    assert sagemaker.list_notebook_instances(NameContains=there.name)["NotebookInstances"] == []
    left = sagemaker.list_notebook_instance_lifecycle_configs(NameContains=there.name)
    assert left["NotebookInstanceLifecycleConfigs"] == []
    assert "did you mean `low`?" in tiny.run("notebook", "tiny", "start", "--candidate", "lov", code=64).err


def test_logs_of_jobs_and_endpoints_come_from_cloudwatch(there: There) -> None:
    assert "train:rows=" in there.tiny.run("logs", "tiny", "--candidate", "middle").out
    assert there.tiny.run("logs", "tiny", "--environment", "staging", "--tail", "1").out.count("\n") == 1


def test_a_training_in_aws_is_followed_until_it_ends(tmp_path: Path, aws_server: Loopback) -> None:
    there = in_aws(tmp_path / "tiny", aws_server, "follow")
    mark = tmp_path / "mark"
    slow(there.tiny, mark)
    source = there.tiny.read("src/train/fit.py")
    there.tiny.write("src/train/fit.py", source.replace("given = ", 'print("begins", flush=True)\ngiven = '))
    there.tiny.push("say that it begins")
    train = there.tiny.start("train", "tiny", "--candidate", "middle")
    until(lambda: starts(mark) == ["0.45"])
    follow = there.tiny.start("logs", "tiny", "--follow")
    assert follow.stdout is not None
    while (line := follow.stdout.readline()) != "begins\n":
        assert line, "it ended without telling"
    assert train.poll() is None
    (tmp_path / "go").touch()
    rest, said = follow.communicate(timeout=60)
    assert follow.returncode == 0, said
    assert "train:rows=" in rest
    assert train.wait(60) == 0
