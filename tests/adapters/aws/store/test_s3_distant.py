"""Objects of S3 that are data."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.adapters.aws.account import Clients
from mlops_ci.adapters.aws.distant import S3Objects
from mlops_ci.adapters.aws.store.bucket import Bucket
from mlops_ci.errors import InputsMoved, ProviderError
from tests.loopback import Fault, Loopback


@pytest.fixture
def objects(s3: Loopback) -> S3Objects:
    return S3Objects(Clients())


def put(s3: Loopback, bucket: Bucket, *keys: str) -> str:
    for key in keys:
        s3.client().put_object(Bucket=bucket.address.bucket, Key=key, Body=key.encode())
    s3.calls.clear()
    return f"s3://{bucket.address.bucket}"


def test_an_address_is_one_object_or_all_below_it_and_none_beside_it(
    s3: Loopback, bucket: Bucket, objects: S3Objects
) -> None:
    top = put(s3, bucket, "d/train/1.csv", "d/train/a/2.csv", "d/train-old/1.csv", "d/rows.csv", "d/rows.csv.bak")
    assert [one.name for one in objects.listed(f"{top}/d/train")] == ["1.csv", "a/2.csv"]
    assert len(s3.calls) == 1
    assert objects.listed(f"{top}/d/train/") == objects.listed(f"{top}/d/train")
    s3.calls.clear()
    (one,) = objects.listed(f"{top}/d/rows.csv")
    assert (one.address, one.name, one.size) == (f"{top}/d/rows.csv", "rows.csv", len("d/rows.csv"))
    assert len(s3.calls) == 1
    assert objects.listed(f"{top}/d/row") == ()


def test_a_folder_with_a_dot_and_an_object_without_one_are_found_by_a_second_request(
    s3: Loopback, bucket: Bucket, objects: S3Objects
) -> None:
    top = put(s3, bucket, "v1.2/rows.csv", "rows")
    assert [one.name for one in objects.listed(f"{top}/v1.2")] == ["rows.csv"]
    assert [one.name for one in objects.listed(f"{top}/rows")] == ["rows"]
    assert len(s3.calls) == 4


def test_folders_of_a_console_and_hidden_names_are_no_data(s3: Loopback, bucket: Bucket, objects: S3Objects) -> None:
    top = put(s3, bucket, "d/", "d/.hidden", "d/.git/x", "d/sub/", "d/sub/1.csv")
    assert [one.name for one in objects.listed(f"{top}/d/")] == ["sub/1.csv"]


@pytest.mark.soak
def test_a_thousand_objects_are_one_request(s3: Loopback, bucket: Bucket, objects: S3Objects) -> None:
    top = put(s3, bucket, *(f"d/{number:04}.csv" for number in range(1_001)))
    assert len(objects.listed(f"{top}/d/")) == 1_001
    assert len(s3.calls) == 2


def test_what_is_fetched_is_what_was_listed_or_nothing(
    s3: Loopback, bucket: Bucket, objects: S3Objects, tmp_path: Path
) -> None:
    top = put(s3, bucket, "d/rows.csv")
    (one,) = objects.listed(f"{top}/d/rows.csv")
    objects.fetch(one, tmp_path / "rows")
    assert (tmp_path / "rows").read_text() == "d/rows.csv"
    s3.client().put_object(Bucket=bucket.address.bucket, Key="d/rows.csv", Body=b"d/ROWS.csv")
    with pytest.raises(InputsMoved, match="was changed after it was listed"):
        objects.fetch(one, tmp_path / "rows")
    s3.client().delete_object(Bucket=bucket.address.bucket, Key="d/rows.csv")
    with pytest.raises(InputsMoved, match="was changed after it was listed"):
        objects.fetch(one, tmp_path / "rows")


def test_a_stream_that_breaks_is_read_on_from_there_and_told_when_it_breaks_again_and_again(
    s3: Loopback, bucket: Bucket, objects: S3Objects, tmp_path: Path
) -> None:
    top = put(s3, bucket, "d/rows.csv")
    (one,) = objects.listed(f"{top}/d/rows.csv")
    s3.fail("GET", Fault.CUT)
    objects.fetch(one, tmp_path / "rows")
    assert (tmp_path / "rows").read_text() == "d/rows.csv"
    s3.fail("GET", *[Fault.CUT] * 5)
    with pytest.raises(ProviderError, match="broke off 5 times"):
        objects.fetch(one, tmp_path / "rows")


def test_a_bucket_that_is_not_there_is_told_with_the_right_that_lists(s3: Loopback, objects: S3Objects) -> None:
    with pytest.raises(ProviderError, match="`s3:ListBucket` on `s3://nobodys-data`: there is no such bucket"):
        objects.listed("s3://nobodys-data/rows.csv")
