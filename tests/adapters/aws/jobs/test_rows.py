"""Rows as SageMaker shall see them."""

from __future__ import annotations

import pytest

from mlops_ci.adapters.aws.jobs import rows as module
from mlops_ci.adapters.aws.jobs.rows import Rows, divided
from mlops_ci.errors import ProviderError


def test_rows_stay_one_file_each_line_a_row() -> None:
    assert divided(b"1,2\n3,4\n", "text/csv", 1) == Rows((("part-00000.csv", b"1,2\n3,4\n"),), 2, 0)
    assert divided(b"\xef\xbb\xbf1\r\n2", "text/csv", 1).files == (("part-00000.csv", b"1\n2\n"),)
    assert divided(b'{"a": "x\\u2028y"}\n', "application/jsonlines", 1).files[0][0] == "part-00000.jsonl"


def test_several_instances_get_as_many_rows_but_for_one_and_none_gets_nothing() -> None:
    found = divided(b"".join(b"%d\n" % n for n in range(10)), "text/csv", 4)
    assert [content.count(b"\n") for _, content in found.files] == [2, 3, 2, 3]
    assert b"".join(content for _, content in found.files) == b"".join(b"%d\n" % n for n in range(10))
    assert [name for name, _ in divided(b"1\n2\n", "text/csv", 9).files] == ["part-00000.csv", "part-00001.csv"]


def test_quotes_without_line_ends_are_lines_still() -> None:
    assert divided(b'"a,b",1\n"c",2\n', "text/csv", 1).whole_mb == 0


def test_a_line_separator_of_unicode_ends_no_row() -> None:
    assert divided("a\u2028b,1\n".encode(), "text/csv", 1).count == 1


def test_a_cell_with_a_line_end_has_its_file_sent_whole() -> None:
    found = divided(b'"a\nb",1\nc,2\n"d\n\n",3\n', "text/csv", 2)
    assert (found.count, found.whole_mb) == (3, 1)
    assert [content for _, content in found.files] == [b'"a\nb",1\n', b'c,2\n"d\n\n",3\n']


def test_what_is_too_large_to_be_sent_whole_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MB", 1)  # else a test would need a hundred million bytes
    with pytest.raises(ProviderError, match="more than 100 MB"):
        divided(b'"a\n' + b"b" * 100 + b'",1\n', "text/csv", 1)
