"""Packs: what many requests would read, read by one, and never believed beyond what the records say."""

from __future__ import annotations

import gzip
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from mlops_ci.adapters.aws.store.bucket import Bucket, Listed
from mlops_ci.adapters.aws.store.layout import Layout
from mlops_ci.adapters.aws.store.offered import own_bucket
from mlops_ci.adapters.aws.store.packs import OLD, live, outlived, pack, unpack
from mlops_ci.adapters.aws.store.records import S3Records
from mlops_ci.adapters.files.layers import LayeredRecords
from mlops_ci.errors import ProviderError
from tests.loopback import Fault, Loopback

NAMES = tuple(f"{model}/seen/{number:03}" for model in "abcd" for number in range(20))


def content_of(name: str) -> bytes:
    return json.dumps({"about": name, "said": "ä"}, ensure_ascii=False).encode()


EVERYTHING = [(name, content_of(name)) for name in NAMES]


def fresh(bucket: Bucket) -> S3Records:
    """Return the store as a machine sees it that was never here."""
    return S3Records(Layout(bucket))


@pytest.fixture
def packed(bucket: Bucket) -> S3Records:
    records = fresh(bucket)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: records.put(name, content_of(name)), NAMES))
    records.settle()
    return records


def asked(s3: Loopback, what: str) -> int:
    return len([call for call in s3.calls if call.startswith("GET") and what in call])


def pack_keys(bucket: Bucket) -> list[str]:
    return [one.key for one in live(bucket.list("packs/"))]


def overwrite(s3: Loopback, bucket: Bucket, key: str, content: bytes, **more: str) -> None:
    s3.client().put_object(Bucket=bucket.address.bucket, Key=f"{bucket.address.prefix}{key}", Body=content, **more)


def test_what_one_machine_put_another_reads_by_one_listing_and_one_pack(
    s3: Loopback, bucket: Bucket, packed: S3Records
) -> None:
    s3.calls.clear()
    assert list(fresh(bucket).scan("")) == EVERYTHING
    assert (asked(s3, "/records/"), asked(s3, "/packs/"), len(s3.calls)) == (0, 1, 4)


def test_many_models_are_read_at_once_and_only_once(s3: Loopback, bucket: Bucket, packed: S3Records) -> None:
    s3.calls.clear()
    read = fresh(bucket).loaded(("a", "b", "d"))
    before = len(s3.calls)
    for model in "abd":
        assert list(read.scan(f"{model}/")) == [(n, c) for n, c in EVERYTHING if n.startswith(model)]
        assert read.listed(f"{model}/") == tuple(name for name, _ in read.names(f"{model}/"))
        assert read.get(f"{model}/seen/003") == content_of(f"{model}/seen/003")
        assert [name for name, _ in read.names(f"{model}/seen/01")] == [f"{model}/seen/{n:03}" for n in range(10, 20)]
    assert len(s3.calls) == before == 4
    assert read.get("c/seen/000") == content_of("c/seen/000"), "what it was not asked for before, it asks for"


def test_deleting_the_packs_changes_nothing_but_time(s3: Loopback, bucket: Bucket, packed: S3Records) -> None:
    for key in pack_keys(bucket):
        bucket.remove(key)
    s3.calls.clear()
    assert list(fresh(bucket).scan("")) == EVERYTHING
    assert asked(s3, "/records/") == len(NAMES)


@pytest.mark.parametrize("damage", ["cut", "empty", "other", "no gzip", "no lines"])
def test_a_damaged_pack_is_no_pack(s3: Loopback, bucket: Bucket, packed: S3Records, damage: str) -> None:
    (key,) = pack_keys(bucket)
    body = bucket.get(key) or b""
    named = {"no gzip": b"{}", "no lines": gzip.compress(b"[1]\nx")}
    if damage in named:
        bucket.remove(key)
        key, body = f"packs/90-{hashlib.sha256(named[damage]).hexdigest()}.json.gz", named[damage]
    overwrite(s3, bucket, key, {"cut": body[:-9], "empty": b"", "other": gzip.compress(b"")}.get(damage, body))
    assert list(fresh(bucket).scan("")) == EVERYTHING


def test_a_forged_pack_is_not_believed_where_the_record_says_otherwise(
    s3: Loopback, bucket: Bucket, packed: S3Records
) -> None:
    stamps = dict(packed.names(""))
    key, body = pack({name: (stamps[name], b'{"forged": 1}') for name in NAMES} | {"z/more": ("0" * 32, b"{}")})
    bucket.remove(pack_keys(bucket)[0])
    bucket.put_new(key, body)
    assert list(fresh(bucket).scan("")) == EVERYTHING


def test_a_record_that_has_other_bytes_by_now_is_read_by_itself(
    s3: Loopback, bucket: Bucket, packed: S3Records
) -> None:
    overwrite(s3, bucket, "records/b/seen~007", b"damaged")
    s3.calls.clear()
    found = dict(fresh(bucket).scan(""))
    assert found == {**dict(EVERYTHING), "b/seen/007": b"damaged"}
    assert asked(s3, "/records/") == 1


