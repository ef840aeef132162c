"""Data on S3 in datasets: known by a listing, fetched when it is read, refused when it moved."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from mlops_ci.adapters.files.datasets import LocalDatasets
from mlops_ci.adapters.files.listings import Listings
from mlops_ci.adapters.local.spreading import WORTH, spread
from mlops_ci.errors import InputsMoved, ManifestError
from mlops_ci.model import Channel, Data, Pin, Split
from mlops_ci.ports.far import FarObject, Unasked
from tests.adapters.files.sample import CSV, EMPTY, table, tree


@dataclass
class Objects:
    """`FarObjects` in a folder: `s3://bucket/x` is `root/x`; every listing and every fetch is noted down."""

    root: Path
    log: Path
    fetched: list[str] = field(default_factory=list)

    def listed(self, address: str) -> tuple[FarObject, ...]:
        with self.log.open("a") as out:
            out.write(f"{address}\n")
        place = self.root / address.removeprefix("s3://bucket/")
        files = [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())
        return tuple(self._object(path, place) for path in files)

    def _object(self, path: Path, place: Path) -> FarObject:
        content = path.read_bytes()
        name = path.name if path == place else path.relative_to(place).as_posix()
        tag = hashlib.sha256(content).hexdigest()
        return FarObject(f"s3://bucket/{path.relative_to(self.root).as_posix()}", name, len(content), tag)

    def fetch(self, found: FarObject, to: Path) -> None:
        self.fetched.append(found.address)
        shutil.copyfile(self.root / found.address.removeprefix("s3://bucket/"), to)

    @property
    def listings(self) -> list[str]:
        return self.log.read_text().split() if self.log.exists() else []


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    (tmp_path / "bucket/train").mkdir(parents=True)
    made = Objects(tmp_path / "bucket", tmp_path / "asked")
    (made.root / "t.csv").write_text(table())
    (made.root / "train/1.csv").write_text("a,left\n1,yes\n2,no\n")
    (made.root / "train/2.csv").write_text("a,left\n3,yes\n")
    (made.root / "test.csv").write_text("a,left\n4,no\n5,yes\n")
    return made


@pytest.fixture
def far(datasets: LocalDatasets, objects: Objects) -> LocalDatasets:
    return replace(datasets, listings=Listings(objects))


TABLE = Data(label="left", path="s3://bucket/t.csv", positive="yes", drop=("id",), version=(Pin("", "latest"),))
CHANNELS = Data(
    label="left",
    channels=(Channel("train", "s3://bucket/train"), Channel("test", "s3://bucket/test.csv")),
    version=(Pin("", "latest"),),
)


def again(far: LocalDatasets, objects: Objects) -> LocalDatasets:
    """Return the datasets as the next command has them."""
    return replace(far, listings=Listings(objects))


def test_a_table_on_s3_gives_the_dataset_that_the_same_bytes_in_the_project_give(
    far: LocalDatasets, objects: Objects
) -> None:
    near = far.materialize(replace(TABLE, path="t.csv", version=()), tree(t__csv=table()), "m", ("group",), CSV)
    found = far.materialize(TABLE, EMPTY, "m", ("group",), CSV)
    assert (found.features, found.counts, found.test.labels) == (near.features, near.counts, near.test.labels)
    for one, other in zip(found.channels, near.channels, strict=True):
        assert one.name == other.name
        assert (
            Path(one.location, f"{one.name}.csv").read_bytes() == Path(other.location, f"{one.name}.csv").read_bytes()
        )
    again(far, objects).materialize(TABLE, EMPTY, "m", ("group",), CSV)
    assert objects.fetched == ["s3://bucket/t.csv"], "a second command finds the dataset"


def test_nothing_is_fetched_for_digests_and_each_address_is_listed_once_a_command(
    far: LocalDatasets, objects: Objects
) -> None:
    first = far.digests(TABLE, EMPTY, "m")
    assert far.digests(replace(TABLE, drop=()), EMPTY, "other") == first
    assert [one.now for one in far.far(TABLE)] == [first[0][1].removeprefix("s3:")]
    assert objects.listings == ["s3://bucket/t.csv"]
    assert objects.fetched == []


def test_children_share_what_one_of_them_listed(far: LocalDatasets, objects: Objects) -> None:
    found = spread(lambda _: (os.getpid(), far.digests(CHANNELS, EMPTY, "m")), range(2 * WORTH), cores=3)
    assert len({process for process, _ in found}) == 3
    assert len({digests for _, digests in found}) == 1
    assert sorted(objects.listings) == ["s3://bucket/test.csv", "s3://bucket/train"]


def test_a_version_follows_names_and_contents_and_not_the_place(far: LocalDatasets, objects: Objects) -> None:
    before = dict(far.digests(CHANNELS, EMPTY, "m"))
    shutil.copytree(objects.root / "train", objects.root / "moved")
    moved = replace(CHANNELS, channels=(Channel("train", "s3://bucket/moved"), CHANNELS.channels[1]))
    assert dict(far.digests(moved, EMPTY, "m")) == before
    (objects.root / "train/2.csv").write_text("a,left\n3,no\n")
    after = dict(again(far, objects).digests(CHANNELS, EMPTY, "m"))
    assert after["train"] != before["train"]
    assert after["test"] == before["test"]


def test_what_is_pinned_is_known_without_a_look_and_is_what_latest_was(far: LocalDatasets, objects: Objects) -> None:
    latest = dict(far.digests(CHANNELS, EMPTY, "m"))
    pins = tuple(Pin(name, digest.removeprefix("s3:")) for name, digest in latest.items())
    pinned = replace(CHANNELS, version=pins)
    asked = len(objects.listings)
    command = again(far, objects)
    assert dict(command.digests(pinned, EMPTY, "m")) == latest
    assert len(objects.listings) == asked
    (objects.root / "train/1.csv").write_text("a,left\n1,no\n")
    assert dict(command.digests(pinned, EMPTY, "m")) == latest
    assert [(one.channel, one.is_moved) for one in command.far(pinned)] == [("train", True), ("test", False)]


def test_data_that_moved_since_it_was_pinned_is_refused_with_the_verb_that_pins(
    far: LocalDatasets, objects: Objects
) -> None:
    version = far.far(TABLE)[0].now
    pinned = replace(TABLE, version=(Pin("", version),))
    far.materialize(pinned, EMPTY, "m", (), CSV)
    (objects.root / "t.csv").write_text(table(61))
    command = again(far, objects)
    for ask in (lambda: command.materialize(pinned, EMPTY, "m", (), CSV), lambda: command.unmoved(pinned)):
        with pytest.raises(InputsMoved, match="moved since it was pinned") as caught:
            ask()
        assert "mlops-ci data pin" in caught.value.hint
        assert version[:12] in caught.value.summary


def test_data_that_moves_while_a_command_runs_is_refused(far: LocalDatasets, objects: Objects) -> None:
    far.digests(TABLE, EMPTY, "m")
    (objects.root / "t.csv").write_text(table(61))
    with pytest.raises(InputsMoved, match="moved since this command began"):
        far.materialize(TABLE, EMPTY, "m", (), CSV)
    (objects.root / "t.csv").unlink()
    with pytest.raises(InputsMoved, match="-> nothing"):
        far.unmoved(TABLE)


def test_nothing_at_an_address_is_told_as_missing_data(far: LocalDatasets) -> None:
    data = replace(TABLE, path="s3://bucket/nothing.csv")
    for ask in (lambda: far.digests(data, EMPTY, "m"), lambda: far.far(data)):
        with pytest.raises(ManifestError) as caught:
            ask()
        assert [found.code for found in caught.value.diagnostics] == ["missing-data"]


def test_channels_on_s3_and_in_the_project_go_together(far: LocalDatasets) -> None:
    data = replace(CHANNELS, channels=(CHANNELS.channels[0], Channel("test", "te.csv")))
    found = far.materialize(data, tree(te__csv="left,a\nyes,9\n"), "m", (), CSV)
    assert dict(found.counts) == {"train": 3, "test": 1}
    assert [channel.name for channel in found.channels] == ["train"]


def test_a_job_finds_what_is_on_s3_in_a_folder_or_reads_the_address_itself(
    far: LocalDatasets, objects: Objects
) -> None:
    folder = Path(far.locate("s3://bucket/train"))
    assert sorted(path.name for path in folder.iterdir()) == ["1.csv", "2.csv"]
    assert Path(far.locate("s3://bucket/t.csv")).read_text() == table()
    asked = len(objects.fetched)
    assert far.locate("s3://bucket/train") == str(folder)
    assert len(objects.fetched) == asked
    assert replace(far, is_far_read=True).locate("s3://bucket/train") == "s3://bucket/train"


def test_where_nobody_may_be_asked_a_version_is_unknown_and_no_problem(datasets: LocalDatasets) -> None:
    unasked = replace(datasets, listings=Listings(Unasked()))
    assert [(one.version, one.now, one.is_moved) for one in unasked.far(TABLE)] == [("latest", "", False)]
    pinned = replace(TABLE, version=(Pin("", "0" * 32),))
    assert unasked.digests(pinned, EMPTY, "m") == (("data", f"s3:{'0' * 32}"),)
    assert not unasked.far(pinned)[0].is_moved


def test_a_split_takes_each_row_to_one_side(far: LocalDatasets) -> None:
    data = replace(TABLE, split=Split(0.5, 0.0, 0.5))
    found = far.materialize(data, EMPTY, "m", (), CSV)
    assert sum(count for _, count in found.counts) == 60
