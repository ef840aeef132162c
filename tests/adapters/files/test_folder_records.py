"""Records in a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.adapters.files.durable import _claim
from mlops_ci.adapters.files.records import FolderRecords
from mlops_ci.errors import ProviderError
from mlops_ci.ports.stores import RecordStore
from tests.contracts.records import RecordsContract


class TestFolderRecords(RecordsContract):
    @pytest.fixture
    def records(self, tmp_path: Path) -> RecordStore:
        return FolderRecords(tmp_path / "store")


def test_two_stores_merge_by_copying_files(tmp_path: Path) -> None:
    mine, yours = FolderRecords(tmp_path / "mine"), FolderRecords(tmp_path / "yours")
    mine.put("a/1", b"one")
    yours.put("a/2", b"two")
    target = tmp_path / "mine" / "records" / "a" / "2"
    target.write_bytes((tmp_path / "yours" / "records" / "a" / "2").read_bytes())
    assert list(mine.scan("a/")) == [("a/1", b"one"), ("a/2", b"two")]


def test_half_written_files_of_a_killed_process_are_not_records(tmp_path: Path) -> None:
    records = FolderRecords(tmp_path)
    records.put("a", b"whole")
    (tmp_path / ".tmp" / "left-behind").write_bytes(b"ha")
    (tmp_path / "records" / ".nfs000").write_bytes(b"ha")
    assert list(records.scan("")) == [("a", b"whole")]


def test_records_are_read_only_files(tmp_path: Path) -> None:
    FolderRecords(tmp_path).put("a/b", b"{}")
    assert (tmp_path / "records" / "a" / "b").stat().st_mode & 0o777 == 0o444


def test_all_of_a_model_stands_beside_each_other_in_one_folder(tmp_path: Path) -> None:
    FolderRecords(tmp_path).put("churn/attempts/ab-1/intent", b"{}")
    assert (tmp_path / "records" / "churn" / "attempts~ab-1~intent").read_bytes() == b"{}"


def test_records_in_the_first_layout_are_read_like_the_rest_and_never_put_again(tmp_path: Path) -> None:
    nested = tmp_path / "records" / "churn" / "attempts" / "ab-1"
    nested.mkdir(parents=True)
    (nested / "intent").write_bytes(b"old")
    records = FolderRecords(tmp_path)
    records.put("churn/attempts/ab-1/finished", b"new")
    assert records.get("churn/attempts/ab-1/intent") == b"old"
    assert not records.put("churn/attempts/ab-1/intent", b"again")
    assert records.listed("churn/") == ("churn/attempts/ab-1/finished", "churn/attempts/ab-1/intent")
    assert list(records.scan("churn/attempts/")) == [
        ("churn/attempts/ab-1/finished", b"new"),
        ("churn/attempts/ab-1/intent", b"old"),
    ]


def test_a_stamp_tells_other_bytes_under_the_same_name(tmp_path: Path) -> None:
    records = FolderRecords(tmp_path)
    records.put("a/b", b"{}")
    before = records.names("a/")
    place = tmp_path / "records" / "a" / "b"
    place.chmod(0o644)
    place.write_bytes(b"{")
    assert records.names("a/") != before


def test_a_record_below_a_record_is_a_provider_error_that_names_it(tmp_path: Path) -> None:
    records = FolderRecords(tmp_path)
    records.put("a", b"{}")
    with pytest.raises(ProviderError) as caught:
        records.put("a/b", b"{}")
    assert "records/a" in caught.value.summary


def test_without_hard_links_one_of_two_still_wins(tmp_path: Path) -> None:
    drafts = [tmp_path / "one", tmp_path / "two"]
    for draft in drafts:
        draft.write_text(draft.name)
    assert [_claim(draft, tmp_path / "target") for draft in drafts] == [True, False]
    assert (tmp_path / "target").read_text() == "one"
