"""Datasets from real files: what training sees, and what a request carries."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest

from mlops_ci.adapters.files.datasets import LocalDatasets
from mlops_ci.errors import ManifestError
from mlops_ci.fingerprint.split import row_key, side
from mlops_ci.model import Data, Split
from mlops_ci.ports.datasets import Dataset
from mlops_ci.resources import folder as resource
from tests.adapters.files.sample import CHANNELS, CSV, DATA, named, table, tree


def lines(dataset: Dataset, channel: str) -> list[list[str]]:
    location = next(c.location for c in dataset.channels if c.name == channel)
    with Path(location, f"{channel}.csv").open(newline="") as file:
        return list(csv.reader(file))


def test_a_table_is_split_as_the_hash_of_each_row_says(datasets: LocalDatasets) -> None:
    made = datasets.materialize(DATA, tree(t__csv=table()), "m", (), CSV)
    rows = list(csv.reader(io.StringIO(table())))[1:]
    wanted = {
        name: [r[1:] for r in rows if side(row_key(r), Split()) == name] for name in ("train", "validation", "test")
    }
    assert lines(made, "train") == [["group", "size", "left"], *wanted["train"]]
    assert lines(made, "validation") == [["group", "size", "left"], *wanted["validation"]]
    assert Path(made.test.rows).read_text() == "".join(f"{r[0]},{r[1]}\n" for r in wanted["test"])
    assert made.test.labels == tuple(r[2] for r in wanted["test"])
    assert made.features == ("group", "size")
    assert made.counts == tuple((name, len(found)) for name, found in wanted.items())
    assert [channel.name for channel in made.channels] == ["train", "validation"]


def test_a_key_decides_the_side_so_that_one_customer_is_never_on_two(datasets: LocalDatasets) -> None:
    data = Data(label="left", path="t.csv", key=("group",), split=Split(0.5, 0.0, 0.5))
    rows = "".join(f"{at % 20},{at},{at % 2}\n" for at in range(200))
    made = datasets.materialize(data, tree(t__csv="group,size,left\n" + rows), "m", (), CSV)
    trained = {row[0] for row in lines(made, "train")[1:]}
    tested = {line.split(",")[0] for line in Path(made.test.rows).read_text().splitlines()}
    assert trained
    assert tested
    assert not trained & tested
    assert [channel.name for channel in made.channels] == ["train"]


def test_slices_may_be_dropped_columns_and_are_in_the_order_of_the_rows(datasets: LocalDatasets) -> None:
    made = datasets.materialize(DATA, tree(t__csv=table()), "m", ("id", "group"), CSV)
    slices = dict(made.test.slices)
    assert tuple(made.test.slices[at][0] for at in (0, 1)) == ("id", "group")
    assert len(slices["id"]) == len(made.test.labels)
    for number, group, label in zip(slices["id"], slices["group"], made.test.labels, strict=True):
        assert group == "ab"[int(number) % 2]
        assert label == ("yes" if int(number) % 3 == 0 else "no")


def test_the_same_inputs_are_built_once_and_moving_the_file_builds_nothing(datasets: LocalDatasets) -> None:
    one = datasets.materialize(DATA, tree(t__csv=table()), "m", (), CSV)
    before = Path(one.test.rows).stat().st_ino
    again = datasets.materialize(DATA, tree(t__csv=table()), "m", (), CSV)
    moved = datasets.materialize(
        Data(label="left", path="other.csv", positive="yes", drop=("id",)), tree(other__csv=table()), "m", (), CSV
    )
    assert one == again == moved
    assert Path(moved.test.rows).stat().st_ino == before
    assert len(list(datasets.root.iterdir())) == 1


def test_deleting_the_folder_gives_the_same_bytes_again(datasets: LocalDatasets) -> None:
    def content(made: Dataset) -> dict[str, bytes]:
        root = Path(made.test.rows).parent.parent
        return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}

    first = content(datasets.materialize(DATA, tree(t__csv=table()), "m", ("group",), CSV))
    elsewhere = LocalDatasets(datasets.root / "again", datasets.cache, datasets.project, datasets.artifacts)
    assert content(elsewhere.materialize(DATA, tree(t__csv=table()), "m", ("group",), CSV)) == first


def test_a_job_that_is_shown_the_files_themselves_cannot_write_to_them(datasets: LocalDatasets) -> None:
    made = datasets.materialize(DATA, tree(t__csv=table()), "m", (), CSV)
    files = [place for channel in made.channels for place in Path(channel.location).iterdir()]
    assert not any(place.stat().st_mode & 0o222 for place in [*files, Path(made.test.rows)])


def test_a_job_finds_project_files_below_the_project(datasets: LocalDatasets) -> None:
    assert datasets.locate("m/t.csv") == str(datasets.project / "m" / "t.csv")
    assert datasets.locate("/data/t.csv") == "/data/t.csv"


@pytest.mark.parametrize(
    "changed",
    [
        Data(label="left", path="t.csv", positive="yes"),
        Data(label="left", path="t.csv", positive="yes", drop=("id",), key=("id",)),
        Data(label="left", path="t.csv", positive="yes", drop=("id",), split=Split(salt="x")),
    ],
)
def test_another_data_section_is_another_dataset(datasets: LocalDatasets, changed: Data) -> None:
    one = datasets.materialize(DATA, tree(t__csv=table()), "m", (), CSV)
    assert datasets.materialize(changed, tree(t__csv=table()), "m", (), CSV).test.rows != one.test.rows


def test_gzip_changes_nothing_but_the_digest(datasets: LocalDatasets) -> None:
    packed = Data(label="left", path="t.csv.gz", positive="yes", drop=("id",))
    one = datasets.materialize(packed, tree(t__csv__gz=gzip.compress(table().encode(), mtime=0)), "m", (), CSV)
    assert one.test.labels == datasets.materialize(DATA, tree(t__csv=table()), "m", (), CSV).test.labels


def test_requests_carry_json_objects_where_jsonlines_are_asked_for(datasets: LocalDatasets) -> None:
    rows = "".join(f'{at},"a, ""b""",,00{at}\n' for at in range(40))
    data = Data(label="left", path="t.csv")
    made = datasets.materialize(data, tree(t__csv="left,word,gap,code\n" + rows), "m", (), "application/jsonlines")
    first = json.loads(Path(made.test.rows).read_text().splitlines()[0])
    assert first == {"word": 'a, "b"', "gap": None, "code": f"00{made.test.labels[0]}"}
    assert Path(made.test.rows).name == "rows.jsonl"


