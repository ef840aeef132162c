"""The model registry as a `Registry`, on the loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.registry import SageMakerRegistry
from mlops_ci.adapters.aws.store.bucket import Bucket
from mlops_ci.errors import ProviderError
from mlops_ci.ports.registry import Decision
from mlops_ci.testing.aws.faults import Denied, Reset, Throttled
from mlops_ci.testing.aws.loopback import Loopback
from tests.adapters.aws.requests.test_registry import ARCHIVE, ENTRY


@pytest.fixture
def registry(account: Account, aws: Loopback) -> Iterator[SageMakerRegistry]:
    aws.traffic.reset()
    yield SageMakerRegistry(account, Bucket(account.address), lambda _: ARCHIVE)
    aws.faults.clear()
    assert aws.traffic.refused == []


def console(registry: SageMakerRegistry) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
    return registry.account.clients.of("sagemaker")


def asked(aws: Loopback) -> list[str]:
    return [operation for service, operation in aws.traffic.calls if service == "sagemaker"]


def packages(registry: SageMakerRegistry) -> list[dict[str, Any]]:
    found = console(registry).list_model_packages(ModelPackageGroupName=registry._group("churn"))
    return list(found["ModelPackageSummaryList"])


def test_what_is_not_registered_has_no_standing(registry: SageMakerRegistry) -> None:
    assert registry.standing("churn", 3, "d" * 64) is None


def test_a_version_is_registered_once_and_found_by_one_call(registry: SageMakerRegistry, aws: Loopback) -> None:
    made = registry.register(ENTRY)
    assert made.decision is Decision.PENDING
    assert registry.register(ENTRY) == made
    registry.register(replace(ENTRY, version=4))
    aws.traffic.reset()
    assert registry.standing("churn", 3, "d" * 64) == made
    assert asked(aws) == ["ListModelPackages"]
    assert registry.standing("churn", 3, "e" * 64) is None
    assert len(packages(registry)) == 2


def test_its_group_has_the_tags_of_the_account_and_its_metrics_are_on_s3(registry: SageMakerRegistry) -> None:
    made = registry.register(ENTRY)
    found = console(registry).describe_model_package(ModelPackageName=made.reference)
    uri = found["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"]
    content = registry.bucket.get(uri.removeprefix(f"{registry.account.address}/"))
    assert content is not None
    assert json.loads(content)["binary_classification_metrics"]["accuracy"]["value"] == 0.9648
    group = console(registry).describe_model_package_group(ModelPackageGroupName=found["ModelPackageGroupName"])
    tags = console(registry).list_tags(ResourceArn=group["ModelPackageGroupArn"])["Tags"]
    assert {(tag["Key"], tag["Value"]) for tag in tags} == {
        ("team", "churn"),
        ("mlops-ci:store", str(registry.account.address)),
        ("mlops-ci:model", "churn"),
    }


def test_what_a_gate_approved_is_told_from_what_a_person_did(registry: SageMakerRegistry) -> None:
    made = registry.register(ENTRY)
    registry.approve(made, "the gate of production let it through")
    ours = registry.standing("churn", 3, "d" * 64)
    assert ours is not None
    assert (ours.decision, ours.is_ours) == (Decision.APPROVED, True)
    for status, decision in (("Rejected", Decision.REJECTED), ("Approved", Decision.APPROVED)):
        console(registry).update_model_package(
            ModelPackageArn=made.reference, ModelApprovalStatus=status, ApprovalDescription="looked at it"
        )
        theirs = registry.standing("churn", 3, "d" * 64)
        assert theirs is not None
        assert (theirs.decision, theirs.is_ours, theirs.why) == (decision, False, "looked at it")
        assert theirs.by.endswith("assumed-role/console/person")
        assert theirs.at.endswith("Z")
        assert registry.standing("churn", 3, "d" * 64) == theirs, "every job of CI hears the same"


def test_many_versions_are_listed_page_by_page(registry: SageMakerRegistry) -> None:
    for version in range(1, 104):
        registry.register(replace(ENTRY, version=version, scores=()))
    assert registry.standing("churn", 1, "d" * 64) is not None


def test_eight_that_register_at_once_make_one(registry: SageMakerRegistry) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: registry.register(ENTRY), range(8)))
    assert len({one.reference for one in made}) == 1
    assert len(packages(registry)) == 1


@pytest.mark.parametrize("action", ["sagemaker:CreateModelPackage", "sagemaker:CreateModelPackageGroup"])
def test_a_connection_that_breaks_after_the_registration_makes_nothing_twice(
    registry: SageMakerRegistry, aws: Loopback, action: str
) -> None:
    aws.faults.inject(Reset(action))
    registry.register(ENTRY)
    assert len(packages(registry)) == 1


def test_throttling_is_waited_out(registry: SageMakerRegistry, aws: Loopback) -> None:
    aws.faults.inject(Throttled(0.3, seed=1))
    made = registry.register(ENTRY)
    registry.approve(made, "it passed")
    found = registry.standing("churn", 3, "d" * 64)
    assert found is not None
    assert found.is_ours


@pytest.mark.parametrize("right", ["ListModelPackages", "CreateModelPackage", "UpdateModelPackage"])
def test_a_missing_right_is_named(registry: SageMakerRegistry, aws: Loopback, right: str) -> None:
    made = registry.register(ENTRY)
    aws.faults.inject(Denied(f"sagemaker:{right}"))
    with pytest.raises(ProviderError, match=f"sagemaker:{right}"):
        registry.approve(registry.standing("churn", 3, "d" * 64) or made, "x") if right != "CreateModelPackage" else (
            registry.register(replace(ENTRY, version=9))
        )
