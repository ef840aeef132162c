from __future__ import annotations

import contextlib
import csv
import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_ci.runtime.decoding import BODY_LIMIT, checked
from mlops_ci.runtime.media import CSV, JSON, JSON_LINES, NPY, Refused, accept, content_type

AB = ("a", "b")


def refused(body: bytes, media: str, features: tuple[str, ...] = AB) -> Refused:
    with pytest.raises(Refused) as caught:
        checked(body, media, features)
    return caught.value


def npy(array: np.ndarray) -> bytes:
    made = io.BytesIO()
    np.save(made, array)
    return made.getvalue()


@pytest.mark.parametrize(
    ("body", "media", "count"),
    [
        (b"1,2\n3,4\n", CSV, 2),
        (b"1,2\r\n3,4\r\n\r\n", CSV, 2),
        (b'"1\n0","a,b"', CSV, 1),
        (b"\xef\xbb\xbf1,2", CSV, 1),
        (b",", CSV, 1),
        (b'{"a": 1, "b": 2}\n[3, 4]\n', JSON_LINES, 2),
        (b'{"b": 1, "a": 2}', "application/x-ndjson", 1),
        (b"[[1, 2], [3, 4], [5, 6]]", JSON, 3),
        (b'[{"a": 1, "b": null}]', JSON, 1),
        (b'{"instances": [[1, 2, 3]]}', JSON, None),
        (b"[1, 2, 3]", JSON, 3),
        (npy(np.ones((3, 2))), NPY, 3),
        (npy(np.ones(2)), NPY, 1),
        (npy(np.array([["x", "yy"]])), NPY, 1),
        (b"\x00\x01", "image/png", None),
    ],
)
def test_rows_that_fit_are_counted(body: bytes, media: str, count: int | None) -> None:
    assert checked(body, media, AB).count == count


def test_text_is_handed_on_as_a_string_and_all_else_as_bytes() -> None:
    assert checked("ä,2\n".encode(), CSV, AB).data == "ä,2"
    assert checked(b'{"a":1}', JSON, ()).data == '{"a":1}'
    assert checked(b"note", "text/plain", AB).data == "note"
    assert checked(b"\xff", "application/octet-stream", AB).data == b"\xff"


@pytest.mark.parametrize(
    ("body", "media", "status", "about"),
    [
        (b"", CSV, 400, {"error": "the body is empty"}),
        (b"\n\n", CSV, 400, {"error": "the body is empty"}),
        (b"1,2\n3,4,5", CSV, 400, {"row": 2, "expected": 2, "found": 3}),
        (b"1,2\n\n3,4", CSV, 400, {"error": "row 2 is empty", "row": 2}),
        (b"a,b\n1,2", CSV, 400, {"error": "row 1 is a header line, rows are expected without one", "row": 1}),
        (b'1,2\n"3,4', CSV, 400, {"row": 2}),
        (b"1,2\n\xe4,4", CSV, 400, {"row": 2}),
        (b'{"a": 1, "c": 2}', JSON_LINES, 400, {"row": 1, "missing": ["b"], "unknown": ["c"]}),
        (b'[1, 2]\n{"a": 1', JSON_LINES, 400, {"row": 2}),
        (b"[1, 2]\n\n[3, 4]", JSON_LINES, 400, {"row": 2, "reason": "the line is empty"}),
        (b"[1, 2]\n3", JSON_LINES, 400, {"row": 2}),
        (b"[[1, 2], [3]]", JSON, 400, {"row": 2, "expected": 2, "found": 1}),
        (b'[{"a": 1, "b": 2}, {"a": 1}]', JSON, 400, {"row": 2, "missing": ["b"]}),
        (b"[" * 100_000, JSON, 400, {}),
        (b"{", JSON, 400, {}),
        (b"PK\x03\x04", NPY, 400, {}),
        (npy(np.ones((1, 3))), NPY, 400, {"expected": 2, "found": 3}),
        (npy(np.ones((1, 2)))[:-1], NPY, 400, {}),
        (npy(np.array([[{}, {}]], dtype=object)), NPY, 400, {}),
        (b"\x93NUMPY\x01\x00\x05\x00{'a':", NPY, 400, {}),
        (b"1" * (BODY_LIMIT + 1), CSV, 413, {"limit": BODY_LIMIT}),
    ],
)
def test_what_does_not_fit_is_refused_by_row_and_reason(
    body: bytes, media: str, status: int, about: dict[str, object]
) -> None:
    problem = refused(body, media)
    assert problem.status == status
    assert about.items() <= problem.about.items()
    json.dumps(problem.about)


@pytest.mark.parametrize(
    ("body", "media"), [(b"1,2,3\n4", CSV), (b'{"x": 1}\n[2]\n3', JSON_LINES), (b"[[1], []]", JSON)]
)
def test_where_nobody_knows_the_columns_any_row_goes(body: bytes, media: str) -> None:
    assert checked(body, media, ()).count is not None


@settings(deadline=None)
@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), min_size=1))
def test_whatever_the_csv_writer_wrote_is_counted_row_by_row(rows: list[list[str]]) -> None:
    made = io.StringIO(newline="")
    csv.writer(made).writerows(rows)
    assert checked(made.getvalue().encode(errors="replace"), CSV, ("first", "second")).count == len(rows)


@settings(deadline=None)
@given(st.binary(min_size=1), st.sampled_from([CSV, JSON, JSON_LINES, NPY, "text/plain", "application/zip"]))
def test_no_bytes_raise_anything_but_a_refusal(body: bytes, media: str) -> None:
    with contextlib.suppress(Refused):
        checked(body, media, AB)


@pytest.mark.parametrize(
    ("header", "media"),
    [("text/csv", CSV), ("Text/CSV; charset=UTF-8", CSV), (' application/json ;charset="utf-8"', JSON)],
)
def test_a_content_type_is_its_media_type_in_lower_case(header: str, media: str) -> None:
    assert content_type(header) == media


@pytest.mark.parametrize(
    ("header", "status"),
    [("", 415), ("csv", 415), ("text/csv; charset=latin-1", 415), ("text/csv; header=present", 400)],
)
def test_a_content_type_we_cannot_honour_is_refused(header: str, status: int) -> None:
    with pytest.raises(Refused) as caught:
        content_type(header)
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("header", "media"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("text/csv", CSV),
        ("text/html, application/json;q=0.9, */*;q=0.8", JSON),
        ("application/json;q=0.1, text/csv", CSV),
        ("text/csv;q=nonsense", CSV),
    ],
)
def test_an_answer_is_what_the_client_wants_most(header: str, media: str) -> None:
    assert accept(header, {JSON, CSV}) == media


def test_an_answer_nobody_can_make_is_406_unless_the_user_s_function_may_know_it() -> None:
    with pytest.raises(Refused) as caught:
        accept("image/png", {JSON, CSV})
    assert caught.value.status == 406
    assert accept("image/png", None) == "image/png"
