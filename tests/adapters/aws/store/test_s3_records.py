"""Records on S3."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from mlops_ci.adapters.aws.store.bucket import Bucket
from mlops_ci.adapters.aws.store.layout import Layout
from mlops_ci.adapters.aws.store.offered import own_bucket
from mlops_ci.adapters.aws.store.records import S3Records
from mlops_ci.adapters.files.layers import LayeredRecords
from mlops_ci.errors import IntegrityError, ProviderError
from mlops_ci.model.address import Address
from mlops_ci.ports.stores import RecordStore
from tests.contracts.records import RecordsContract
from tests.loopback import Fault, Loopback


@pytest.fixture
def records(bucket: Bucket) -> S3Records:
    return S3Records(Layout(bucket))


class TestS3Records(RecordsContract):
    @pytest.fixture
    def records(self, bucket: Bucket) -> RecordStore:
        return S3Records(Layout(bucket))


class TestLayeredS3Records(RecordsContract):
    @pytest.fixture
    def records(self, bucket: Bucket) -> RecordStore:
        return LayeredRecords(S3Records(Layout(own_bucket(bucket, "12"))), S3Records(Layout(bucket)))


def keys(s3: Loopback, bucket: Bucket) -> list[str]:
    return [found["Key"] for found in s3.client().list_objects_v2(Bucket=bucket.address.bucket).get("Contents", [])]


def put(s3: Loopback, bucket: Bucket, key: str, content: bytes) -> None:
    s3.client().put_object(Bucket=bucket.address.bucket, Key=f"team/churn/{key}", Body=content)


def test_the_layout_is_that_of_a_folder_below_the_prefix(s3: Loopback, bucket: Bucket, records: S3Records) -> None:
    records.put("churn/attempts/ab-1/intent", b"{}")
    assert keys(s3, bucket) == ["team/churn/format.json", "team/churn/records/churn/attempts~ab-1~intent"]


def test_two_projects_share_a_bucket_and_see_nothing_of_each_other(bucket: Bucket, records: S3Records) -> None:
    other = S3Records(Layout(replace(bucket, address=Address(bucket.address.bucket, "team/churn2/"))))
    assert records.put("a/1", b"mine")
    assert other.put("a/1", b"theirs")
    assert list(records.scan("")) == [("a/1", b"mine")]


def test_of_sixteen_machines_that_put_one_name_at_once_one_wins(bucket: Bucket) -> None:
    machines = [S3Records(Layout(bucket)) for _ in range(16)]
    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(lambda n: machines[n].put("race/intent", b"%d" % n), range(16)))
    assert won.count(True) == 1
    assert machines[0].get("race/intent") == b"%d" % won.index(True)


def test_a_connection_that_is_reset_after_s3_acted_is_no_conflict(s3: Loopback, records: S3Records) -> None:
    records.put("a/0", b"{}")
    s3.fail("PUT", Fault.RESET)
    assert records.put("a/1", b"mine")
    assert not s3.faults
    assert not records.put("a/1", b"mine")


def test_a_reset_does_not_make_another_winners_record_ours(s3: Loopback, records: S3Records) -> None:
    records.put("a/1", b"same bytes")
    s3.fail("PUT", Fault.RESET)
    assert not records.put("a/1", b"same bytes")
    assert not s3.faults


def test_throttling_is_asked_again_until_it_is_too_much(s3: Loopback, records: S3Records) -> None:
    records.put("a/0", b"{}")
    s3.fail("PUT", Fault.SLOW_DOWN)
    assert records.put("a/1", b"{}")
    s3.fail("GET", *[Fault.SLOW_DOWN] * 5)
    with pytest.raises(ProviderError, match="does not keep up") as caught:
        records.get("a/1")
    assert "wait a little" in caught.value.hint


def test_a_record_that_a_listing_does_not_show_yet_is_still_there_and_never_put_again(
    s3: Loopback, records: S3Records
) -> None:
    records.put("a/1", b"first")
    records.put("a/2", b"{}")
    s3.hidden.add("team/churn/records/a/1")
    assert [name for name, _ in records.names("a/")] == ["a/2"]
    assert records.get("a/1") == b"first"
    assert not records.put("a/1", b"second")


@pytest.mark.parametrize(
    "name", ["a/ä ö", "a/b+c%2Fd", "a/x?y=z&w", "a/#1", "a/'\"<>", "a/é", "a/=", "a/  two  spaces"]
)
def test_a_name_with_odd_characters_comes_back_as_it_was(records: S3Records, name: str) -> None:
    assert records.put(name, b"{}")
    assert records.get(name) == b"{}"
    assert [found for found, _ in records.names("a/")] == [name]
    assert list(records.scan(name)) == [(name, b"{}")]


def test_more_names_than_a_page_holds_are_all_listed(s3: Loopback, bucket: Bucket, records: S3Records) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: put(s3, bucket, f"records/a/seen~{n:04}", b"{}"), range(1_203)))
    s3.calls.clear()
    assert [name for name, _ in records.names("a/")] == [f"a/seen/{n:04}" for n in range(1_203)]
    assert len([call for call in s3.calls if "list-type=2" in call]) == 2


def test_folders_that_a_console_makes_and_hidden_files_are_no_records(
    s3: Loopback, bucket: Bucket, records: S3Records
) -> None:
    for key in ("records/", "records/a/", "records/a/.DS_Store", "records/.DS_Store"):
        put(s3, bucket, key, b"")
    records.put("a/1", b"{}")
    assert list(records.scan("")) == [("a/1", b"{}")]


def test_a_record_of_the_first_layout_is_named_with_what_to_do(
    s3: Loopback, bucket: Bucket, records: S3Records
) -> None:
    put(s3, bucket, "records/a/attempts/x/intent", b"{}")
    with pytest.raises(ProviderError, match="records/a/attempts/x/intent` is of the first layout") as caught:
        records.names("a/")
    assert "aws s3 rm" in caught.value.hint


def test_a_stamp_tells_other_bytes_under_the_same_name(s3: Loopback, bucket: Bucket, records: S3Records) -> None:
    records.put("a/1", b"{}")
    before = records.names("a/")
    put(s3, bucket, "records/a/1", b"{")
    assert records.names("a/") != before


@pytest.mark.parametrize("verb", ["get", "put", "names"])
def test_a_store_of_a_newer_format_is_neither_read_nor_written(
    s3: Loopback, bucket: Bucket, records: S3Records, verb: str
) -> None:
    put(s3, bucket, "format.json", b'{"format": 3}')
    with pytest.raises(ProviderError, match="has format 3") as caught:
        {"get": records.get, "put": lambda name: records.put(name, b"{}"), "names": records.names}[verb]("a/1")
    assert "upgrade" in caught.value.hint
    assert keys(s3, bucket) == ["team/churn/format.json"]


def test_a_format_that_says_nothing_is_damaged(s3: Loopback, bucket: Bucket, records: S3Records) -> None:
    put(s3, bucket, "format.json", b"{")
    with pytest.raises(IntegrityError, match="does not say a version"):
        records.get("a/1")


def test_the_format_is_asked_for_once(s3: Loopback, records: S3Records) -> None:
    records.put("a/1", b"{}")
    records.put("a/2", b"{}")
    list(records.scan("a/"))
    assert len([call for call in s3.calls if call.startswith("GET") and "format.json" in call]) == 1
