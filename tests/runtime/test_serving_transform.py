from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.local.packages import unpack
from tests.packages import LOAD, SCALE, a_package


def transformed(
    tmp_path: Path, rows: str | bytes, *, code: str = SCALE, content_type: str = "text/csv", batch: int = 2
) -> subprocess.CompletedProcess[str]:
    artifacts = FolderArtifacts(tmp_path / "store")
    folder = unpack(a_package(artifacts, code, scale=2), artifacts, tmp_path / "packages")
    (tmp_path / "rows").write_bytes(rows.encode() if isinstance(rows, str) else rows)
    command = [sys.executable, "-P", "-m", "mlops_ci.runtime.transform", "--package", str(folder)]
    command += ["--rows", "rows", "--content-type", content_type, "--batch", str(batch), "--out", "out"]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)


def lines(tmp_path: Path) -> list[object]:
    return [json.loads(line) for line in (tmp_path / "out").read_text().splitlines()]


def test_each_row_gets_one_value_in_order(tmp_path: Path) -> None:
    done = transformed(tmp_path, "1,2\n3,4\n5,6\n\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert lines(tmp_path) == [6, 14, 22]


def test_a_cell_may_hold_a_line_break_also_where_a_call_ends(tmp_path: Path) -> None:
    code = LOAD + (
        "import csv, io\ndef transform_fn(model, data, content_type, accept):\n"
        "    return json.dumps(list(csv.reader(io.StringIO(data, newline=''))))\n"
    )
    assert transformed(tmp_path, '"a\nb",1\nc,2\n"d\n\ne",3\n', code=code).returncode == 0
    assert lines(tmp_path) == [["a\nb", "1"], ["c", "2"], ["d\n\ne", "3"]]


@pytest.mark.parametrize(
    "answer", ["json.dumps({'predictions': values})", "''.join(json.dumps(v) + '\\n' for v in values)"]
)
def test_answers_may_be_lines_or_an_object_with_predictions(tmp_path: Path, answer: str) -> None:
    code = LOAD + (
        "def transform_fn(model, data, content_type, accept):\n"
        f"    values = [line.count(',') for line in data.splitlines()]\n    return {answer}\n"
    )
    assert transformed(tmp_path, "1,2\n3,4\n5,6\n", code=code).returncode == 0
    assert lines(tmp_path) == [1, 1, 1]


def test_json_lines_are_rows_too(tmp_path: Path) -> None:
    code = LOAD + (
        "def transform_fn(model, data, content_type, accept):\n"
        "    return json.dumps([json.loads(line)['a'] for line in data.splitlines()])\n"
    )
    rows = "".join(json.dumps({"a": number, "b": 0}) + "\n" for number in range(5))
    assert transformed(tmp_path, rows, code=code, content_type="application/jsonlines").returncode == 0
    assert lines(tmp_path) == [0, 1, 2, 3, 4]


def test_another_count_of_values_is_exit_2_with_both_counts(tmp_path: Path) -> None:
    code = LOAD + "def transform_fn(model, data, content_type, accept):\n    return '[1, 2, 3]'\n"
    done = transformed(tmp_path, "1,2\n3,4\n5,6\n", code=code)
    assert done.returncode == 2
    assert "rows 1 to 2 are 2 rows, but the answer holds 3 values" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("1,2\n3,4\n5\n", "row 3 has 1 columns, expected 2"),
        ("1,2\n3,4\n\n5,6\n", "row 3 is empty"),
        ('1,2\n3,4\n5,"6\n', "row 3 is not CSV"),
        (b"1,2\n\xff,4\n", "not UTF-8"),
    ],
)
def test_a_row_that_cannot_be_decoded_is_named_by_its_number_in_the_file(
    tmp_path: Path, rows: str | bytes, words: str
) -> None:
    done = transformed(tmp_path, rows)
    assert done.returncode == 1
    assert words in done.stderr.splitlines()[-1]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (LOAD + "def transform_fn(*given):\n    raise KeyError('plan')\n", "KeyError: 'plan'"),
        (LOAD + "def transform_fn(*given):\n    return '[NaN, 1]'\n", "NaN is not JSON"),
        (LOAD + "def transform_fn(*given):\n    return 'yes'\n", "not JSON"),
        ("x = 1\n", "no function model_fn"),
    ],
)
def test_a_fault_of_the_serving_code_is_the_last_line(tmp_path: Path, code: str, words: str) -> None:
    done = transformed(tmp_path, "1,2\n3,4\n", code=code)
    assert done.returncode == 1
    assert words in done.stderr.splitlines()[-1]
