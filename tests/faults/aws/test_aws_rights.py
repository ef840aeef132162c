"""Credentials that are missing, wrong or end on the way, rights that are missing, regions that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.testing.aws.faults import Denied, Expired
from mlops_ci.testing.aws.loopback import Loopback
from tests.e2e.slow import until
from tests.e2e.tiny import TRAINED, Tiny
from tests.faults.aws.conftest import Made
from tests.faults.aws.trials import UNDISTURBED, jobs_of, standing_of
from tests.faults.trial import MARKED, marks

pytestmark = pytest.mark.e2e

WHO = "arn:aws:sts::123456789012:assumed-role/ci/mlops-ci"


def without(tiny: Tiny, *names: str, **others: str) -> Tiny:
    """Return the checkout for which these variables are not set, and others are."""
    kept = {key: value for key, value in tiny.environment.items() if key not in names}
    return Tiny(tiny.folder, {**kept, **others})


def test_each_missing_right_is_named_with_its_resource_and_who_lacks_it(make: Made, cloud: Loopback) -> None:
    tiny = make(TRAINED)
    for action, resource, verb in (
        ("s3:ListBucket", "arn:aws:s3:::models", "plan"),
        ("s3:PutObject", "arn:aws:s3:::models/", "train"),
        ("sagemaker:CreateTrainingJob", "arn:aws:sagemaker:us-east-1:123456789012:training-job/training-", "run"),
        ("sagemaker:CreateTransformJob", "arn:aws:sagemaker:us-east-1:123456789012:transform-job/evaluation-", "run"),
    ):
        cloud.faults.inject(Denied(action))
        said = tiny.run(verb, code=69).err
        cloud.faults.clear()
        assert f"hint: give `{WHO}` the right `{action}` on `{resource}" in said
        assert f"denied to `{WHO}`" in said
    assert marks(tiny) == ["start 0.45", "end 0.45"]
    assert not any(standing_of(tiny, cloud).values())


@pytest.mark.soak
def test_credentials_that_end_on_the_way_are_renewed_and_the_command_goes_on(make: Made, cloud: Loopback) -> None:
    tiny = make(TRAINED)
    cloud.faults.inject(Expired("sagemaker:DescribeTrainingJob"))
    said = tiny.run("run", code=69).err
    assert "`sagemaker:DescribeTrainingJob` on `training-" in said
    assert "the credentials ended" in said
    assert "hint: log in (`aws sso login`)" in said
    cloud.faults.clear()

    cloud.faults.inject(Expired("s3:HeadObject"))
    said = tiny.run("run", code=69).err
    assert "refused without a reason, as S3 does where credentials ended" in said
    assert "hint: log in (`aws sso login`)" in said
    cloud.faults.clear()

    tiny.run("run")
    assert jobs_of(tiny, cloud) == UNDISTURBED["jobs"]
    assert marks(tiny) == ["start 0.45", "end 0.45"]


def test_credentials_that_end_while_a_command_runs_are_taken_anew_from_their_file(
    make: Made, cloud: Loopback, tmp_path: Path
) -> None:
    file, go = tmp_path / "credentials", tmp_path / "go"
    wait = f"import pathlib, time\nwhile not pathlib.Path({str(go)!r}).exists():\n    time.sleep(0.05)\n"
    tiny = make(TRAINED, script=MARKED + wait)
    keys = "[default]\naws_access_key_id = {0}\naws_secret_access_key = {0}\n"
    file.write_text(keys.format("before"))
    given = without(tiny, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", AWS_SHARED_CREDENTIALS_FILE=str(file))
    running = given.start("run")
    try:
        until(lambda: "start 0.45" in marks(tiny))
        file.write_text(keys.format("after"))
        cloud.faults.inject(Expired("sagemaker:*", times=1))
        until(lambda: not cloud.faults.current())
        cloud.faults.inject(Expired("s3:*", times=1))
        go.touch()
        _, err = running.communicate(timeout=120)
    finally:
        running.kill()
    assert running.returncode == 0, err
    assert cloud.faults.current() == ()
    assert jobs_of(tiny, cloud) == UNDISTURBED["jobs"]


def test_without_credentials_or_a_region_the_next_step_is_told(make: Made, cloud: Loopback) -> None:
    tiny = make(TRAINED)
    bare = without(tiny, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    nowhere = without(tiny, "AWS_REGION", "AWS_DEFAULT_REGION")
    for verb in ("plan", "run"):
        said = bare.run(verb, code=69).err
        assert "no AWS credentials were found" in said
        assert "hint: log in (`aws sso login`)" in said
        said = nowhere.run(verb, code=69).err
        assert "no region was found" in said
        assert "hint: write `region` for the target in mlops-ci.yaml, or export AWS_REGION" in said
    assert jobs_of(tiny, cloud) == []


@pytest.mark.soak
def test_a_region_that_is_none_for_the_account_is_named(make: Made, cloud: Loopback) -> None:
    tiny = make(TRAINED)
    said = without(tiny, AWS_REGION="eu-wset-1", AWS_DEFAULT_REGION="eu-wset-1").run("plan", code=69).err
    assert "`sagemaker:Search` on `endpoints`: the credentials are wrong" in said
    assert "a region that is not enabled for the account says the same: look at `region`" in said

    project = tiny.folder / "mlops-ci.yaml"
    project.write_text(project.read_text().replace("kind: aws,", "kind: aws, region: eu-west-1,"))
    tiny.push("where we are")
    there = without(tiny, "AWS_REGION", "AWS_DEFAULT_REGION")
    there.run("train")
    assert marks(tiny) == ["start 0.45", "end 0.45"]
