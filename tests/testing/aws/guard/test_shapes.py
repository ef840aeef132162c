"""What is wrong with a request, offline."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_ci.testing.aws.shapes import problems
from tests.testing.aws.guard.requests import ROLE, training


def wrong(**changed: object) -> tuple[str, ...]:
    return problems("sagemaker", "CreateTrainingJob", training(**changed))  # type: ignore[arg-type]


def test_a_right_request_has_no_problem() -> None:
    assert wrong() == ()


def test_a_name_with_an_underscore_breaks_the_pattern_in_the_words_of_aws() -> None:
    (found,) = problems("sagemaker", "CreateTrainingJob", training("churn_1"))
    assert found == (
        "Value 'churn_1' at 'trainingJobName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"RoleArn": None}, "Value null at 'roleArn' failed to satisfy constraint: Member must not be null"),
        (
            {"ResourceConfig": {"InstanceType": "ml.none", "InstanceCount": 1, "VolumeSizeInGB": 1}},
            "'resourceConfig.instanceType' failed to satisfy constraint: Member must satisfy enum value set: [ml.",
        ),
        (
            {"ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": -1, "VolumeSizeInGB": 1}},
            "Value '-1' at 'resourceConfig.instanceCount' failed to satisfy constraint: Member must have value greater",
        ),
        (
            {"HyperParameters": {"k" * 257: "1"}},
            "at 'hyperParameters' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have",
        ),
        (
            {"HyperParameters": {"epochs": 3}},
            "Map value must satisfy constraint: [Member must be of type string, got int]",
        ),
        (
            {"Tags": [{"Key": "", "Value": "x"}]},
            "Value '' at 'tags.1.member.key' failed to satisfy constraint: Member must have length",
        ),
        ({"Tags": [{"Key": "a", "Value": "b"}] * 51}, "Member must have length less than or equal to 50"),
        (
            {"VpcConfig": {"SecurityGroupIds": ["sg 1"], "Subnets": ["subnet-1"]}},
            "Value '[sg 1]' at 'vpcConfig.securityGroupIds'",
        ),
        (
            {"EnableSpot": True},
            "Value at 'enableSpot' failed to satisfy constraint: CreateTrainingJobRequest has no such member",
        ),
        ({"EnableManagedSpotTraining": "yes"}, "Member must be of type boolean, got str"),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": True}}, "Member must be of type integer, got bool"),
    ],
)
def test_each_kind_of_constraint_is_told(changed: dict[str, Any], said: str) -> None:
    (found,) = wrong(**changed)
    assert said in found


def test_every_problem_is_told_and_not_the_first() -> None:
    assert len(problems("sagemaker", "CreateTrainingJob", {"TrainingJobName": "-"})) == 3


def test_of_a_union_exactly_one_member_is_set() -> None:
    tabular = {"TabularJobConfig": {"TargetAttributeName": "churned"}}
    text = {"TextClassificationJobConfig": {"ContentColumn": "words", "TargetLabelColumn": "label"}}
    asked: dict[str, Any] = {
        "AutoMLJobName": "churn",
        "AutoMLJobInputDataConfig": [{"ChannelType": "training"}],
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
        "RoleArn": ROLE,
        "AutoMLProblemTypeConfig": tabular,
    }
    assert problems("sagemaker", "CreateAutoMLJobV2", asked) == ()
    (found,) = problems("sagemaker", "CreateAutoMLJobV2", asked | {"AutoMLProblemTypeConfig": tabular | text})
    assert found.endswith("Exactly one of the members of AutoMLProblemTypeConfig must be set")


def test_an_operation_without_input_takes_none() -> None:
    (found,) = problems("codebuild", "ListSourceCredentials", {"name": "x"})
    assert "has no such member" in found
    with pytest.raises(KeyError):
        problems("sagemaker", "CreateTrainingJobs", {})


def test_arguments_of_python_are_judged_as_what_they_become() -> None:
    body = {"EndpointName": "churn", "Body": b"1,2", "ContentType": "text/csv"}
    assert problems("sagemaker-runtime", "InvokeEndpoint", body) == ()
    (found,) = problems("sagemaker-runtime", "InvokeEndpoint", body | {"Body": b"x" * 6_291_457})
    assert "length less than or equal to 6291456" in found
