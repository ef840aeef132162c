"""The model registry of the loopback, and what moto's does without the filling."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.sagemaker.responses import SageMakerResponse

from mlops_ci.testing.aws.holes.registry import fill
from mlops_ci.testing.aws.loopback import Loopback
from tests.testing.aws.asking import Account


@pytest.fixture
def group(account: Account) -> str:
    name = f"group-{uuid.uuid4().hex[:12]}"
    account.sagemaker.create_model_package_group(ModelPackageGroupName=name)
    return name


@pytest.fixture
def bare(aws_server: Loopback) -> Iterator[None]:
    """Have moto as it is, for a moment."""
    filled = {name: getattr(SageMakerResponse, name) for name in ("create_model_package", "update_model_package",
              "create_model_package_group")}  # fmt: skip
    closed = {name: _inner(method) for name, method in filled.items()}
    for name, method in closed.items():
        setattr(SageMakerResponse, name, method)
    yield
    for name, method in filled.items():
        setattr(SageMakerResponse, name, method)
    del aws_server


def _inner(method: Any) -> Any:  # noqa: ANN401 - moto's methods
    """Return the method of moto's that a filling wraps."""
    return next(
        cell.cell_contents
        for cell in method.__closure__
        if getattr(cell.cell_contents, "__module__", "").startswith("moto.")
        and getattr(cell.cell_contents, "__name__", "") == _moto_name(method)
    )


def _moto_name(method: Any) -> str:  # noqa: ANN401 - as above
    return {
        "create": "create_model_package",
        "update": "update_model_package",
        "create_group": "create_model_package_group",
    }[method.__name__]


def register(account: Account, group: str, token: str) -> str:
    made = account.sagemaker.create_model_package(
        ModelPackageGroupName=group, ClientToken=token, CustomerMetadataProperties={"a": "1"},
        ModelApprovalStatus="PendingManualApproval",
    )  # fmt: skip
    return str(made["ModelPackageArn"])


def test_the_same_token_gives_the_same_package(account: Account, group: str) -> None:
    first = register(account, group, "one")
    assert register(account, group, "one") == first
    assert register(account, group, "two") != first


def test_a_group_that_is_there_is_refused(account: Account, group: str) -> None:
    with pytest.raises(ClientError, match="already exists"):
        account.sagemaker.create_model_package_group(ModelPackageGroupName=group)


def test_an_update_changes_what_it_names_alone_and_says_who(account: Account, group: str) -> None:
    arn = register(account, group, "one")
    account.sagemaker.update_model_package(
        ModelPackageArn=arn, ModelApprovalStatus="Rejected", ApprovalDescription="no"
    )
    account.sagemaker.update_model_package(ModelPackageArn=arn, CustomerMetadataProperties={"b": "2"})
    found = account.sagemaker.describe_model_package(ModelPackageName=arn)
    assert (found["ModelApprovalStatus"], found["ApprovalDescription"]) == ("Rejected", "no")
    assert found["CustomerMetadataProperties"] == {"a": "1", "b": "2"}
    assert found["LastModifiedBy"]["IamIdentity"]["Arn"].endswith("/person")


@pytest.mark.usefixtures("bare")
def test_canary_moto_makes_a_second_package_of_the_same_token(account: Account, group: str) -> None:
    assert register(account, group, "one") != register(account, group, "one")


@pytest.mark.usefixtures("bare")
def test_canary_moto_makes_a_group_anew(account: Account, group: str) -> None:
    account.sagemaker.create_model_package_group(ModelPackageGroupName=group)


@pytest.mark.usefixtures("bare")
def test_canary_moto_forgets_the_properties_that_an_update_does_not_name(account: Account, group: str) -> None:
    arn = register(account, group, "one")
    account.sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    found = account.sagemaker.describe_model_package(ModelPackageName=arn)
    assert "CustomerMetadataProperties" not in found


def test_the_filling_can_be_taken_back(aws_server: Loopback) -> None:
    before = SageMakerResponse.create_model_package
    fill(aws_server)()
    assert SageMakerResponse.create_model_package is before
