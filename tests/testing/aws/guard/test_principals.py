"""What the policies of a role allow."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlops_ci.testing.aws.policies import decision
from tests.testing.aws.guard.clients import Clients

TRUST = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}],
})  # fmt: skip


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


READ = document({"Effect": "Allow", "Action": ["s3:Get*"], "Resource": "arn:aws:s3:::data/*"})
PASS = document({
    "Effect": "Allow",
    "Action": "iam:PassRole",
    "Resource": "*",
    "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
})  # fmt: skip
GUARD = document({"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"})


@pytest.mark.parametrize(
    ("documents", "action", "resource", "context", "expected"),
    [
        ([READ], "s3:GetObject", "arn:aws:s3:::data/x", {}, "allowed"),
        ([READ], "s3:getobject", "arn:aws:s3:::data/x", {}, "allowed"),
        ([READ], "s3:GetObject", "arn:aws:s3:::other/x", {}, "implicitDeny"),
        ([READ], "s3:PutObject", "arn:aws:s3:::data/x", {}, "implicitDeny"),
        ([], "s3:GetObject", "*", {}, "implicitDeny"),
        ([PASS], "iam:PassRole", "*", {}, "implicitDeny"),
        ([PASS], "iam:PassRole", "*", {"iam:PassedToService": ("sagemaker.amazonaws.com",)}, "allowed"),
        ([PASS, GUARD], "iam:PassRole", "*", {"iam:PassedToService": ("sagemaker.amazonaws.com",)}, "explicitDeny"),
        ([READ, GUARD], "s3:GetObject", "arn:aws:s3:::data/x", {}, "allowed"),
    ],
)
def test_a_policy_allows_what_iam_says_that_it_allows(
    documents: list[str], action: str, resource: str, context: dict[str, tuple[str, ...]], expected: str
) -> None:
    assert decision(documents, action, resource, context) == expected


def test_the_policies_of_a_role_are_simulated_inline_and_attached(clients: Clients) -> None:
    iam = clients["iam"]
    arn = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    iam.put_role_policy(RoleName="reader", PolicyName="read", PolicyDocument=READ)
    policy = iam.create_policy(PolicyName="pass", PolicyDocument=PASS)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="reader", PolicyArn=policy)

    def simulated(*actions: str, **given: Any) -> list[str]:  # noqa: ANN401 - JSON of the API
        answer = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=list(actions), **given)
        return [one["EvalDecision"] for one in answer["EvaluationResults"]]

    about = {"ResourceArns": ["arn:aws:s3:::data/x"]}
    assert simulated("s3:GetObject", "s3:PutObject", **about) == ["allowed", "implicitDeny"]
    entry = {
        "ContextKeyName": "iam:PassedToService",
        "ContextKeyValues": ["sagemaker.amazonaws.com"],
        "ContextKeyType": "string",
    }
    assert simulated("iam:PassRole", ContextEntries=[entry]) == ["allowed"]
    assert simulated("iam:PassRole") == ["implicitDeny"]


def test_whoever_is_not_known_may_do_everything(clients: Clients) -> None:
    answer = clients["iam"].simulate_principal_policy(
        PolicySourceArn="arn:aws:iam::123456789012:role/nobody", ActionNames=["s3:GetObject"]
    )
    (result,) = answer["EvaluationResults"]
    assert (result["EvalActionName"], result["EvalDecision"]) == ("s3:GetObject", "allowed")
