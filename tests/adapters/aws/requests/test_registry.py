"""What the model registry is asked for."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from mlops_ci.adapters.aws.requests.registry import (
    approval_request,
    described,
    group_name,
    group_request,
    package_request,
    statistics,
)
from mlops_ci.model.address import Address
from mlops_ci.ports.endpoints import Package
from mlops_ci.ports.jobs import Image
from mlops_ci.ports.registry import Entry
from tests.adapters.aws.requests.valid import PLAIN, URI, problems

PACKAGE = Package("d" * 64, "m" * 64, "c" * 64, "inference.py", Image(reference=URI), (), ("a", "b"))
ENTRY = Entry("churn", 3, "boosting", PACKAGE, "abc123", "text/csv", "binary_classification", (("accuracy", 0.9648),))
ARCHIVE, METRICS = "s3://bucket/packages/d/model.tar.gz", "s3://bucket/registry/churn/v3.json"
GROUP = "team-churn-01234567"


def test_a_version_is_registered_as_pending_with_all_that_it_is() -> None:
    request = package_request(GROUP, ENTRY, archive=ARCHIVE, statistics=METRICS, terms=PLAIN)
    assert problems("CreateModelPackage", request) == ()
    assert "Tags" not in request, "a package of a group has the group's"
    assert re.fullmatch("[a-zA-Z0-9-]{1,36}", request.pop("ClientToken"))
    assert request == {
        "ModelPackageGroupName": GROUP,
        "ModelPackageDescription": f"churn v3, package {'d' * 64}",
        "ModelApprovalStatus": "PendingManualApproval",
        "CustomerMetadataProperties": {
            "mlops-ci:version": "v3",
            "mlops-ci:package": "d" * 64,
            "mlops-ci:candidate": "boosting",
            "mlops-ci:commit": "abc123",
            "metric:accuracy": "0.9648",
        },
        "InferenceSpecification": {
            "Containers": [
                {
                    "Image": URI,
                    "ModelDataUrl": ARCHIVE,
                    "Environment": {
                        "SAGEMAKER_PROGRAM": "inference.py",
                        "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
                        "SAGEMAKER_CONTAINER_LOG_LEVEL": "20",
                        "SAGEMAKER_REGION": "us-east-1",
                    },
                }
            ],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
        "MetadataProperties": {"CommitId": "abc123", "GeneratedBy": "mlops-ci"},
        "ModelMetrics": {"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": METRICS}}},
    }


def test_the_same_version_has_the_same_token_and_another_package_another() -> None:
    def token(entry: Entry) -> str:
        return str(package_request(GROUP, entry, archive="", statistics="", terms=PLAIN)["ClientToken"])

    assert token(ENTRY) == token(replace(ENTRY, scores=()))
    assert token(ENTRY) != token(replace(ENTRY, package=replace(PACKAGE, digest="e" * 64)))


def test_a_package_without_an_image_of_a_container_says_nothing_of_one() -> None:
    entry = replace(ENTRY, package=replace(PACKAGE, image=Image(python="3.11")), scores=())
    request = package_request(GROUP, entry, archive="", statistics="", terms=PLAIN)
    assert problems("CreateModelPackage", request) == ()
    assert not {"InferenceSpecification", "ModelMetrics"} & request.keys()


def test_a_package_has_no_more_properties_than_aws_takes() -> None:
    many = tuple((f"metric_{n}", float(n)) for n in range(80))
    request = package_request(GROUP, replace(ENTRY, scores=many), archive="", statistics="", terms=PLAIN)
    assert len(request["CustomerMetadataProperties"]) <= 50


def test_a_group_has_a_name_of_its_own_for_each_project_and_model() -> None:
    ours, theirs = Address("bucket", "team/churn/"), Address("bucket", "other/churn/")
    assert re.fullmatch("churn-boosted-model-[0-9a-f]{8}", group_name(ours, "boosted_model"))
    assert group_name(ours, "a") != group_name(theirs, "a")
    assert group_name(ours, "a") != group_name(ours, "b")
    assert group_name(Address("bucket", ""), "a").startswith("bucket-a-")
    longest = group_name(Address("bucket", "p" * 80 + "/"), "m" * 80)
    assert re.fullmatch("[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", longest)
    assert problems("CreateModelPackageGroup", group_request(longest, "m", PLAIN)) == ()


def test_metrics_are_written_as_sagemaker_shows_them() -> None:
    assert json.loads(statistics(ENTRY)) == {
        "version": 0.0,
        "binary_classification_metrics": {"accuracy": {"value": 0.9648, "standard_deviation": "NaN"}},
    }


def test_an_approval_of_ours_can_be_told_from_a_persons() -> None:
    arn = "arn:aws:sagemaker:us-east-1:123456789012:model-package/churn/3"
    request = approval_request(arn, "the gate of production let it through")
    assert problems("UpdateModelPackage", request) == ()
    assert request["ApprovalDescription"] == "mlops-ci: the gate of production let it through"


def test_a_description_names_model_version_and_package() -> None:
    assert described("churn", 3, "d") == "churn v3, package d"
