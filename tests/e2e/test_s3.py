"""The store on S3: the same verbs, from clones that share nothing but git and the bucket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.tiny import PROJECT, Tiny, clone, make
from tests.loopback import Fault, Loopback, loopback

pytestmark = pytest.mark.e2e

STORE = "s3://models/team/tiny"
IMAGE = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/tiny@sha256:{'0' * 64}"
"""An image whose digest is written, so that nobody has to look it up."""


@pytest.fixture(scope="module")
def s3() -> Iterator[Loopback]:
    with loopback() as server:
        server.client().create_bucket(Bucket="models")
        yield server


def on_s3(folder: Path, s3: Loopback, store: str = STORE, more: str = "") -> Tiny:
    """Return a checkout of the tiny project whose store is on S3."""
    made = make(folder)
    made = Tiny(made.folder, {**made.environment, **s3.environment()})
    text = PROJECT.replace(".mlops-ci/store}", f"'{store}'}}") + more
    (made.folder / "mlops-ci.yaml").write_text(text)
    made.push("store on S3")
    return made


def test_one_clone_runs_to_production_and_another_finds_nothing_to_train(tmp_path: Path, s3: Loopback) -> None:
    tiny = on_s3(tmp_path / "one", s3)
    try:
        tiny.run("run")
        assert tiny.ask("production")[2] == "tiny/v1"
        assert not (tiny.folder / ".mlops-ci/store").exists()
        assert tiny.changes() == []

        s3.calls.clear()
        tiny.run("plan")
        assert [call.split()[0] for call in s3.calls] == ["GET", "GET"], "the format, and one listing of one model"

        other = clone(tiny, tmp_path / "other")
        assert [action for action, _ in other.changes() if action not in {"redeploy", "deploy"}] == []
        board = other.run("leaderboard", "--json").json()
        assert board == tiny.run("leaderboard", "--json").json()

        said = tiny.run("store", "gc", code=64).err
        assert "`store gc` takes things out of folders, and this store is `s3://models/team/tiny`" in said
        assert "aws s3 sync s3://models/team/tiny" in said
    finally:
        tiny.end()


def test_what_a_pull_request_trained_counts_on_the_branch_where_it_is_trusted(tmp_path: Path, s3: Loopback) -> None:
    tiny = on_s3(tmp_path / "trusting", s3, "s3://models/trusting", "trust_pull_requests: true\n")
    tiny.git("switch", "-q", "-c", "better")
    tiny.replace("candidates/middle.yaml", "0.45", "0.5")
    tiny.commit("better")
    tiny.run("train", "--pull-request", "7")
    tiny.git("switch", "-q", "main")
    tiny.git("merge", "-q", "better")
    tiny.git("push", "-q", "origin", "main")
    keys = [found["Key"] for found in s3.client().list_objects_v2(Bucket="models", Prefix="trusting/")["Contents"]]
    assert keys
    assert all(key.startswith("trusting/pr/7/") for key in keys)
    other = clone(tiny, tmp_path / "branch")
    other.run("train")
    ours = [f["Key"] for f in s3.client().list_objects_v2(Bucket="models", Prefix="trusting/records/")["Contents"]]
    ends = [key for key in ours if "attempts~training" in key and key.endswith("~finished")]
    assert len(ends) == 2
    for key in ends:
        said = s3.client().get_object(Bucket="models", Key=key)["Body"].read()
        assert b"trained for pull request `7`" in said


def test_help_and_validate_import_no_boto3_and_ask_nothing(tmp_path: Path, s3: Loopback) -> None:
    tiny = on_s3(tmp_path / "one", s3)
    (tmp_path / "without").mkdir()
    (tmp_path / "without/sitecustomize.py").write_text("import sys\nsys.modules['boto3'] = None\n")
    bare = Tiny(tiny.folder, {**tiny.environment, "PYTHONPATH": str(tmp_path / "without")})
    s3.calls.clear()
    bare.run("--help")
    bare.run("validate")
    assert s3.calls == []
    said = bare.run("plan", code=69).err
    assert f"the store `{STORE}` needs boto3, which is not installed" in said
    assert "hint: pip install 'mlops-ci[aws]'" in said


def test_an_address_that_is_none_is_told_with_its_place(tmp_path: Path, s3: Loopback) -> None:
    tiny = on_s3(tmp_path / "one", s3, "s3://Models/x")
    said = tiny.run("validate", code=65).err
    assert "error[store-address]: `s3://Models/x` is no address of a store" in said
    assert "mlops-ci.yaml:6:" in said


@pytest.mark.parametrize("verb", ["plan", "status", "train"])
def test_a_bucket_that_is_not_there_is_told_by_verbs_that_need_it(tmp_path: Path, s3: Loopback, verb: str) -> None:
    said = on_s3(tmp_path / "one", s3, "s3://nobodys/x").run(verb, code=69).err
    assert "there is no such bucket" in said
    assert "hint: make it (`aws s3 mb s3://nobodys`)" in said


def test_a_missing_right_names_action_and_resource(tmp_path: Path, s3: Loopback) -> None:
    tiny = on_s3(tmp_path / "one", s3)
    s3.fail("list-type=2", *[Fault.DENIED] * 4)
    said = tiny.run("plan", code=69).err
    s3.faults.clear()
    assert "`s3:ListBucket` on `s3://models`: access is denied" in said
    assert "hint: ask for `s3:ListBucket` on `arn:aws:s3:::models`" in said


def test_what_was_done_counts_where_packs_may_not_be_put_and_it_is_told(tmp_path: Path, s3: Loopback) -> None:
    tiny = on_s3(tmp_path / "one", s3, "s3://models/unpacked")
    s3.fail("PUT /models/unpacked/packs/", *[Fault.DENIED] * 4)
    said = tiny.run("train").err
    s3.faults.clear()
    assert "warning[not-packed]: `s3:PutObject` on `s3://models/unpacked/packs/" in said
    assert "hint: ask for `s3:PutObject`" in said
    assert [action for action, _ in tiny.changes() if action == "train"] == []


def test_without_credentials_or_network_the_next_step_is_told(tmp_path: Path, s3: Loopback) -> None:
    tiny = on_s3(tmp_path / "one", s3)
    nobody = {key: value for key, value in tiny.environment.items() if "_KEY" not in key}
    assert "no AWS credentials were found" in Tiny(tiny.folder, nobody).run("plan", code=69).err
    nowhere = {**tiny.environment, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    said = Tiny(tiny.folder, nowhere).run("plan", code=69).err
    assert "does not answer" in said
    assert "hint: look at the network" in said


def test_a_store_on_s3_is_no_folder_to_merge_from(tmp_path: Path) -> None:
    said = make(tmp_path / "one").run("store", "merge", STORE, code=64).err
    assert f"`store merge` copies from folders, and `{STORE}` is none" in said
    assert f"hint: aws s3 sync {STORE} FOLDER" in said


def test_without_boto3_a_target_in_aws_is_validated_and_planned_with_what_to_install(tmp_path: Path) -> None:
    tiny = make(tmp_path / "one")
    (tmp_path / "without").mkdir()
    (tmp_path / "without/sitecustomize.py").write_text("import sys\nsys.modules['boto3'] = None\n")
    account = "{kind: aws, store: 's3://models/x', role: 'arn:aws:iam::123456789012:role/ml', region: us-east-1}"
    text = PROJECT.replace("target: local", "target: cloud").replace("targets:\n", f"targets:\n  cloud: {account}\n")
    (tiny.folder / "mlops-ci.yaml").write_text(text)
    for name in ("low", "middle"):
        tiny.write(f"candidates/{name}.yaml", tiny.read(f"candidates/{name}.yaml") + f"image: {IMAGE}\n")
    tiny.push("an account")
    bare = Tiny(tiny.folder, {**tiny.environment, "PYTHONPATH": str(tmp_path / "without")})
    bare.run("validate")
    for verb in ("plan", "run", "status", "leaderboard"):
        assert "pip install 'mlops-ci[aws]'" in bare.run(verb, code=69).err
