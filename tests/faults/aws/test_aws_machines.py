"""Machines that AWS has not, takes back, or has to end: what is told, and what the next command does."""

from __future__ import annotations

import pytest

from mlops_ci.testing.aws.faults import Interrupted, LimitExceeded, NoCapacity, NotInRegion
from mlops_ci.testing.aws.loopback import Loopback
from tests.e2e.clouds import client
from tests.e2e.tiny import CANDIDATE, TRAINED
from tests.faults.aws.conftest import Made
from tests.faults.aws.trials import QUICK, UNDISTURBED, end_of, jobs_of, mark_of, standing_of
from tests.faults.trial import MARKED, marks

pytestmark = pytest.mark.e2e

RESUMES = MARKED.replace(
    "with open(os.path.join(os.environ",
    """import time
kept = "/opt/ml/checkpoints/epoch"
begun = int(open(kept).read()) if os.path.exists(kept) else 0
print(f"resumes at {begun}", file=open(given.mark, "a"))
for epoch in range(begun, 4):
    open(kept, "w").write(str(epoch + 1))
    time.sleep(0.4)
with open(os.path.join(os.environ""",
    1,
)


@pytest.mark.soak
def test_without_capacity_the_world_failed_and_the_next_command_reaches_the_end(make: Made, cloud: Loopback) -> None:
    tiny = make(QUICK.replace("staging: {}", "staging: {resources: {instance: ml.t2.medium}}"))
    cloud.faults.inject(NoCapacity("ml.m5.large"))
    said = tiny.run("run", code=69).err
    assert "it could not begin: CapacityError: Unable to provision requested ML compute capacity" in said
    assert "hint: `mlops-ci run tiny` tries it again" in said

    cloud.faults.clear()
    cloud.faults.inject(NoCapacity("ml.t2.medium"))
    said = tiny.run("run", code=69).err
    assert "tiny v1 did not come up on `staging`" in said
    assert "InsufficientInstanceCapacity" in said

    cloud.faults.clear()
    tiny.run("run")
    assert end_of(tiny, cloud) == {**UNDISTURBED, "jobs": ["evaluation-1", "training-1", "training-2"]}


@pytest.mark.soak
def test_what_the_region_or_the_quota_does_not_have_is_named_with_its_type(make: Made, cloud: Loopback) -> None:
    tiny = make(TRAINED, "resources: {instance: ml.c5.18xlarge}\n")
    cloud.faults.inject(NotInRegion("ml.c5.18xlarge"))
    said = tiny.run("train", code=69).err
    assert "`sagemaker:CreateTrainingJob` on `training-" in said
    assert "the region has no instance `ml.c5.18xlarge`" in said
    assert "hint: write another `instance` into `resources`" in said
    assert "has no instance `ml.c5.18xlarge`" in tiny.run("leaderboard").out

    cloud.faults.clear()
    cloud.faults.inject(LimitExceeded("ml.c5.18xlarge"))
    said = tiny.run("train", code=69).err
    assert "the quota `ml.c5.18xlarge for training job usage`, 0, is used up" in said
    assert "Service Quotas" in said
    assert jobs_of(tiny, cloud) == []

    tiny.write("candidates/middle.yaml", CANDIDATE.format(cut=f'0.45, mark: "{tiny.folder.parent}/mark"'))
    tiny.push("what there is")
    tiny.run("train")
    assert marks(tiny) == ["start 0.45", "end 0.45"]


def test_a_spot_training_goes_on_from_its_checkpoint_and_is_one_training(make: Made, cloud: Loopback) -> None:
    tiny = make(TRAINED, "resources: {spot: true, checkpoints: true, max_runtime: 60}\n", RESUMES)
    cloud.faults.inject(Interrupted("training-*", after=1.0))
    tiny.run("run")
    said = marks(tiny)
    assert (said[0], said[1], said[-1]) == ("start 0.45", "resumes at 0", "end 0.45")
    assert said.count("start 0.45") == 2
    assert said[-2].startswith("resumes at ")
    assert said[-2] != "resumes at 0"
    assert jobs_of(tiny, cloud) == UNDISTURBED["jobs"]
    (trained,) = tiny.run("leaderboard", "--json").json()["models"][0]["entries"]
    assert trained["metrics"]


def test_a_training_that_fails_and_one_that_never_ends_are_told_while_the_third_is_judged(
    make: Made, cloud: Loopback
) -> None:
    tiny = make(TRAINED)
    tiny.write("src/train/bad.py", "print('the last words')\nraise SystemExit('no weights')\n")
    tiny.write("src/train/hang.py", "import time\ntime.sleep(987)\n")
    tiny.write("candidates/bad.yaml", "format: 1\nscript: src/train/bad.py\n")
    tiny.write("candidates/hang.yaml", "format: 1\nscript: src/train/hang.py\nresources: {max_runtime: 1}\n")
    tiny.push("one fails, one hangs")
    done = tiny.run("run", "--keep-going", code=1)
    assert "no weights" in done.err
    assert "the last words" in done.err
    assert "ran longer than max_runtime: it was stopped after 1 s" in done.err
    assert "hint: mlops-ci logs tiny --candidate bad" in done.err
    entries = {e["candidate"]: e for e in tiny.run("leaderboard", "--json").json()["models"][0]["entries"]}
    assert {name: bool(e["metrics"]) for name, e in entries.items()} == {"bad": False, "hang": False, "middle": True}
    assert not standing_of(tiny, cloud)["jobs"]
    stopped = client(cloud, "sagemaker").list_training_jobs(StatusEquals="Stopped", NameContains=mark_of(tiny))[
        "TrainingJobSummaries"
    ]
    assert len(stopped) == 1
