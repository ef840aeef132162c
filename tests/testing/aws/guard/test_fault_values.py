"""Faults as values: how often they happen, and to what."""

from __future__ import annotations

import pytest

from mlops_ci.testing.aws.asking import Asked
from mlops_ci.testing.aws.disturbing import fits
from mlops_ci.testing.aws.faults import (
    KINDS,
    Denied,
    Expired,
    Faults,
    Interrupted,
    NoCapacity,
    Slow,
    Throttled,
    as_json,
    from_json,
)
from mlops_ci.testing.aws.rights import action, resource

TRAINING = Asked("sagemaker", "CreateTrainingJob", "us-east-1", "json", {"TrainingJobName": "churn-1"})
OBJECT = Asked("s3", "HeadObject", "us-east-1", "rest-xml", path="/bucket/a/b")


def throttled(seed: int) -> list[bool]:
    faults = Faults()
    faults.inject(Throttled(share=0.3, seed=seed))
    return [faults.take(Throttled, lambda _: True) is not None for _ in range(1000)]


def test_a_share_is_seeded_and_about_as_large_as_it_says() -> None:
    assert throttled(1) == throttled(1) != throttled(2)
    assert 250 < sum(throttled(1)) < 350


def test_what_happens_a_number_of_times_is_over_then() -> None:
    faults = Faults()
    faults.inject(Expired(times=2), Slow(seconds=0.1))
    assert [faults.take(Expired, lambda _: True) is not None for _ in range(3)] == [True, True, False]
    assert faults.current() == (Slow(seconds=0.1),)
    faults.clear()
    assert faults.current() == ()


def test_capacity_is_short_of_one_type_only() -> None:
    faults = Faults()
    faults.inject(NoCapacity("ml.p3.*", times=1), Interrupted("churn-*", after=0.5))
    assert not faults.no_capacity("ml.m5.large")
    assert faults.no_capacity("ml.p3.2xlarge")
    assert not faults.no_capacity("ml.p3.2xlarge")
    assert faults.interruption("fraud-1") is None
    assert faults.interruption("churn-1") == 0.5
    assert faults.interruption("churn-1") is None


@pytest.mark.parametrize(
    ("call", "pattern", "is_meant"),
    [
        (TRAINING, "*", True),
        (TRAINING, "sagemaker:Create*", True),
        (TRAINING, "sagemaker:DescribeTrainingJob", False),
        (OBJECT, "s3:HeadObject", True),
        (OBJECT, "s3:GetObject", True),
        (OBJECT, "s3:PutObject", False),
    ],
)
def test_an_action_is_named_as_the_api_or_as_iam_names_it(call: Asked, pattern: str, is_meant: bool) -> None:
    assert fits(call, pattern) is is_meant


@pytest.mark.parametrize(
    ("call", "right", "about"),
    [
        (TRAINING, "sagemaker:CreateTrainingJob", "arn:aws:sagemaker:us-east-1:123456789012:training-job/churn-1"),
        (OBJECT, "s3:GetObject", "arn:aws:s3:::bucket/a/b"),
        (Asked("sagemaker", "ListEndpoints", "eu-west-1", "json", {}), "sagemaker:ListEndpoints", "*"),
        (
            Asked("sagemaker-runtime", "InvokeEndpoint", "eu-west-1", "rest-json", {"EndpointName": "churn"}),
            "sagemaker:InvokeEndpoint",
            "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn",
        ),
        (
            Asked("codebuild", "StartBuild", "eu-west-1", "json", {"projectName": "images"}),
            "codebuild:StartBuild",
            "arn:aws:codebuild:eu-west-1:123456789012:project/images",
        ),
    ],
)
def test_a_call_has_the_action_and_the_resource_of_a_policy(call: Asked, right: str, about: str) -> None:
    assert (action(call), resource(call)) == (right, about)


def test_every_fault_goes_through_json_and_back() -> None:
    needed: dict[str, dict[str, object]] = {
        "slow": {"seconds": 1.0},
        "denied": {"action": "s3:GetObject"},
        "not-in-region": {"instance_type": "ml.p2.xlarge"},
    }
    for name, kind in KINDS.items():
        (fault,) = from_json([{"fault": name, **needed.get(name, {})}])
        assert type(fault) is kind
        assert from_json([as_json(fault)]) == (fault,)


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ({"fault": "flood"}, "`flood` is no fault; expected one of: throttled, reset"),
        ({"fault": "denied", "actoin": "x"}, "`denied` has no `actoin`; expected: action, principal, times"),
        ({"fault": "denied"}, "`denied`: .*missing 1 required positional argument: 'action'"),
    ],
)
def test_a_fault_that_does_not_exist_is_told(item: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        from_json([item])
    assert from_json([{"fault": "denied", "action": "s3:*"}]) == (Denied("s3:*"),)
