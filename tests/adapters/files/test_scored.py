"""Rows that are scored: those of `test` always, those of `validation` where a search asks for them."""

from __future__ import annotations

import csv
import io
import tarfile
from pathlib import Path

import pytest

from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.files.datasets import LocalDatasets
from mlops_ci.errors import ManifestError
from mlops_ci.model import Channel, Data
from mlops_ci.testing.trees import MemoryTree

CSV = "text/csv"
BOTH = ("test", "validation")
SPLIT = Data(label="left", path="t.csv", positive="yes", drop=("id",))
NAMED = Data(
    label="left",
    channels=(Channel("train", "tr.csv"), Channel("validation", "va.csv"), Channel("test", "te.csv")),
)


@pytest.fixture
def datasets(tmp_path: Path) -> LocalDatasets:
    return LocalDatasets(tmp_path / "datasets", tmp_path / "cache.json", tmp_path, FolderArtifacts(tmp_path / "store"))


def one_table() -> MemoryTree:
    rows = "".join(f"{n},{'ab'[n % 2]},{n * 7},{('yes', 'no')[n % 3 == 0]}\n" for n in range(80))
    return MemoryTree({"m/t.csv": f"id,group,size,left\n{rows}".encode()})


def three_tables(validation: str) -> MemoryTree:
    return MemoryTree({
        "m/tr.csv": b"a,left\n1,yes\n2,no\n",
        "m/va.csv": validation.encode(),
        "m/te.csv": b"a,left,region\n3,yes,north\n4,no,south\n",
    })  # fmt: skip


def table(place: Path) -> list[list[str]]:
    with place.open(newline="") as text:
        return list(csv.reader(text))


def test_validation_rows_are_written_as_requests_carry_them_beside_what_a_job_sees(datasets: LocalDatasets) -> None:
    made = datasets.materialize(SPLIT, one_table(), "m", ("group",), CSV, scored=BOTH)

    assert made.validation is not None
    header, *shown = table(Path(made.channels[1].location, "validation.csv"))
    assert header == ["group", "size", "left"]
    assert len(shown) > 3
    assert made.validation.labels == tuple(row[2] for row in shown)
    assert made.validation.slices == (("group", tuple(row[0] for row in shown)),)
    assert table(Path(made.validation.rows)) == [row[:2] for row in shown]
    assert [channel.name for channel in made.channels] == ["train", "validation"]
    assert sorted(path.name for path in Path(made.channels[1].location).iterdir()) == ["validation.csv"]


def test_scoring_on_validation_changes_no_test_row_and_is_built_once(datasets: LocalDatasets) -> None:
    plain = datasets.materialize(SPLIT, one_table(), "m", (), CSV)
    both = datasets.materialize(SPLIT, one_table(), "m", (), CSV, scored=BOTH)

    assert plain.validation is None
    assert both == datasets.materialize(SPLIT, one_table(), "m", (), CSV, scored=BOTH)
    assert Path(both.test.rows).read_bytes() == Path(plain.test.rows).read_bytes()
    assert both.test.labels == plain.test.labels


def test_a_validation_table_may_lack_a_slice_and_have_its_columns_in_another_order(datasets: LocalDatasets) -> None:
    files = three_tables("left,a\nyes,5\nno,6\n")
    made = datasets.materialize(NAMED, files, "m", ("region",), CSV, scored=BOTH)

    assert made.validation is not None
    assert made.validation.slices == ()
    assert made.validation.labels == ("yes", "no")
    assert table(Path(made.validation.rows)) == [["5"], ["6"]]


def test_a_validation_row_without_a_label_is_told_only_where_rows_are_scored(datasets: LocalDatasets) -> None:
    files = three_tables("a,left\n5,\n6,no\n")
    with pytest.raises(ManifestError) as caught:
        datasets.materialize(NAMED, files, "m", ("region",), CSV, scored=BOTH)

    assert [(p.code, p.summary, p.span.line) for p in caught.value.diagnostics] == [
        ("missing-label", "a validation row has no label", 2)
    ]
    assert datasets.materialize(NAMED, files, "m", ("region",), CSV).validation is None


def test_what_a_processing_script_left_as_validation_is_scored_too(datasets: LocalDatasets) -> None:
    def packed(text: str) -> str:
        made = io.BytesIO()
        with tarfile.open(fileobj=made, mode="w") as archive:
            member = tarfile.TarInfo("rows.csv")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
        return datasets.artifacts.put(made.getvalue())

    texts = {"train": "a,left\n1,yes\n2,no\n", "validation": "a,left\n7,no\n8,yes\n", "test": "a,left\n3,yes\n"}
    outputs = tuple((name, packed(text)) for name, text in texts.items())
    made = datasets.adopt(Data(label="left", path="raw.csv"), outputs, (), CSV, scored=BOTH)

    assert made.validation is not None
    assert made.validation.labels == ("no", "yes")
    assert table(Path(made.validation.rows)) == [["7"], ["8"]]
    without = datasets.adopt(Data(label="left", path="raw.csv"), (outputs[0], outputs[2]), (), CSV, scored=BOTH)
    assert without.validation is None
