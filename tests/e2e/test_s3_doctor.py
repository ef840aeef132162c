"""`doctor` in a project whose store, or whose work, is in an account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.e2e.tiny import PROJECT, Tiny, make
from tests.loopback import Fault, Loopback, loopback

pytestmark = pytest.mark.e2e

ROLE = "arn:aws:iam::123456789012:role/mlops-ci"
LOCAL = "{kind: local, store: 's3://models/doctor'}"
AWS = f"{{kind: aws, store: 's3://models/doctor', role: '{ROLE}', region: us-east-1}}"


@pytest.fixture(scope="module")
def s3() -> Iterator[Loopback]:
    with loopback() as server:
        server.client().create_bucket(Bucket="models")
        yield server


def project(folder: Path, s3: Loopback, target: str) -> Tiny:
    made = make(folder)
    (made.folder / "mlops-ci.yaml").write_text(PROJECT.replace("{kind: local, store: .mlops-ci/store}", target))
    return Tiny(made.folder, {**made.environment, **s3.environment()})


def found(tiny: Tiny, code: int = 0) -> dict[str, tuple[str, str, str]]:
    checks: list[dict[str, Any]] = tiny.run("doctor", "--json", code=code).json()["checks"]
    return {check["check"]: (check["verdict"], check["found"], check["hint"]) for check in checks}


def make_role(s3: Loopback, service: str) -> None:
    iam = boto3.client("iam", endpoint_url=s3.url, region_name="us-east-1", aws_access_key_id="key",
                       aws_secret_access_key="secret")  # noqa: S106  # fmt: skip
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    try:
        iam.create_role(RoleName="mlops-ci", AssumeRolePolicyDocument=document)
    except iam.exceptions.EntityAlreadyExistsException:
        iam.update_assume_role_policy(RoleName="mlops-ci", PolicyDocument=document)


def test_a_store_on_s3_is_tried_and_nothing_is_left_behind(tmp_path: Path, s3: Loopback) -> None:
    tiny = project(tmp_path / "one", s3, LOCAL)
    s3.calls.clear()
    looked = found(tiny)
    assert looked["credentials"] == ("ok", "found in env", "")
    assert looked["region"] == ("ok", "us-east-1", "")
    assert looked["bucket"][0] == "ok"
    assert looked["conditional"][0] == "note"
    assert not {"role", "sagemaker"} & looked.keys()
    assert not any(call.startswith(("PUT", "POST", "DELETE")) for call in s3.calls)

    s3.client().put_object(Bucket="models", Key="doctor/format.json", Body=b'{"format": 2}\n')
    assert found(tiny)["conditional"] == ("ok", "of two writes of one name the second is refused", "")
    listed = s3.client().list_objects_v2(Bucket="models", Prefix="doctor/")["Contents"]
    assert [one["Key"] for one in listed] == ["doctor/format.json"]


def test_each_thing_that_lacks_is_told_with_the_next_step(tmp_path: Path, s3: Loopback) -> None:
    tiny = project(tmp_path / "one", s3, LOCAL)
    nobody = {key: value for key, value in tiny.environment.items() if "_KEY" not in key}
    assert found(Tiny(tiny.folder, nobody), 69)["credentials"][::2] == (
        "failed", "log in (`aws sso login`), or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    )  # fmt: skip
    nowhere = {key: value for key, value in tiny.environment.items() if "REGION" not in key}
    assert found(Tiny(tiny.folder, nowhere), 69)["region"][2].endswith("or export AWS_REGION")
    silent = {**tiny.environment, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    assert "does not answer" in found(Tiny(tiny.folder, silent), 69)["bucket"][1]
    other = project(tmp_path / "other", s3, LOCAL.replace("models", "nobodys"))
    verdict, said, hint = found(other, 69)["bucket"]
    assert (verdict, "aws s3 mb s3://nobodys" in hint) == ("failed", True), said
    s3.client().put_object(Bucket="models", Key="doctor/format.json", Body=b'{"format": 2}\n')
    s3.fail("PUT /models/doctor/format.json", *[Fault.DENIED] * 2)
    assert "s3:PutObject" in found(tiny, 69)["conditional"][2]
    s3.faults.clear()


def test_an_account_is_tried_with_its_role(tmp_path: Path, s3: Loopback) -> None:
    tiny = project(tmp_path / "one", s3, AWS)
    assert found(tiny, 69)["role"][:2] == ("failed", f"there is no `{ROLE}`")
    make_role(s3, "ec2.amazonaws.com")
    verdict, said, hint = found(tiny, 69)["role"]
    assert (verdict, said) == ("failed", f"SageMaker may not take `{ROLE}` on")
    assert "sagemaker.amazonaws.com" in hint
    make_role(s3, "sagemaker.amazonaws.com")
    looked = found(tiny)
    assert looked["role"] == ("ok", f"`{ROLE}`, which SageMaker may take on", "")
    assert looked["credentials"][1].startswith("arn:aws:")
    assert looked["sagemaker"] == ("ok", "answers in us-east-1", "")


def test_without_boto3_that_is_what_is_told(tmp_path: Path, s3: Loopback) -> None:
    tiny = project(tmp_path / "one", s3, LOCAL)
    (tmp_path / "without").mkdir()
    (tmp_path / "without/sitecustomize.py").write_text("import sys\nsys.modules['boto3'] = None\n")
    bare = Tiny(tiny.folder, {**tiny.environment, "PYTHONPATH": str(tmp_path / "without")})
    assert found(bare, 69)["boto3"] == ("failed", "not installed", "pip install 'mlops-ci[aws]'")
