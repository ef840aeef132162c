"""Checking a store."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.files.records import FolderRecords
from mlops_ci.executor.keeping import check as checking
from mlops_ci.executor.keeping.check import Checked, check
from tests.executor.keeping.stores import changed, path_of, training, upkeep_of


def checked(store: Path, root: Path) -> Checked:
    return check(upkeep_of(store, root), lambda _: None)


def codes(found: Checked) -> list[str]:
    return [trouble.code for trouble in found.troubles]


def test_a_store_of_whole_records_and_artifacts_is_clean_and_counted(tmp_path: Path) -> None:
    store = tmp_path / "store"
    for number in range(1, 4):
        training(store, number)
    found = checked(store, tmp_path)
    assert (found.records, found.artifacts, found.orphans, found.is_clean) == (9, 7, 0, True)
    assert found.size == sum(len(b"model 1log 1") for _ in range(3)) + len(b"code")


def test_an_empty_store_and_none_at_all_are_clean(tmp_path: Path) -> None:
    assert checked(tmp_path / "store", tmp_path).is_clean


def test_each_trouble_is_named_with_what_mends_it_and_the_rest_is_checked_on(tmp_path: Path) -> None:
    store = tmp_path / "store"
    _, ended, packaged = training(store, 1)
    training(store, 2)
    with changed(path_of(store, ended.artifact("model")), b"other"):
        found = checked(store, tmp_path)
        assert codes(found) == ["damaged-artifact"]
        assert found.troubles[0].subject == ended.artifact("model")
        assert "copy it from another store" in found.troubles[0].hint
    record = store / "records/tiny" / packaged.name.partition("/")[2].replace("/", "~")
    with changed(record, record.read_bytes()[:-20]):
        found = checked(store, tmp_path)
        assert codes(found) == ["damaged-record"]
        assert "store merge" in found.troubles[0].hint
    path_of(store, ended.artifact("log")).unlink()
    found = checked(store, tmp_path)
    assert codes(found) == ["missing-artifact"]
    assert f"names the artifact {ended.artifact('log')[:12]} (`log`)" in found.troubles[0].sentence
    assert "train tiny --replace" in found.troubles[0].hint


def test_what_no_record_names_and_what_belongs_to_nothing_is_counted_and_no_trouble(tmp_path: Path) -> None:
    store = tmp_path / "store"
    training(store, 1)
    FolderArtifacts(store).put(b"nobody's")
    (store / ".tmp" / "left").write_bytes(b"half")
    (store / "artifacts" / "sha256" / "notes.txt").write_bytes(b"foreign")
    (store / "pr" / "7" / "records").mkdir(parents=True)
    found = checked(store, tmp_path)
    assert (found.is_clean, found.orphans, found.orphan_size, found.strays, found.pull_requests) == (True, 1, 8, 2, 1)


@pytest.mark.parametrize(
    ("content", "is_clean"),
    [(b'{"files": {"a": "b"}, "message": "", "tag": ""}', True), (b"{}", False), (b'{"files": [1]}', False)],
)
def test_a_private_release_is_a_record_of_its_own_form(tmp_path: Path, content: bytes, is_clean: bool) -> None:
    FolderRecords(tmp_path / "store").put("@releases/00000001", content)
    assert checked(tmp_path / "store", tmp_path).is_clean is is_clean


def test_hostile_names_and_contents_are_troubles_and_no_errors(tmp_path: Path) -> None:
    records = FolderRecords(tmp_path / "store")
    records.put("tiny/attempts/x/finished", b'{"format": 1, "kind": "finished"}')
    records.put("tiny/seen/deep", b"[" * 100_000)
    records.put("tiny/seen/newer", b'{"format": 99}')
    records.put("tiny/seen/bytes", b"\xff\xfe\x00")
    found = checked(tmp_path / "store", tmp_path)
    assert codes(found) == ["damaged-record"] * 4
    assert any("newer mlops-ci" in trouble.sentence for trouble in found.troubles)


def test_of_very_many_troubles_some_are_told_and_all_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "MOST", 3)
    for number in range(10):
        FolderRecords(tmp_path / "store").put(f"tiny/seen/{number}", b"{}")
    found = checked(tmp_path / "store", tmp_path)
    assert (len(found.troubles), found.more) == (3, 7)
