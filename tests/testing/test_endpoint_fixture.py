"""Rows become requests in the form that a user would expect."""

from __future__ import annotations

import pytest

from mlops_ci.testing.endpoint import Endpoint, Rows, encoded
from tests.executor.checks.small_endpoint import Request, Response, serving, well


def test_rows_are_sent_as_csv_json_or_json_lines() -> None:
    rows: list[list[object]] = [[1, "a,b"], [2.5, None]]
    assert encoded(rows, "text/csv") == b'1,"a,b"\n2.5,\n'
    assert encoded(rows, "application/json; charset=utf-8") == b'[[1, "a,b"], [2.5, null]]'
    assert encoded(rows, "application/jsonlines") == b'[1, "a,b"]\n[2.5, null]'
    assert encoded([{"a": 1}, {"a": 2}], "application/jsonlines") == b'{"a": 1}\n{"a": 2}'
    assert encoded("1,2\n", "text/csv") == b"1,2\n"
    assert encoded(b"\x00", "application/x-npy") == b"\x00"


@pytest.mark.parametrize(
    ("rows", "content_type"), [([1, 2], "text/csv"), ([{"a": 1}], "text/csv"), ([[1]], "application/x-npy")]
)
def test_what_are_no_rows_is_refused_with_what_would_be(rows: Rows, content_type: str) -> None:
    with pytest.raises(TypeError, match=r"send|a list of rows"):
        encoded(rows, content_type)


def test_the_content_type_follows_from_the_rows_unless_it_is_given() -> None:
    seen: list[tuple[str, str | None]] = []

    def keep(request: Request) -> Response:
        seen.append((request.content_type, request.accept))
        return well(request)

    with serving(keep) as url:
        it = Endpoint(url, "churn", "staging", "churn/v3")
        assert it.invoke([[150, "no"]]).json() == it.invoke([{"minutes": 150, "plan": "no"}]).json()
        assert it.invoke("150,no", accept="").status == 200
        assert it.invoke("x", content_type="application/x-none").status == 415
    assert seen == [
        ("text/csv", "application/json"),
        ("application/jsonlines", "application/json"),
        ("text/csv", None),
        ("application/x-none", "application/json"),
    ]


def test_no_answer_is_a_connection_error_that_names_the_address() -> None:
    with serving(well) as url:
        pass
    with pytest.raises(ConnectionError, match=f"{url}/invocations got no answer"):
        Endpoint(url, "churn", "staging", "churn/v3").invoke("1,no")
