"""A store of one's own over one that is only read."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.files.layers import LayeredArtifacts, LayeredRecords, own_store, own_stores, stamp
from mlops_ci.adapters.files.records import FolderRecords
from mlops_ci.ports.stores import ArtifactStore, RecordStore
from tests.contracts.artifacts import ArtifactsContract
from tests.contracts.records import RecordsContract


class TestLayeredRecords(RecordsContract):
    @pytest.fixture
    def records(self, tmp_path: Path) -> RecordStore:
        return LayeredRecords(FolderRecords(tmp_path / "own"), FolderRecords(tmp_path / "below"))


class TestLayeredArtifacts(ArtifactsContract):
    @pytest.fixture
    def artifacts(self, tmp_path: Path) -> ArtifactStore:
        return LayeredArtifacts(FolderArtifacts(tmp_path / "own"), FolderArtifacts(tmp_path / "below"))


def test_what_is_below_is_read_and_never_written(tmp_path: Path) -> None:
    own, below = FolderRecords(tmp_path / "own"), FolderRecords(tmp_path / "below")
    below.put("a/1", b"theirs")
    records = LayeredRecords(own, below)
    assert records.get("a/1") == b"theirs"
    assert not records.put("a/1", b"mine")
    assert records.put("a/2", b"mine")
    assert list(records.scan("a/")) == [("a/1", b"theirs"), ("a/2", b"mine")]
    assert list(below.scan("")) == [("a/1", b"theirs")]
    assert list(own.scan("")) == [("a/2", b"mine")]


def test_of_one_name_the_own_record_has_the_say(tmp_path: Path) -> None:
    own, below = FolderRecords(tmp_path / "own"), FolderRecords(tmp_path / "below")
    own.put("a/1", b"mine")
    below.put("a/1", b"theirs, later")
    assert list(LayeredRecords(own, below).scan("")) == [("a/1", b"mine")]


def test_bytes_are_fetched_from_below_and_kept_above(tmp_path: Path) -> None:
    own, below = FolderArtifacts(tmp_path / "own"), FolderArtifacts(tmp_path / "below")
    artifacts = LayeredArtifacts(own, below)
    assert artifacts.fetch(below.put(b"theirs")).read_bytes() == b"theirs"
    assert not below.has(artifacts.put(b"mine"))


def test_stores_of_pull_requests_that_need_not_end_to_read_are_left_out(tmp_path: Path) -> None:
    for name in ("1", "2", "3", "4", "5"):
        FolderRecords(own_store(tmp_path, name)).put("a/1", b"{}")
    (own_store(tmp_path, "2") / "records/a/zero").symlink_to("/dev/zero")
    os.mkfifo(own_store(tmp_path, "3") / "records/a/pipe")
    (own_store(tmp_path, "4") / "more").symlink_to("/etc")
    with (own_store(tmp_path, "5") / "records/a/large").open("wb") as large:
        large.truncate(1 << 40)
    (tmp_path / "pr/6").symlink_to(own_store(tmp_path, "1"))
    assert own_stores(tmp_path) == (("1", tmp_path / "pr/1"),)
    assert own_stores(tmp_path / "nothing") == ()


def test_a_stamp_is_another_one_with_whatever_comes_or_goes(tmp_path: Path) -> None:
    own = own_store(tmp_path, "12")
    seen = [stamp(tmp_path)]
    FolderRecords(own).put("a/1", b"x")
    seen.append(stamp(tmp_path))
    (own / "records/b").symlink_to(own / "records/a")  # of which the store is no plain one any more
    assert own_stores(tmp_path) == ()
    seen.append(stamp(tmp_path))
    assert len({*seen}) == 3
    (own / "records/b").unlink()
    assert stamp(tmp_path) == seen[1]


def test_stores_are_looked_at_while_others_write_to_them(tmp_path: Path) -> None:
    folder = own_store(tmp_path, "12") / "records"
    folder.mkdir(parents=True)

    def come_and_go() -> None:
        for at in range(20_000):
            place = folder / f"draft-{at % 50}"
            place.touch()
            place.unlink()

    with ThreadPoolExecutor() as pool:
        others = pool.submit(come_and_go)
        while not others.done():
            stamp(tmp_path)
            assert [name for name, _ in own_stores(tmp_path)] == ["12"]
