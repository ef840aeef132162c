"""The version of a store's layout, and the way from the first to today's."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.files.layout import check, make_ready
from mlops_ci.adapters.files.records import FolderRecords
from mlops_ci.adapters.formats import FORMAT
from mlops_ci.errors import IntegrityError, ProviderError

OLD = {
    "churn/attempts/training-ab-1/intent": b"intent", "churn/attempts/training-ab-1/finished": b"finished",
    "churn/seen/1-ab": b"seen", "churn/tests/staging/cd/ef-000001": b"tested", "parcels/packages/aa": b"packaged",
    "@releases/00000001": b"released",
}  # fmt: skip

MOVE = """
import sys
from pathlib import Path
from mlops_ci.adapters.files.layout import make_ready
make_ready(Path(sys.argv[1]))
"""


def first_layout(store: Path, records: dict[str, bytes]) -> Path:
    """Write a store as the first version did: a folder a part of a record's name."""
    for name, content in records.items():
        place = store / "records" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        place.chmod(0o444)
    return store


def test_the_first_writer_of_a_new_store_says_its_version(tmp_path: Path) -> None:
    FolderRecords(tmp_path / "one").put("a/b", b"{}")
    FolderArtifacts(tmp_path / "two").put(b"a model")
    for store in ("one", "two"):
        assert json.loads((tmp_path / store / "format.json").read_bytes()) == {"format": 2}


def test_reading_writes_nothing(tmp_path: Path) -> None:
    store = first_layout(tmp_path, OLD)
    before = sorted(tmp_path.rglob("*"))
    assert dict(FolderRecords(store).scan("")) == OLD
    assert FolderRecords(store).get("churn/seen/1-ab") == b"seen"
    assert check(store) == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_the_first_writer_of_a_store_of_the_first_layout_moves_its_records(tmp_path: Path) -> None:
    store = first_layout(tmp_path, OLD)
    assert make_ready(store) == 5  # a name of two parts is the same in both layouts
    assert make_ready(store) == 0
    assert check(store) == 2
    assert dict(FolderRecords(store).scan("")) == OLD
    assert list((store / ".tmp").iterdir()) == []
    assert sorted(str(p.relative_to(store / "records")) for p in (store / "records").rglob("*") if p.is_file()) == [
        "@releases/00000001", "churn/attempts~training-ab-1~finished", "churn/attempts~training-ab-1~intent",
        "churn/seen~1-ab", "churn/tests~staging~cd~ef-000001", "parcels/packages~aa",
    ]  # fmt: skip
    assert {p.name for p in (store / "records").rglob("*") if p.is_dir()} == {"@releases", "churn", "parcels"}


def test_putting_into_a_store_of_the_first_layout_brings_it_up_to_date(tmp_path: Path) -> None:
    store = first_layout(tmp_path, OLD)
    assert not FolderRecords(store).put("churn/seen/1-ab", b"again")
    assert FolderRecords(store).put("churn/seen/2-cd", b"new")
    assert check(store) == 2
    assert dict(FolderRecords(store).scan("")) == OLD | {"churn/seen/2-cd": b"new"}


def test_a_record_that_is_there_in_both_layouts_stays_once_and_other_bytes_are_left(tmp_path: Path) -> None:
    store = first_layout(tmp_path, OLD)
    (store / "records/churn/seen~1-ab").write_bytes(b"seen")
    (store / "records/churn/attempts~training-ab-1~intent").write_bytes(b"another")
    make_ready(store)
    assert not (store / "records/churn/seen").exists()
    assert (store / "records/churn/attempts/training-ab-1/intent").read_bytes() == b"intent"
    assert dict(FolderRecords(store).scan("")) == OLD | {"churn/attempts/training-ab-1/intent": b"another"}


def test_where_names_cannot_be_linked_records_are_moved_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "no links here")

    store = first_layout(tmp_path, OLD)
    (store / "records/churn/seen~1-ab").touch()  # where somebody was killed between the two halves
    monkeypatch.setattr(os, "link", refuse)  # the one call that such a file system refuses
    make_ready(store)
    assert dict(FolderRecords(store).scan("")) == OLD


def test_whoever_is_killed_in_between_loses_nothing_and_the_next_goes_on(tmp_path: Path) -> None:
    many = {f"m{number % 7}/attempts/training-{number:05d}-1/intent": b"%d" % number for number in range(1200)}
    store = first_layout(tmp_path, many)
    for pause in (0.08, 0.12, 0.16):
        mover = subprocess.Popen([sys.executable, "-c", MOVE, str(store)])
        time.sleep(pause)
        mover.send_signal(signal.SIGKILL)
        mover.wait()
        assert dict(FolderRecords(store).scan("")) == many
    make_ready(store)
    assert dict(FolderRecords(store).scan("")) == many
    assert check(store) == 2


def test_of_many_who_move_and_read_at_once_nobody_misses_a_record(tmp_path: Path) -> None:
    many = {f"m/attempts/training-{number:05d}-1/intent": b"%d" % number for number in range(800)}
    store = first_layout(tmp_path, many)
    movers = [subprocess.Popen([sys.executable, "-c", MOVE, str(store)]) for _ in range(3)]

    def read(_: int) -> int:
        return sum(1 for _ in FolderRecords(store).scan("m/"))

    with ThreadPoolExecutor(2) as pool:
        while any(mover.poll() is None for mover in movers):
            assert list(pool.map(read, range(2))) == [800, 800]
    assert [mover.returncode for mover in movers] == [0, 0, 0]
    assert not (store / "records/m/attempts").exists()
    assert dict(FolderRecords(store).scan("")) == many


def test_a_store_of_a_newer_version_is_neither_read_nor_written(tmp_path: Path) -> None:
    (tmp_path / "format.json").write_text('{"format": 3}\n')
    for use in (
        lambda: check(tmp_path),
        lambda: FolderRecords(tmp_path).put("a/b", b"{}"),
        lambda: FolderArtifacts(tmp_path).put(b"a model"),
    ):
        with pytest.raises(ProviderError, match="has format 3, and this mlops-ci knows 2") as caught:
            use()
        assert "upgrade" in caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["format.json"]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"format": "two"}', b"\xff"])
def test_a_version_that_cannot_be_read_is_damaged_with_the_command_that_mends_it(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "format.json").write_bytes(content)
    with pytest.raises(IntegrityError) as caught:
        check(tmp_path)
    subprocess.run(["sh", "-c", caught.value.hint.rpartition("where there is none: ")[2]], check=True)
    assert check(tmp_path) == FORMAT
