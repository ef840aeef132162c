"""Merging another store into ours."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.files.records import FolderRecords
from mlops_ci.errors import ProviderError, TryAgain, UsageError
from mlops_ci.executor.keeping.check import check
from mlops_ci.executor.keeping.merge import Doing, Merged, merge
from tests.executor.keeping.stores import changed, digests, names, path_of, training, upkeep_of

AGAIN = """
import sys
from pathlib import Path
from tests.executor.keeping.stores import upkeep_of
from mlops_ci.executor.keeping.merge import Doing, merge
ours, theirs, root = map(Path, sys.argv[1:])
merge(upkeep_of(ours, root), str(theirs), Doing.REAL, lambda _: None)
"""


def merged(tmp_path: Path, doing: Doing = Doing.REAL) -> Merged:
    return merge(upkeep_of(tmp_path / "ours", tmp_path), str(tmp_path / "theirs"), doing, lambda _: None)


@pytest.fixture
def both(tmp_path: Path) -> Path:
    """Return a folder with two stores: one training is in both, one only here, two only there."""
    for store, numbers in (("ours", (1, 2)), ("theirs", (2, 3, 4))):
        for number in numbers:
            training(tmp_path / store, number)
    return tmp_path


def test_what_is_only_there_is_copied_once_and_then_never_again(both: Path) -> None:
    found = merged(both)
    assert (found.records, found.artifacts, found.same, found.is_clean) == (6, 4, 3, True)
    assert found.size == 2 * len(b"model 3log 3")
    assert {*names(both / "theirs")} < {*names(both / "ours")}
    assert check(upkeep_of(both / "ours", both), lambda _: None).is_clean
    again = merged(both)
    assert (again.records, again.artifacts, again.same) == (0, 0, 9)


def test_a_dry_run_tells_the_same_and_copies_nothing(both: Path) -> None:
    before = names(both / "ours"), digests(both / "ours")
    found = merged(both, Doing.DRY)
    assert (found.records, found.artifacts, found.same) == (6, 4, 3)
    assert (names(both / "ours"), digests(both / "ours")) == before


def test_a_record_with_other_bytes_is_named_and_ours_stays(both: Path) -> None:
    name = names(both / "ours")[-1]
    record = both / "theirs/records/tiny" / name.partition("/")[2].replace("/", "~")
    name = next(n for n in names(both / "theirs") if n in names(both / "ours") and n.endswith("/intent"))
    record = both / "theirs/records/tiny" / name.partition("/")[2].replace("/", "~")
    mine = FolderRecords(both / "ours").get(name)
    with changed(record, record.read_bytes().replace(b"c" * 40, b"d" * 40)):
        found = merged(both)
    assert [(trouble.code, trouble.subject) for trouble in found.left] == [("conflict", name)]
    assert FolderRecords(both / "ours").get(name) == mine
    assert found.records == 6


def test_a_damaged_record_or_artifact_there_is_named_and_not_copied(both: Path) -> None:
    _, ended, _ = training(both / "theirs", 3)
    _, other, _ = training(both / "theirs", 4)
    record = both / "theirs/records/tiny" / other.name.partition("/")[2].replace("/", "~")
    with changed(path_of(both / "theirs", ended.artifact("model")), b"x"), changed(record, b"{"):
        found = merged(both)
    assert sorted(trouble.code for trouble in found.left) == ["damaged-artifact", "damaged-artifact", "damaged-record"]
    assert not FolderArtifacts(both / "ours").has(ended.artifact("model"))
    assert check(upkeep_of(both / "ours", both), lambda _: None).is_clean, "no record came without its artifacts"
    assert merged(both).is_clean, "what was mended there is copied later"


def test_an_artifact_that_ours_lost_comes_back(both: Path) -> None:
    _, ended, _ = training(both / "ours", 2)
    path_of(both / "ours", ended.artifact("model")).unlink()
    merged(both)
    assert check(upkeep_of(both / "ours", both), lambda _: None).is_clean


def test_private_releases_are_copied_where_they_go_on_from_ours_and_left_where_they_do_not(both: Path) -> None:
    ours, theirs = FolderRecords(both / "ours"), FolderRecords(both / "theirs")
    release = b'{"files": {}, "message": "%s", "tag": ""}'
    ours.put("@releases/00000001", release % b"one")
    theirs.put("@releases/00000001", release % b"one")
    theirs.put("@releases/00000002", release % b"two")
    assert merged(both).is_clean
    assert ours.get("@releases/00000002") == release % b"two"
    ours.put("@releases/00000003", release % b"mine")
    theirs.put("@releases/00000003", release % b"theirs")
    theirs.put("@releases/00000004", release % b"four")
    assert {trouble.code for trouble in merged(both).left} == {"conflict"}
    assert ours.get("@releases/00000004") is None


def test_whoever_is_killed_in_between_leaves_a_clean_store_and_goes_on(tmp_path: Path) -> None:
    for number in range(1, 120):
        training(tmp_path / "theirs", number, content=b"model %d" % number * 4000)
    (tmp_path / "ours").mkdir()
    for pause in (0.5, 0.7, 0.9):
        copying = subprocess.Popen(
            [sys.executable, "-c", AGAIN, str(tmp_path / "ours"), str(tmp_path / "theirs"), str(tmp_path)]
        )
        time.sleep(pause)
        copying.send_signal(signal.SIGKILL)
        copying.wait()
        assert check(upkeep_of(tmp_path / "ours", tmp_path), lambda _: None).is_clean
    merged(tmp_path)
    assert names(tmp_path / "ours") == names(tmp_path / "theirs")
    assert digests(tmp_path / "ours") == digests(tmp_path / "theirs")


def test_a_store_of_the_first_layout_is_read_and_written_in_todays(both: Path) -> None:
    intent, _, _ = training(both / "theirs", 3)
    flat = both / "theirs/records/tiny" / intent.name.partition("/")[2].replace("/", "~")
    nested = both / "theirs/records" / intent.name
    nested.parent.mkdir(parents=True)
    flat.rename(nested)
    merged(both)
    assert (both / "ours/records/tiny" / flat.name).is_file()


def test_what_is_no_store_to_copy_from_is_refused(both: Path) -> None:
    upkeep = upkeep_of(both / "ours", both)
    (both / "ours/pr/7/records").mkdir(parents=True)
    (both / "newer/records").mkdir(parents=True)
    (both / "newer/format.json").write_text('{"format": 3}')
    (both / "empty/records").mkdir(parents=True)
    for source, kind, said in (
        ("absent", UsageError, "is no store"), ("ours", UsageError, "this very store"),
        ("empty", UsageError, "no record"), ("ours/pr/7", UsageError, "pull request"),
        ("newer", ProviderError, "format 3"),
    ):  # fmt: skip
        with pytest.raises(kind, match=said):
            merge(upkeep, str(both / source), Doing.REAL, lambda _: None)


def test_two_at_once_are_one_after_the_other(both: Path) -> None:
    upkeep = upkeep_of(both / "ours", both)
    with upkeep.turn(), pytest.raises(TryAgain, match="at work"), upkeep.turn():
        pass
    with upkeep.turn():
        pass
