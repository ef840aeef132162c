"""Images of SageMaker's own accounts, as ECR tells about them."""

from __future__ import annotations

import hashlib

import pytest
from botocore.exceptions import ClientError

from mlops_ci.testing.aws.holes.images import digest_of
from tests.testing.aws.guard.clients import Clients

SKLEARN = {"registryId": "683313688378", "repositoryName": "sagemaker-scikit-learn"}
TAG = "1.4-2-cpu-py3"


def test_a_tag_of_a_framework_image_has_the_same_digest_however_it_is_asked_for(clients: Clients) -> None:
    ecr = clients["ecr"]
    (image,) = ecr.batch_get_image(**SKLEARN, imageIds=[{"imageTag": TAG}])["images"]
    digest = image["imageId"]["imageDigest"]
    assert digest == digest_of("683313688378", "sagemaker-scikit-learn", TAG)
    assert digest == f"sha256:{hashlib.sha256(image['imageManifest'].encode()).hexdigest()}"
    (detail,) = ecr.describe_images(**SKLEARN, imageIds=[{"imageTag": TAG}])["imageDetails"]
    assert (detail["imageDigest"], detail["imageTags"]) == (digest, [TAG])
    (again,) = ecr.batch_get_image(**SKLEARN, imageIds=[{"imageDigest": digest}])["images"]
    assert again["imageId"]["imageDigest"] == digest
    others = {
        digest_of("683313688378", "sagemaker-scikit-learn", "1.2-1-cpu-py3"),
        digest_of("763104351884", "sagemaker-scikit-learn", TAG),
        digest_of("683313688378", "sagemaker-xgboost", TAG),
    }
    assert len(others | {digest}) == 4


def test_an_unknown_tag_is_not_found(clients: Clients) -> None:
    ecr = clients["ecr"]
    with pytest.raises(ecr.exceptions.ImageNotFoundException, match="imageTag:'missing-1'"):
        ecr.describe_images(**SKLEARN, imageIds=[{"imageTag": "missing-1"}])
    answer = ecr.batch_get_image(**SKLEARN, imageIds=[{"imageTag": "missing-1"}])
    assert answer["images"] == []
    assert [failure["failureCode"] for failure in answer["failures"]] == ["ImageNotFound"]


def test_ones_own_account_is_as_empty_as_it_was(clients: Clients) -> None:
    for registry in ({}, {"registryId": "123456789012"}):
        with pytest.raises(ClientError) as told:
            clients["ecr"].batch_get_image(repositoryName="none", imageIds=[{"imageTag": "1"}], **registry)
        assert told.value.response["Error"]["Code"] == "RepositoryNotFoundException"
    with pytest.raises(ClientError) as told:
        clients["ecr"].put_image(repositoryName="none", imageManifest="{}", imageTag="1")
    assert told.value.response["Error"]["Code"] == "RepositoryNotFoundException"
