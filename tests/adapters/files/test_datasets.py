"""Datasets from real files: what training sees, what a request carries, and what is told of bad tables."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from mlops_ci.adapters.files.datasets import LocalDatasets
from mlops_ci.diagnostics import Diagnostic
from mlops_ci.errors import InputsMoved, ManifestError, ProviderError
from mlops_ci.fingerprint.canonical import blob_id
from mlops_ci.fingerprint.split import row_key, side
from mlops_ci.model import Channel, Data, Split
from mlops_ci.ports.datasets import Dataset, Datasets
from mlops_ci.resources import folder as resource
from mlops_ci.testing.trees import MemoryTree
from tests.words.stores import Folder

CSV = "text/csv"
EMPTY = MemoryTree({})


@pytest.fixture
def datasets(tmp_path: Path) -> LocalDatasets:
    project = tmp_path / "project"
    project.mkdir()
    return LocalDatasets(
        root=tmp_path / "datasets", cache=tmp_path / "cache.json", project=project, artifacts=Folder(tmp_path / "kept")
    )


def table(count: int = 60) -> str:
    lines = [f"{at},{'ab'[at % 2]},{at * 1.5},{'yes' if at % 3 == 0 else 'no'}" for at in range(count)]
    return "\n".join(["id,group,size,left", *lines]) + "\n"


def tree(**files: str | bytes) -> MemoryTree:
    """Return a snapshot with these files in the folder `m`; `__` stands for a dot in a name."""
    held = {f"m/{name.replace('__', '.')}": c.encode() if isinstance(c, str) else c for name, c in files.items()}
    return MemoryTree(held)


def lines(dataset: Dataset, channel: str) -> list[list[str]]:
    location = next(c.location for c in dataset.channels if c.name == channel)
    with Path(location, f"{channel}.csv").open(newline="") as file:
        return list(csv.reader(file))


def problems(datasets: Datasets, data: Data, files: MemoryTree, *slices: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(ManifestError) as caught:
        datasets.materialize(data, files, "m", slices, CSV)
    return caught.value.diagnostics


DATA = Data(label="left", path="t.csv", positive="yes", drop=("id",))


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


def test_a_job_finds_project_files_below_the_project_and_addresses_as_they_are(datasets: LocalDatasets) -> None:
    assert datasets.locate("m/t.csv") == str(datasets.project / "m" / "t.csv")
    assert datasets.locate("/data/t.csv") == "/data/t.csv"
    assert datasets.locate("s3://bucket/key") == "s3://bucket/key"


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


CHANNELS = Data(
    label="left",
    drop=("id",),
    channels=(
        Channel("train", "tr.csv"),
        Channel("test", "te.csv"),
        Channel("words", "w"),
        Channel("validation", "va"),
    ),
)


def named(**changes: str) -> MemoryTree:
    files = {
        "m/tr.csv": "id,a,b,left\n1,2,3,yes\n4,5,6,no\n",
        "m/te.csv": "left,b,a,region\nyes,30,20,north\nno,60,50,south\n",
        "m/va/1.csv": "left,a,b\nno,7,8\n",
        "m/va/2.csv": "left,a,b\nyes,9,9\n",
        "m/va/.hidden": "x",
        "m/w/list.txt": "hello",
        "m/w/deep/er.bin": "\x01",
        **changes,
    }
    return MemoryTree({path: content.encode() for path, content in files.items()})


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


def test_digests_are_gits_own_where_git_knows_the_file(datasets: LocalDatasets) -> None:
    found = dict(datasets.digests(CHANNELS, named(), "m"))
    assert found["train"] == blob_id(b"id,a,b,left\n1,2,3,yes\n4,5,6,no\n")
    assert dict(datasets.digests(CHANNELS, named(**{"m/va/.hidden": "y"}), "m")) == found
    changed = dict(datasets.digests(CHANNELS, named(**{"m/va/2.csv": "left,a,b\nno,9,9\n"}), "m"))
    assert {name for name in found if found[name] != changed[name]} == {"validation"}


def test_files_that_git_does_not_know_are_known_by_sha256(datasets: LocalDatasets, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere.csv"
    outside.write_text(table())
    data = Data(label="left", path=str(outside), positive="yes", drop=("id",))
    wanted = hashlib.sha256(table().encode()).hexdigest()
    assert datasets.digests(data, EMPTY, "m") == (("data", f"sha256:{wanted}"),)
    (datasets.project / "m").mkdir()
    (datasets.project / "m" / "t.csv").write_text(table())
    assert datasets.digests(DATA, EMPTY, "m") == (("data", f"sha256:{wanted}"),)
    inside = datasets.materialize(DATA, EMPTY, "m", (), CSV)
    assert inside == datasets.materialize(data, EMPTY, "m", (), CSV)
    outside.write_text(table(61))
    assert datasets.digests(data, EMPTY, "m") != (("data", f"sha256:{wanted}"),)


def test_the_snapshots_file_counts_even_where_the_disk_has_another(datasets: LocalDatasets) -> None:
    (datasets.project / "m").mkdir()
    (datasets.project / "m" / "t.csv").write_text("edited,left\n")
    made = datasets.materialize(DATA, tree(t__csv=table()), "m", (), CSV)
    assert made.features == ("group", "size")


def test_bytes_that_are_not_those_of_their_blob_are_refused(datasets: LocalDatasets) -> None:
    class Moving(MemoryTree):
        """A working tree in which somebody saves the file just after its digest was taken."""

        def blobs(self, prefix: str) -> tuple[tuple[str, str], ...]:
            return (("m/t.csv", blob_id(b"what it was")),)

    with pytest.raises(InputsMoved):
        datasets.materialize(DATA, Moving(tree(t__csv=table()).files), "m", (), CSV)
    assert not list(datasets.root.iterdir())


def test_a_row_of_another_length_is_told_with_its_line_and_all_of_them_are(datasets: LocalDatasets) -> None:
    bad = 'id,group,size,left\n1,"two\nlines",3,yes\n1,2\n\n1,2,3,yes,5\n'
    found = problems(datasets, DATA, tree(t__csv=bad))
    assert [(d.code, str(d.span)) for d in found] == [("ragged-row", "m/t.csv:4:1"), ("ragged-row", "m/t.csv:6:1")]
    assert found[0].summary == "this row has 2 cells, and the header 4"
    assert found[0].excerpt == "1,2"


def test_twenty_problems_are_enough(datasets: LocalDatasets) -> None:
    assert len(problems(datasets, DATA, tree(t__csv="id,group,size,left\n" + "1,2\n" * 5000))) == 20


def test_missing_columns_are_told_by_their_role_with_the_nearest_name(datasets: LocalDatasets) -> None:
    data = Data(label="lefft", path="t.csv", drop=("idd",), key=("who",))
    found = problems(datasets, data, tree(t__csv=table()), "grup")
    assert [(d.code, d.summary.split(" is ")[0], d.hint) for d in found] == [
        ("missing-column", "the label `lefft`", "did you mean `left`?"),
        ("missing-column", "key column `who`", ""),
        ("missing-column", "dropped column `idd`", "did you mean `id`?"),
        ("missing-column", "slice `grup`", "did you mean `group`?"),
    ]
    assert all(str(d.span).startswith("m/t.csv:1:1") for d in found)


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"", "no-header", 0),
        (b"id,id,left\n1,2,3\n", "duplicate-column", 1),
        (b"id,left\n1,yes\n2,n\xffo\n", "not-utf-8", 3),
        (b"id,left\n1,yes\n2,n\0o\n", "nul-byte", 3),
        (b'id,left\n1,yes\n2,"no\n', "bad-csv", 3),
        (b"id,left\n1,maybe\n" * 2, "unknown-positive", 0),
        (b"id,left\n", "empty-side", 0),
    ],
)
def test_bad_tables_are_told_with_a_place(datasets: LocalDatasets, content: bytes, code: str, line: int) -> None:
    found = problems(datasets, Data(label="left", path="t.csv", positive="yes"), tree(t__csv=content))
    assert (code, line) in [(d.code, d.span.line) for d in found]
    assert all(d.span.path == "m/t.csv" for d in found)
    assert not list(datasets.root.iterdir())


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b'{"a": 1, "left": 0}\n{"a": 2}\n', "ragged-row", 2),
        (b'{"a": 1, "left": 0}\n[1, 2]\n', "bad-json", 2),
        (b'{"a": 1, "left": 0}\n\n{"a": 1, "left"\n', "bad-json", 3),
        (b"\n", "no-rows", 0),
    ],
)
def test_bad_json_lines_are_told_with_a_place(datasets: LocalDatasets, content: bytes, code: str, line: int) -> None:
    found = problems(datasets, Data(label="left", path="t.jsonl"), tree(t__jsonl=content))
    assert (code, line) in [(d.code, d.span.line) for d in found]


def test_a_test_row_without_a_label_is_told_and_a_training_row_is_the_scripts_concern(datasets: LocalDatasets) -> None:
    files = named(**{"m/te.csv": "left,b,a,region\n ,30,20,north\nno,60,50,south\n"})
    found = problems(datasets, CHANNELS, files, "region")
    assert [(d.code, str(d.span)) for d in found] == [("missing-label", "m/te.csv:2:1")]
    trained = named(**{"m/tr.csv": "id,a,b,left\n1,2,3,\n4,5,6,no\n"})
    assert datasets.materialize(CHANNELS, trained, "m", ("region",), CSV).counts[0] == ("train", 2)


def test_columns_that_training_does_not_know_are_refused_in_the_other_channels(datasets: LocalDatasets) -> None:
    found = problems(datasets, CHANNELS, named(), *())
    assert [(d.code, d.span.path) for d in found] == [("unknown-column", "m/te.csv")]
    found = problems(datasets, CHANNELS, named(**{"m/va/1.csv": "left,a\nno,7\n"}), "region")
    assert [(d.code, d.span.path) for d in found] == [("missing-column", "m/va/1.csv")]


def test_files_of_one_channel_share_one_header(datasets: LocalDatasets) -> None:
    found = problems(datasets, CHANNELS, named(**{"m/va/2.csv": "a,left,b\n1,yes,2\n"}), "region")
    assert [(d.code, d.span.path) for d in found] == [("another-header", "m/va/2.csv")]


def test_what_cannot_be_read_here_is_told(datasets: LocalDatasets) -> None:
    (found,) = problems(datasets, Data(label="left", path="t.parquet"), tree(t__parquet=b"PAR1"))
    assert found.summary == "Parquet cannot be read here"
    (found,) = problems(datasets, Data(label="left", path="nothing.csv"), EMPTY)
    assert (found.code, found.span.path) == ("missing-data", "m/nothing.csv")
    (found,) = problems(datasets, Data(label="left", path="t.csv.gz"), tree(t__csv__gz=gzip.compress(b"a,left\n")[:-4]))
    assert found.code == "bad-gzip"
    with pytest.raises(ProviderError, match="s3://bucket/key"):
        datasets.materialize(Data(label="left", path="s3://bucket/key"), EMPTY, "m", (), CSV)


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
