"""Artifacts on S3."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mlops_ci.adapters.aws.store import bucket as bucket_module
from mlops_ci.adapters.aws.store.artifacts import S3Artifacts
from mlops_ci.adapters.aws.store.bucket import Bucket
from mlops_ci.adapters.aws.store.layout import Layout
from mlops_ci.adapters.aws.store.offered import own_bucket
from mlops_ci.adapters.files.layers import LayeredArtifacts
from mlops_ci.errors import IntegrityError, ProviderError
from mlops_ci.ports.stores import ArtifactStore
from tests.contracts.artifacts import ArtifactsContract
from tests.loopback import Fault, Loopback


@pytest.fixture
def artifacts(bucket: Bucket, tmp_path: Path) -> S3Artifacts:
    return S3Artifacts(Layout(bucket), tmp_path / "cache")


@pytest.fixture
def elsewhere(bucket: Bucket, tmp_path: Path) -> S3Artifacts:
    """Return the same store, seen from another machine."""
    return S3Artifacts(Layout(bucket), tmp_path / "elsewhere")


class TestS3Artifacts(ArtifactsContract):
    @pytest.fixture
    def artifacts(self, bucket: Bucket, tmp_path: Path) -> ArtifactStore:
        return S3Artifacts(Layout(bucket), tmp_path / "cache")


class TestS3ArtifactsElsewhere(ArtifactsContract):
    """Nothing of what is put is at hand: all is fetched from S3."""

    @pytest.fixture
    def artifacts(self, bucket: Bucket, tmp_path: Path) -> ArtifactStore:
        class Two(S3Artifacts):
            def fetch(self, digest: str) -> Path:
                return S3Artifacts(self.layout, tmp_path / "elsewhere").fetch(digest)

        return Two(Layout(bucket), tmp_path / "cache")


class TestLayeredS3Artifacts(ArtifactsContract):
    @pytest.fixture
    def artifacts(self, bucket: Bucket, tmp_path: Path) -> ArtifactStore:
        cache = tmp_path / "cache"
        own = S3Artifacts(Layout(own_bucket(bucket, "12")), cache)
        return LayeredArtifacts(own, S3Artifacts(Layout(bucket), cache))


def key_of(digest: str) -> str:
    return f"team/churn/artifacts/sha256/{digest[:2]}/{digest}"


def spoil(s3: Loopback, bucket: Bucket, digest: str, content: bytes) -> None:
    s3.client().put_object(Bucket=bucket.address.bucket, Key=key_of(digest), Body=content, ChecksumAlgorithm="SHA256")


def test_the_sha256_goes_with_the_bytes(s3: Loopback, bucket: Bucket, artifacts: S3Artifacts) -> None:
    digest = artifacts.put(b"a model")
    found = s3.client().head_object(Bucket=bucket.address.bucket, Key=key_of(digest), ChecksumMode="ENABLED")
    assert bytes.fromhex(digest) == base64.b64decode(found["ChecksumSHA256"])


def test_what_is_there_is_not_sent_again(s3: Loopback, artifacts: S3Artifacts, elsewhere: S3Artifacts) -> None:
    artifacts.put(b"a model")
    s3.calls.clear()
    elsewhere.put(b"a model")
    assert [call.split()[0] for call in s3.calls] == ["GET", "HEAD"]


def test_a_changed_byte_is_refused_with_the_object_both_digests_and_a_hint(
    s3: Loopback, bucket: Bucket, artifacts: S3Artifacts, elsewhere: S3Artifacts
) -> None:
    digest = artifacts.put(b"a model")
    spoil(s3, bucket, digest, b"a modem")
    with pytest.raises(IntegrityError) as caught:
        elsewhere.fetch(digest)
    for part in (f"s3://{bucket.address.bucket}/{key_of(digest)}", digest, hashlib.sha256(b"a modem").hexdigest()):
        assert part in caught.value.summary
    assert "train --replace" in caught.value.hint
    assert not [path for path in elsewhere.cache.rglob("*") if path.is_file()]


@pytest.mark.parametrize("damage", [b"a modem", b"a", b""])
def test_putting_the_good_bytes_again_repairs_a_damaged_object(
    s3: Loopback, bucket: Bucket, artifacts: S3Artifacts, elsewhere: S3Artifacts, damage: bytes
) -> None:
    digest = artifacts.put(b"a model")
    spoil(s3, bucket, digest, damage)
    artifacts.put(b"a model")
    assert elsewhere.fetch(digest).read_bytes() == b"a model"


def test_a_damaged_copy_on_this_disk_is_fetched_anew(artifacts: S3Artifacts) -> None:
    digest = artifacts.put(b"a model")
    place = artifacts.fetch(digest)
    assert place.stat().st_mode & 0o777 == 0o444
    place.chmod(0o644)
    place.write_bytes(b"a modem")
    assert artifacts.fetch(digest).read_bytes() == b"a model"
    assert {path for path in artifacts.cache.rglob("*") if path.is_file()} == {place}


def test_a_copy_on_this_disk_is_used_without_asking_s3(s3: Loopback, artifacts: S3Artifacts) -> None:
    digest = artifacts.put(b"a model")
    s3.calls.clear()
    artifacts.fetch(digest)
    assert s3.calls == []


def test_what_is_large_goes_in_parts_and_comes_back_whole(
    s3: Loopback, artifacts: S3Artifacts, elsewhere: S3Artifacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_module, "PART", 5 << 20)  # the smallest that S3 takes; ours would need a disk
    large = tmp_path / "model.tar.gz"
    large.write_bytes(hashlib.sha256(b"x").digest() * (12 << 15))
    digest = artifacts.put(large)
    assert len([call for call in s3.calls if "partNumber=" in call]) == 3
    s3.calls.clear()
    assert hashlib.sha256(elsewhere.fetch(digest).read_bytes()).hexdigest() == digest
    elsewhere.put(large)
    assert not [call for call in s3.calls if call.startswith(("PUT", "POST"))]


def test_a_stream_that_breaks_off_is_read_on_from_there(
    s3: Loopback, artifacts: S3Artifacts, elsewhere: S3Artifacts
) -> None:
    content = bytes(range(256)) * 20_000
    digest = artifacts.put(content)
    s3.fail(f"GET /{artifacts.layout.bucket.address.bucket}/{key_of(digest)}", Fault.CUT)
    assert elsewhere.fetch(digest).read_bytes() == content
    assert not s3.faults


def test_a_stream_that_breaks_off_again_and_again_is_a_provider_error(
    s3: Loopback, artifacts: S3Artifacts, elsewhere: S3Artifacts
) -> None:
    digest = artifacts.put(bytes(range(256)) * 20_000)
    s3.fail(key_of(digest), *[Fault.CUT] * 5)
    with pytest.raises(ProviderError, match="broke off 5 times"):
        elsewhere.fetch(digest)


def test_a_put_that_is_reset_after_s3_acted_is_done(
    s3: Loopback, artifacts: S3Artifacts, elsewhere: S3Artifacts
) -> None:
    s3.fail("PUT", Fault.RESET)
    digest = artifacts.put(b"a model")
    assert not s3.faults
    assert elsewhere.fetch(digest).read_bytes() == b"a model"


def test_a_key_of_kms_encrypts_records_and_artifacts(s3: Loopback, bucket: Bucket, tmp_path: Path) -> None:
    name = bucket.address.bucket
    layout = Layout(replace(bucket, kms_key="alias/models"))
    digest = S3Artifacts(layout, tmp_path).put(b"a model")
    found: list[Any] = [
        s3.client().head_object(Bucket=name, Key=key) for key in (key_of(digest), "team/churn/format.json")
    ]
    assert [(f["ServerSideEncryption"], f["SSEKMSKeyId"]) for f in found] == [("aws:kms", "alias/models")] * 2


def test_a_source_that_ends_in_an_error_sends_nothing(s3: Loopback, artifacts: S3Artifacts, tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match=str(tmp_path)):
        artifacts.put(tmp_path)
    assert not [call for call in s3.calls if call.startswith("PUT") and "format.json" not in call]