def test_under_a_key_of_kms_a_pack_is_believed_by_its_stamps_once_one_record_said_so(
    s3: Loopback, bucket: Bucket
) -> None:
    s3.is_opaque = True
    keyed = replace(bucket, kms_key="alias/ours")
    records = fresh(keyed)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: records.put(name, content_of(name)), NAMES))
    records.settle()
    s3.calls.clear()
    assert list(fresh(keyed).scan("")) == EVERYTHING
    assert asked(s3, "/records/") == 1

    stamps = dict(records.names(""))
    bucket.remove(pack_keys(bucket)[0])
    bucket.put_new(*pack({name: (stamps[name], b'{"forged": 1}') for name in NAMES}))
    assert list(fresh(keyed).scan("")) == EVERYTHING, "the one record is not as the pack has it"


def test_without_such_a_key_stamps_that_fit_nothing_are_read_one_by_one(s3: Loopback, bucket: Bucket) -> None:
    s3.is_opaque = True
    records = fresh(bucket)
    for name in NAMES[:40]:
        records.put(name, content_of(name))
    records.settle()
    s3.calls.clear()
    assert list(fresh(bucket).scan("")) == EVERYTHING[:40]
    assert asked(s3, "/records/") >= 40


def test_many_commands_leave_few_packs_and_all_is_in_them(s3: Loopback, bucket: Bucket) -> None:
    for name in NAMES[:60]:
        one = fresh(bucket)
        one.put(name, content_of(name))
        one.settle()
        assert len(pack_keys(bucket)) <= 4
    s3.calls.clear()
    assert list(fresh(bucket).scan("")) == EVERYTHING[:60]
    assert asked(s3, "/records/") <= 4
    assert asked(s3, "/packs/") <= 4


def test_two_that_pack_at_once_lose_nothing(s3: Loopback, bucket: Bucket, packed: S3Records) -> None:
    machines = [fresh(bucket) for _ in range(8)]
    for number, machine in enumerate(machines):
        machine.put(f"late/seen/{number}", b"{}")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda machine: machine.settle(), machines))
    late = [(f"late/seen/{number}", b"{}") for number in range(8)]
    assert list(fresh(bucket).scan("")) == [*EVERYTHING, *late]
    held = {name for key in pack_keys(bucket) for name in unpack(key, bucket.get(key) or b"")}
    assert held == {*NAMES, *dict(late)}


def test_a_command_that_put_nothing_packs_what_it_found_loose_if_that_is_much(
    s3: Loopback, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in NAMES:
        overwrite(s3, bucket, f"records/{name.replace('/', '~').replace('~', '/', 1)}", content_of(name))
    reader = fresh(bucket)
    list(reader.scan(""))
    reader.settle()
    assert pack_keys(bucket) == [], "80 are not much"
    monkeypatch.setattr("mlops_ci.adapters.aws.store.memory._LOOSE", 50)
    reader.settle()
    s3.calls.clear()
    assert list(fresh(bucket).scan("")) == EVERYTHING
    assert asked(s3, "/records/") == 0


def test_whoever_only_reads_or_works_for_a_pull_request_puts_no_pack(
    s3: Loopback, bucket: Bucket, packed: S3Records
) -> None:
    reader = fresh(bucket)
    list(reader.scan(""))
    layered = LayeredRecords(S3Records(Layout(own_bucket(bucket, "12"))), fresh(bucket))
    assert layered.put("a/mine", b"{}")
    s3.calls.clear()
    reader.settle()
    layered.settle()
    assert s3.calls == []
    assert next(iter(layered.loaded(("a", "b", "c")).scan("a/"))) == ("a/mine", b"{}")


def test_old_packs_go_a_day_after_their_records_are_in_another(s3: Loopback, bucket: Bucket, packed: S3Records) -> None:
    def listed(key: str, at: float) -> Listed:
        return Listed(key, 1, "", at)

    a, b, c = (f"packs/{n}-{'0' * 64}.json.gz" for n in (1, 2, 3))
    marks = [listed(a, 0), listed(a + OLD, 10), listed(b, 20), listed(b + OLD, 50)]
    assert outlived([*marks, listed(c, 100)], age=70) == (a, a + OLD)
    assert outlived(marks, age=70) == ()
    assert [one.key for one in live([*marks, listed(c, 100)])] == [c]


def test_a_right_that_lacks_for_packs_is_told(s3: Loopback, bucket: Bucket, packed: S3Records) -> None:
    packed.put("a/later", b"{}")
    s3.fail("/packs/", Fault.DENIED)
    with pytest.raises(ProviderError, match="access is denied"):
        packed.settle()
    assert fresh(bucket).get("a/later") == b"{}"


def test_a_few_models_among_many_are_listed_by_no_more_than_twice_the_requests_of_the_better_way(
    s3: Loopback, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = [f"m{number:02}" for number in range(12)]
    for model in ("b", *models, "b-x"):
        for number in range(6):
            overwrite(s3, bucket, f"records/{model}/seen~{number}", b"{}")
    monkeypatch.setattr("mlops_ci.adapters.aws.store.bucket.PAGE", 4)
    for wanted in (("b", "b-x", "m11"), ("m00", "m01", "m02"), tuple(models), ("b", "nobody", "m03", "z")):
        s3.calls.clear()
        found = fresh(bucket).listing(wanted)
        calls = len([call for call in s3.calls if "list-type=2" in call])
        for model in wanted:
            there = 0 if model in {"nobody", "z"} else 6
            assert [name for name, _ in found.names(f"{model}/")] == [f"{model}/seen/{n}" for n in range(there)]
        apart = sum(1 if model in {"nobody", "z"} else 2 for model in wanted)
        assert calls <= len(wanted) + apart
