"""Calls of AWS that are throttled, cut off, late, or answered with what was true before: the same end."""

from __future__ import annotations

import pytest

from mlops_ci.testing.aws.faults import Fault, Reset, Slow, Stale, Throttled
from mlops_ci.testing.aws.loopback import Loopback
from tests.e2e.tiny import TRAINED
from tests.faults.aws.conftest import Made
from tests.faults.aws.trials import UNDISTURBED, end_of, jobs_of
from tests.faults.trial import marks

pytestmark = pytest.mark.e2e

ONCE = ("TrainingJob", "TransformJob", "EndpointConfig", "Endpoint", "ModelPackageGroup", "ModelPackage")
RESETS = (
    *(Reset(f"sagemaker:Create{what}") for what in ONCE),
    Reset("sagemaker:CreateModel", times=2),
    Reset("s3:PutObject", times=2),
    Reset("sagemaker:DeleteModel"),
)
LATE = (Stale(calls=2, missing=2), Slow(0.03))


def undisturbed(make: Made, cloud: Loopback, *faults: Fault) -> None:
    tiny = make()
    cloud.faults.inject(*faults)
    tiny.run("run")
    left = [fault for fault in cloud.faults.current() if isinstance(fault, Reset)]
    cloud.faults.clear()
    assert left == [], "each of them happened"
    assert end_of(tiny, cloud) == UNDISTURBED


@pytest.mark.soak
def test_answers_that_are_cut_off_late_and_behind_the_truth_change_no_end(make: Made, cloud: Loopback) -> None:
    undisturbed(make, cloud, *RESETS, *LATE)


def test_a_third_of_the_calls_of_sagemaker_told_to_slow_down_ends_alike(make: Made, cloud: Loopback) -> None:
    """Of one service alone, since boto3 pauses between two tries; the long form below has all of them."""
    tiny = make(TRAINED)
    cloud.faults.inject(Throttled(share=0.3, seed=11, action="sagemaker:*"))
    tiny.run("run")
    cloud.faults.clear()
    assert tiny.champion()["candidate"] == "middle"
    assert tiny.changes() == []
    assert jobs_of(tiny, cloud) == UNDISTURBED["jobs"]
    assert marks(tiny) == ["start 0.45", "end 0.45"]


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5))
def test_whichever_calls_are_told_to_slow_down_production_is_reached(make: Made, cloud: Loopback, seed: int) -> None:
    undisturbed(make, cloud, Throttled(share=0.3, seed=seed))


@pytest.mark.soak
@pytest.mark.parametrize(
    "faults",
    [
        (),
        RESETS,
        (Reset("*:*", times=6),),
        (Reset("*:*", times=3), Stale(calls=4, missing=4), Slow(0.2)),
        (Stale(calls=3, missing=3),),
        (Stale(seconds=2.0),),
        (Stale(missing=2, action="sagemaker:*Job"), Throttled(share=0.2, seed=5)),
    ],
    ids=["nothing", "resets", "first calls", "all", "calls behind", "seconds behind", "behind and throttled"],
)
def test_each_of_them_alone_changes_no_end(make: Made, cloud: Loopback, faults: tuple[Fault, ...]) -> None:
    undisturbed(make, cloud, *faults)
