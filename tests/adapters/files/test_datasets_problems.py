"""What is told of bad tables: each problem with its file and line."""

from __future__ import annotations

import gzip

import pytest

from mlops_ci.adapters.files.datasets import LocalDatasets
from mlops_ci.diagnostics import Diagnostic
from mlops_ci.errors import ManifestError
from mlops_ci.model import Data
from mlops_ci.ports.datasets import Datasets
from mlops_ci.testing.trees import MemoryTree
from tests.adapters.files.sample import CHANNELS, CSV, DATA, EMPTY, named, table, tree


def problems(datasets: Datasets, data: Data, files: MemoryTree, *slices: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(ManifestError) as caught:
        datasets.materialize(data, files, "m", slices, CSV)
    return caught.value.diagnostics


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