def test_json_lines_keep_their_values_in_training_and_become_cells_in_csv_requests(datasets: LocalDatasets) -> None:
    rows = [{"n": at / 2, "ok": at % 2 == 0, "none": None, "left": at % 2} for at in range(60)]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    made = datasets.materialize(Data(label="left", path="t.jsonl", positive="1"), tree(t__jsonl=text), "m", (), CSV)
    train = Path(made.channels[0].location, "train.jsonl").read_text().splitlines()
    assert json.loads(train[0]).keys() == rows[0].keys()
    assert all(json.loads(line) in rows for line in train)
    number, ok, none = Path(made.test.rows).read_text().splitlines()[0].split(",")
    assert (ok, none) == ("true" if (float(number) * 2) % 2 == 0 else "false", "")
    assert set(made.test.labels) == {"0", "1"}


def test_named_channels_are_taken_as_they_are_in_the_order_of_trainings_columns(datasets: LocalDatasets) -> None:
    made = datasets.materialize(CHANNELS, named(), "m", ("region",), CSV)
    assert lines(made, "train") == [["a", "b", "left"], ["2", "3", "yes"], ["5", "6", "no"]]
    assert lines(made, "validation") == [["a", "b", "left"], ["7", "8", "no"], ["9", "9", "yes"]]
    assert Path(made.test.rows).read_text() == "20,30\n50,60\n"
    assert made.test.labels == ("yes", "no")
    assert made.test.slices == (("region", ("north", "south")),)
    assert [channel.name for channel in made.channels] == ["train", "validation", "words"]
    words = Path(made.channels[2].location)
    assert (words / "list.txt").read_text() == "hello"
    assert (words / "deep" / "er.bin").read_bytes() == b"\x01"


def packed(**files: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name.replace("__", "."))
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content.encode()))
    return out.getvalue()


def test_the_outputs_of_processing_are_channels(datasets: LocalDatasets) -> None:
    outputs = (
        ("train", datasets.artifacts.put(packed(a__csv="a,left\n1,yes\n2,no\n"))),
        ("test", datasets.artifacts.put(packed(t__csv="left,a\nyes,3\n"))),
        ("words", datasets.artifacts.put(packed(w__txt="hi"))),
    )
    data = Data(label="left", path="raw.csv", drop=("gone",), key=("gone",))
    made = datasets.adopt(data, outputs, (), CSV)
    assert made.counts == (("train", 2), ("test", 1))
    assert Path(made.test.rows).read_text() == "3\n"
    assert Path(made.channels[1].location, "w.txt").read_text() == "hi"
    assert datasets.adopt(data, outputs, (), CSV) == made
    with pytest.raises(ManifestError) as caught:
        datasets.adopt(data, outputs[:1], (), CSV)
    assert [d.code for d in caught.value.diagnostics] == ["missing-channel"]


def test_the_churn_table_is_split_as_it_always_was(datasets: LocalDatasets) -> None:
    """Golden: the counts that the README's figures rest on."""
    content = (resource("pipelines") / "churn" / "data" / "churn.csv").read_bytes()
    data = Data(label="churn", path="t.csv", positive="yes", drop=("total_day_charge",))
    made = datasets.materialize(data, tree(t__csv=content), "m", ("international_plan",), CSV)
    assert made.counts == (("train", 3537), ("validation", 695), ("test", 768))
    assert made.test.labels.count("yes") == 94
