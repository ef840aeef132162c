from __future__ import annotations

import gzip

import pytest

from mlops_ci.manifest.table import HEAD, Table, head
from mlops_ci.testing.trees import MemoryTree

CSV = b'id,text,left\n1,"a\nb",yes\n2,c,no\n'
LINES = b'{"id": 1, "left": "yes"}\n\n{"id": 2.5, "left": null}\n'


def of(name: str, content: bytes) -> Table | None:
    return head(MemoryTree({f"d/{name}": content}), f"d/{name}")


def test_the_head_of_a_csv_has_its_columns_and_rows() -> None:
    assert of("a.csv", CSV) == Table("d/a.csv", ("id", "text", "left"), (("1", "a\nb", "yes"), ("2", "c", "no")), True)


def test_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    found = of("a.csv", b"\xef\xbb\xbf" + CSV)

    assert found is not None
    assert found.columns[0] == "id"


def test_the_head_of_json_lines_has_the_keys_of_the_first_object() -> None:
    found = of("a.jsonl", LINES)

    assert found == Table("d/a.jsonl", ("id", "left"), (("1", "yes"), ("2.5", "null")), True)
    assert found.values("left") == ("null", "yes")


@pytest.mark.parametrize(("name", "content"), [("a.csv.gz", CSV), ("a.jsonl.gz", LINES)])
def test_a_gzipped_file_is_read_alike(name: str, content: bytes) -> None:
    found, plain = of(name, gzip.compress(content, mtime=0)), of(name.removesuffix(".gz"), content)

    assert found is not None
    assert plain is not None
    assert (found.columns, found.rows, found.is_whole) == (plain.columns, plain.rows, True)


@pytest.mark.parametrize("packed", [False, True])
def test_of_a_long_file_only_the_head_is_read_and_no_cut_row(*, packed: bool) -> None:
    content = b"a,b\n" + b"".join(b"%d,%d\n" % (at, at * 7919 % 1000) for at in range(HEAD))
    found = of("a.csv.gz" if packed else "a.csv", gzip.compress(content, mtime=0) if packed else content)

    assert found is not None
    assert not found.is_whole
    assert 100 < len(found.rows) < HEAD
    assert all(int(row[1]) == int(row[0]) * 7919 % 1000 for row in found.rows)


def test_of_a_folder_the_first_table_is_read() -> None:
    tree = MemoryTree({"d/README": b"x", "d/b.csv": b"b\n1\n", "d/c.csv": b"c\n1\n"})

    found = head(tree, "d")

    assert found is not None
    assert found.path == "d/b.csv"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"\xff\xfe"), ("a.csv.gz", b"no gzip"), ("a.jsonl", b"[1]"), ("a.jsonl", b"{"),
        ("a.jsonl", b"[" * 5000), ("a.parquet", b"PAR1"), ("a", b"x"), ("a.csv.gz", gzip.compress(CSV, mtime=0)[:9]),
    ],
)  # fmt: skip
def test_what_cannot_be_read_as_a_table_is_none(name: str, content: bytes) -> None:
    assert of(name, content) is None


def test_a_file_that_is_not_there_is_none() -> None:
    assert head(MemoryTree({}), "d/a.csv") is None


def test_an_empty_file_has_neither_columns_nor_rows() -> None:
    found = of("a.csv", b"")

    assert found is not None
    assert (found.columns, found.rows, found.is_whole) == ((), (), True)
