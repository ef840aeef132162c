"""What a batch run reads and writes: rows as requests carry them, checked one by one."""

from __future__ import annotations

import gzip
import hashlib
import tracemalloc
from pathlib import Path

import pytest

from mlops_ci.adapters.aws.objects import Objects
from mlops_ci.adapters.files.batches import FileBatches
from mlops_ci.errors import ManifestError, ProviderError, UsageError

FEATURES = ("x", "side")


@pytest.fixture
def files(tmp_path: Path) -> FileBatches:
    return FileBatches(tmp_path, tmp_path / "scratch", Objects())


def prepared(files: FileBatches, content: bytes, name: str = "rows.csv", features: tuple[str, ...] = FEATURES) -> str:
    (files.here / name).write_bytes(content)
    rows = files.prepare(name, features, name="p")
    found = Path(rows.path).read_bytes()
    assert hashlib.sha256(found).hexdigest() == rows.digest
    assert found.count(b"\n") == rows.count
    return found.decode()


def problems(files: FileBatches, content: bytes, name: str = "rows.csv") -> list[tuple[str, int]]:
    (files.here / name).write_bytes(content)
    with pytest.raises(ManifestError) as caught:
        files.prepare(name, FEATURES, name="p")
    return [(problem.code, problem.span.line) for problem in caught.value.diagnostics]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"x,side\n1,left\n2,right\n", "1,left\n2,right\n"),
        (b"1,left\n2,right\n", "1,left\n2,right\n"),
        (b"\xef\xbb\xbfx,side\r\n1,left\r\n\r\n2,right", "1,left\n2,right\n"),
        (b'1,"left, and more"\n', '1,"left, and more"\n'),
        (b"1,\n", "1,\n"),
    ],
)
def test_rows_of_csv_come_without_their_header(files: FileBatches, content: bytes, expected: str) -> None:
    assert prepared(files, content) == expected


def test_a_header_further_down_is_a_row_of_its_own_and_no_header(files: FileBatches) -> None:
    assert prepared(files, b"1,left\nx,side\n") == "1,left\nx,side\n"


def test_rows_of_json_lines_are_objects_or_arrays(files: FileBatches) -> None:
    content = b'{"side": "left", "x": 1}\n\n[2, "right"]\n'
    assert prepared(files, content, "rows.jsonl") == '{"side": "left", "x": 1}\n[2, "right"]\n'


def test_gzipped_rows_are_read(files: FileBatches) -> None:
    assert prepared(files, gzip.compress(b"x,side\n1,left\n"), "rows.csv.gz") == "1,left\n"


def test_a_package_that_names_no_columns_takes_rows_of_one_width(files: FileBatches) -> None:
    assert prepared(files, b"1,2,3\n4,5,6\n", features=()) == "1,2,3\n4,5,6\n"
    with pytest.raises(ManifestError):
        prepared(files, b"1,2,3\n4,5\n", features=())


def test_every_wrong_row_is_told_with_its_line(files: FileBatches) -> None:
    assert problems(files, b"x,side\n1,left\n2\n3,left,4\n") == [("batch-columns", 3), ("batch-columns", 4)]
    assert problems(files, b'[1]\n{"x": 1}\nno\n', "a.jsonl") == [
        ("batch-columns", 1), ("batch-columns", 2), ("bad-json", 3),
    ]  # fmt: skip


@pytest.mark.parametrize("header", [b"side,x", b"x,side,large", b"x", b"id,x,side"])
def test_a_header_that_is_not_the_packages_is_told_once(files: FileBatches, header: bytes) -> None:
    content = header + b"\n" + b"1,2\n" * 50
    expected = [("batch-columns", 1)]
    if header == b"x":  # half of the columns may as well be a value
        expected = problems(files, b"1\n" + b"1,2\n" * 50)
    assert problems(files, content) == expected


def test_a_file_without_rows_is_told(files: FileBatches) -> None:
    assert problems(files, b"x,side\n") == [("no-rows", 0)]


def test_wrong_rows_leave_nothing_in_the_scratch_folder(files: FileBatches) -> None:
    problems(files, b"1\n")
    assert [path for path in files.scratch.rglob("*") if path.is_file()] == []


def test_prepared_rows_can_be_forgotten_more_than_once(files: FileBatches) -> None:
    (files.here / "rows.csv").write_bytes(b"1,left\n")
    rows = files.prepare("rows.csv", FEATURES, name="p")
    files.forget(rows)
    files.forget(rows)
    assert not Path(rows.path).exists()


def test_memory_does_not_grow_with_the_file(files: FileBatches) -> None:
    (files.here / "rows.csv").write_bytes(b"0.123456789,left\n" * 400_000)
    tracemalloc.start()
    try:
        assert files.prepare("rows.csv", FEATURES, name="p").count == 400_000
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_a_folder_gives_its_files_that_can_be_read_in_order(files: FileBatches) -> None:
    for name in ("in/b.csv", "in/a.jsonl", "in/more/c.csv.gz", "in/.hidden.csv", "in/notes.txt"):
        (files.here / name).parent.mkdir(parents=True, exist_ok=True)
        (files.here / name).touch()
    assert files.listed("in") == ("a.jsonl", "b.csv", "more/c.csv.gz")
    assert files.listed("in/b.csv") == ("",)


@pytest.mark.parametrize("name", ["nothing.csv", "notes.txt", "empty"])
def test_what_is_not_there_or_cannot_be_read_is_a_usage_error(files: FileBatches, name: str) -> None:
    (files.here / "notes.txt").touch()
    (files.here / "empty").mkdir()
    with pytest.raises(UsageError, match=name):
        files.listed(name)


def test_predictions_replace_what_was_there_whole(files: FileBatches) -> None:
    (files.here / "made.jsonl").write_text("1.0\n")
    files.deliver(files.here / "made.jsonl", "out/p.jsonl")
    (files.here / "made.jsonl").write_text("2.0\n")
    files.deliver(files.here / "made.jsonl", "out/p.jsonl")
    assert (files.here / "out/p.jsonl").read_text() == "2.0\n"
    assert [path.name for path in (files.here / "out").iterdir()] == ["p.jsonl"]


def test_an_output_that_cannot_be_written_is_a_provider_error(files: FileBatches) -> None:
    (files.here / "made.jsonl").write_text("1.0\n")
    (files.here / "file").touch()
    with pytest.raises(ProviderError, match="cannot write"):
        files.deliver(files.here / "made.jsonl", "file/p.jsonl")
