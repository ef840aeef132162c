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
