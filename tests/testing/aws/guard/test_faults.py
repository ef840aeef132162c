"""Faults as boto3 meets them, over the socket."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from mlops_ci.testing.aws.faults import (
    Denied,
    Expired,
    LimitExceeded,
    NotInRegion,
    Reset,
    Slow,
    Stale,
    Throttled,
)
from mlops_ci.testing.aws.loopback import Loopback
from tests.testing.aws.guard.clients import Clients
from tests.testing.aws.guard.requests import ROLE, training


@pytest.fixture(autouse=True)
def _healthy(aws: Loopback) -> Iterator[None]:
    aws.traffic.reset()
    yield
    aws.faults.clear()


def error(call: Any, **params: object) -> tuple[str, str, int]:  # noqa: ANN401 - a method that botocore made
    with pytest.raises(ClientError) as told:
        call(**params)
    said = told.value.response
    return said["Error"]["Code"], said["Error"]["Message"], said["ResponseMetadata"]["HTTPStatusCode"]


def test_a_share_of_all_calls_is_throttled_in_each_protocol(aws: Loopback, clients: Clients) -> None:
    aws.faults.inject(Throttled(share=1))
    assert error(clients["sagemaker"].list_models) == ("ThrottlingException", "Rate exceeded", 400)
    assert error(clients["s3"].list_buckets)[::2] == ("SlowDown", 503)
    assert error(clients["iam"].list_roles)[:2] == ("Throttling", "Rate exceeded")
    aws.faults.clear()
    aws.faults.inject(Throttled(share=0.3, seed=7))
    told = 0
    for _ in range(100):
        try:
            clients["sagemaker"].list_models()
        except ClientError:
            told += 1
    assert 15 < told < 45


def test_credentials_expire_until_told_otherwise(aws: Loopback, clients: Clients) -> None:
    aws.faults.inject(Expired())
    assert error(clients["sagemaker"].list_models) == (
        "ExpiredTokenException",
        "The security token included in the request is expired",
        400,
    )
    assert error(clients["s3"].list_buckets)[0] == "ExpiredToken"
    assert error(clients["sts"].get_caller_identity)[0] == "ExpiredToken"
    aws.faults.clear()
    clients["sagemaker"].list_models()


def test_a_missing_right_names_who_what_and_on_what(aws: Loopback, clients: Clients) -> None:
    aws.faults.inject(Denied("sagemaker:CreateTrainingJob"), Denied("s3:GetObject"))
    code, message, status = error(clients["sagemaker"].create_training_job, **training())
    assert (code, status) == ("AccessDeniedException", 400)
    assert message == (
        "User: arn:aws:sts::123456789012:assumed-role/ci/mlops-ci is not authorized to perform: "
        "sagemaker:CreateTrainingJob on resource: arn:aws:sagemaker:us-east-1:123456789012:training-job/churn-1 "
        "because no identity-based policy allows the sagemaker:CreateTrainingJob action"
    )
    clients["s3"].create_bucket(Bucket="denied")
    clients["s3"].put_object(Bucket="denied", Key="k", Body=b"x")
    code, message, status = error(clients["s3"].get_object, Bucket="denied", Key="k")
    assert (code, status) == ("AccessDenied", 403)
    assert "s3:GetObject on resource: arn:aws:s3:::denied/k" in message
    assert error(clients["s3"].head_object, Bucket="denied", Key="k")[0] == "403"


def test_the_connection_is_reset_after_the_server_acted(aws: Loopback, clients: Clients) -> None:
    aws.faults.inject(Reset("sagemaker:CreateModel"))
    sagemaker = clients["sagemaker"]
    with pytest.raises(ConnectionClosedError):
        sagemaker.create_model(ModelName="reset", ExecutionRoleArn=ROLE)
    assert sagemaker.describe_model(ModelName="reset")["ModelName"] == "reset"
    sagemaker.create_model(ModelName="after", ExecutionRoleArn=ROLE)


def test_what_was_just_created_is_not_found_once(aws: Loopback, clients: Clients) -> None:
    aws.faults.inject(Stale())
    sagemaker = clients["sagemaker"]
    sagemaker.create_model(ModelName="young", ExecutionRoleArn=ROLE)
    assert error(sagemaker.describe_model, ModelName="young") == (
        "ValidationException",
        'Could not find model "arn:aws:sagemaker:us-east-1:123456789012:model/young".',
        400,
    )
    assert sagemaker.describe_model(ModelName="young")["ModelName"] == "young"


def test_a_describe_shows_the_state_of_some_calls_ago(aws: Loopback, clients: Clients) -> None:
    logs, ecr = clients["logs"], clients["ecr"]
    logs.create_log_group(logGroupName="lag")
    aws.faults.inject(Stale(calls=1, missing=0, action="ecr:Describe*"))
    ecr.create_repository(repositoryName="lag/first")

    def seen() -> list[str]:
        names = [item["repositoryName"] for item in ecr.describe_repositories()["repositories"]]
        return [name.removeprefix("lag/") for name in names if name.startswith("lag/")]  # moto's state is the process's

    assert seen() == ["first"]
    ecr.create_repository(repositoryName="lag/second")
    assert seen() == ["first"]
    assert seen() == ["first", "second"]
    groups = logs.describe_log_groups(logGroupNamePrefix="lag")["logGroups"]
    assert [group["logGroupName"] for group in groups] == ["lag"]


def test_a_describe_shows_the_state_of_some_seconds_ago(aws: Loopback, clients: Clients) -> None:
    events = clients["events"]
    aws.faults.inject(Stale(seconds=0.5, missing=0))
    events.put_rule(Name="lag", EventPattern="{}", State="ENABLED")
    assert events.describe_rule(Name="lag")["State"] == "ENABLED"
    time.sleep(0.05)
    events.disable_rule(Name="lag")
    assert events.describe_rule(Name="lag")["State"] == "ENABLED"
    time.sleep(0.6)
    assert events.describe_rule(Name="lag")["State"] == "DISABLED"


def test_an_answer_may_take_longer(aws: Loopback, clients: Clients) -> None:
    clients["sagemaker"].list_models()
    aws.faults.inject(Slow(seconds=0.3, action="sagemaker:List*", times=1))
    began = time.monotonic()
    clients["sagemaker"].list_models()
    assert time.monotonic() - began > 0.3


def test_a_region_may_lack_a_type_and_an_account_may_have_used_it_up(aws: Loopback, clients: Clients) -> None:
    aws.faults.inject(NotInRegion("ml.p2.*"), LimitExceeded("ml.m5.*", limit=2))
    machines = {"InstanceType": "ml.p2.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1}
    sagemaker = clients["sagemaker"]
    assert error(sagemaker.create_training_job, **training(ResourceConfig=machines))[:2] == (
        "ResourceLimitExceeded",
        "The requested resource training-job/ml.p2.xlarge is not available in this region",
    )
    code, message, _ = error(sagemaker.create_training_job, **training())
    assert code == "ResourceLimitExceeded"
    assert message.startswith(
        "The account-level service limit 'ml.m5.large for training job usage' is 2 Instances, with current"
    )
    sagemaker.create_model(ModelName="limited", ExecutionRoleArn=ROLE)
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": "limited",
        "InstanceType": "ml.m5.xlarge",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_endpoint_config(EndpointConfigName="limited", ProductionVariants=[variant])
    _, message, _ = error(sagemaker.create_endpoint, EndpointName="limited", EndpointConfigName="limited")
    assert "'ml.m5.xlarge for endpoint usage'" in message
    assert sagemaker.list_training_jobs(NameContains="churn-1")["TrainingJobSummaries"] == []


def asked(aws: Loopback, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
    sent = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{aws.url}/_mlops_ci/{path}", data=sent, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def test_another_process_injects_faults_and_counts_calls_over_http(
    aws: Loopback, clients: Clients, raw: Clients
) -> None:
    assert asked(aws, "PUT", "faults", [{"fault": "throttled", "share": 1, "action": "sagemaker:ListModels"}]) == [
        {"fault": "throttled", "share": 1, "seed": 0, "action": "sagemaker:ListModels", "times": 0}
    ]
    assert error(clients["sagemaker"].list_models)[0] == "ThrottlingException"
    assert len(asked(aws, "POST", "faults", {"fault": "expired", "times": 1})) == 2
    assert error(clients["sagemaker"].list_endpoints)[0] == "ExpiredTokenException"
    assert asked(aws, "PUT", "faults", []) == []
    error(raw["sagemaker"].create_model, ModelName="a_b")
    told = asked(aws, "GET", "calls")
    assert told["calls"] == [["sagemaker", name] for name in ("ListModels", "ListEndpoints", "CreateModel")]
    assert [one["operation"] for one in told["refused"]] == ["CreateModel"]
    assert asked(aws, "DELETE", "calls") == {"calls": [], "refused": []}
    with pytest.raises(urllib.error.HTTPError) as told_wrong:
        asked(aws, "PUT", "faults", [{"fault": "flood"}])
    assert told_wrong.value.code == 400
    assert "`flood` is no fault" in json.load(told_wrong.value)["message"]
    told_wrong.value.close()
    assert asked(aws, "GET", "faults") == asked(aws, "DELETE", "faults") == []
