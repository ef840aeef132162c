"""Reviews as files: what is written is read back, and what somebody else wrote is refused at its place, or is data."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.errors import ManifestError
from mlops_ci.manifest.fit import fits
from mlops_ci.plan.review import Review
from mlops_ci.plan.review_json import dump, review_data
from mlops_ci.plan.review_reading import MAX_BYTES, parse
from mlops_ci.plan.strict_json import offset_of
from mlops_ci.ports.reviews import LIMIT
from mlops_ci.views.review import review_text
from mlops_ci.views.review_comment import Rest, comment_markdown
from mlops_ci.wiring import schemas
from tests.manifest.test_documentation import keys_of
from tests.views.review_cases import estate, failed, fresh, hostile, one, settled, wrong

SCHEMA: Any = schemas()["review"]


def read(content: bytes) -> Review:
    return parse(content, path="review.json", schema=SCHEMA)


def refused(content: bytes) -> Diagnostic:
    with pytest.raises(ManifestError) as raised:
        read(content)
    (found,) = raised.value.diagnostics
    return found


@pytest.mark.parametrize("make", [one, settled, fresh, failed, wrong, estate, hostile])
def test_what_is_written_is_read_back(make: Callable[[], Review]) -> None:
    assert read(dump(make())) == make()
    assert Draft202012Validator(SCHEMA).is_valid(review_data(make()))


def test_a_text_that_is_too_long_for_the_schema_is_cut_where_it_is_written() -> None:
    found = json.loads(dump(Review("x", "", None, remarks=("é" * 5000,))))
    assert len(found["remarks"][0]) == 1000
    assert read(json.dumps(found).encode()).remarks[0].endswith("...")


def test_the_schema_has_a_title_and_a_description_for_every_key_and_is_closed() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    for key, about in keys_of(SCHEMA):
        assert about["title"], key
        assert about["description"].endswith("."), key
        assert "properties" not in about or about["additionalProperties"] is False, key


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"", "review-damaged", 1),
        (b'{\n "kind": oops}', "review-damaged", 2),
        (b'{"a": 1, "a": 2}', "review-damaged", 0),
        (b'{"a": NaN}', "review-damaged", 0),
        (b'{"a": ' + b"1" * 5000 + b"}", "review-damaged", 0),
        (b"[" * 200_000, "review-damaged", 0),
        (b'{\n\n"a": "\xff"}', "review-damaged", 3),
        (b"[1]", "review-foreign", 0),
        (b'{"kind": "mlops-ci plan"}', "review-foreign", 0),
        (b'{"kind": "mlops-ci review",\n "format": 9}', "review-format", 2),
        (b'{"kind": "mlops-ci review"}', "review-format", 0),
        (b'{"kind": "mlops-ci review", "format": 1}', "review-misshapen", 1),
    ],
)
def test_what_is_no_review_is_refused_with_its_place(content: bytes, code: str, line: int) -> None:
    found = refused(content)
    assert (found.code, found.span.line, found.span.path) == (code, line, "review.json")
    assert "mlops-ci comment -o" in found.hint


def test_a_file_larger_than_any_review_is_not_looked_at() -> None:
    assert refused(b" " * (MAX_BYTES + 1)).code == "review-damaged"


@pytest.mark.parametrize(
    ("way", "value"),
    [
        (["label"], "a b"), (["label"], "x -->"), (["label"], "x\n"), (["label"], "a" * 65), (["label"], 7),
        (["commit"], "main"), (["commit"], "a" * 40 + "\n"), (["pull_request"], 12), (["remarks"], ["x"] * 21),
        (["remarks", 0], "x" * 1001), (["plan", "changes", 1, "action"], "delete"),
        (["plan", "steps", 0, "do"], "exec"),
        (["plan", "changes", 0, "expected_seconds"], 1e300), (["plan", "changes", 0, "expected_seconds"], "1"),
        (["forecasts", 0, "board", "version"], -1), (["forecasts", 0, "board", "goal"], None),
        (["forecasts", 0, "board", "entries", 1, "hyperparameters", 0], ["a"]), (["since", "models", 0, "lines"], {}),
        (["diagnostics", 0, "span", "line"], 1e18), (["diagnostics", 0, "severity"], "fatal"), (["plan"], []),
        (["training"], "yes"), (["damaged", 0, "more"], 1), (["since", "models", 0], None),
    ],
)  # fmt: skip
def test_a_value_of_another_form_is_refused_where_it_stands(way: list[str | int], value: object) -> None:
    data = json.loads(json.dumps(review_data(one())))
    data["remarks"] = ["x"]
    at = data
    for part in way[:-1]:
        at = at[part]
    at[way[-1]] = value
    text = json.dumps(data, indent=1)
    found = refused(text.encode())
    assert found.code == "review-misshapen"
    place = way[:-1] if way[-1] == "more" else way
    line = text[: offset_of(text, place)].count("\n") + 1
    assert line <= found.span.line <= line + 25  # at the value, or at a part of it


def test_what_is_told_of_a_wrong_file_has_none_of_its_words() -> None:
    data = review_data(one()) | {"##[set-output name=x]evil": 1}
    for content in (json.dumps(data).encode(), b'{"kind": "mlops-ci review", "format": "##[evil]"}', b'{"a": evil}'):
        found = refused(content)
        assert "evil" not in f"{found.summary}{found.detail}{found.hint}{found.excerpt}"


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def ways(data: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:  # noqa: ANN401 - JSON data
    found = [at] if at else []
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return found + [way for key, item in parts for way in ways(item, (*at, key))]


WHOLE = json.loads(dump(one()))
WAYS = ways(WHOLE)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(WAYS), values)
def test_whatever_stands_somewhere_is_refused_in_our_words_or_told_like_any_other(way: Any, value: Any) -> None:  # noqa: ANN401
    data = json.loads(json.dumps(WHOLE))
    at = data
    for part in way[:-1]:
        at = at[part]
    at[way[-1]] = value
    content = json.dumps(data).encode()
    try:
        review = read(content)
    except ManifestError as error:
        assert error.diagnostics[0].code.startswith("review-")  # noqa: PT017 - either is right
        return
    assert fits(data, SCHEMA)
    assert len(comment_markdown(review, review.label, Rest()).encode()) < LIMIT
    assert review_text(review)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(dump(one())) - 1), st.binary(max_size=3))
def test_a_file_that_was_cut_or_scribbled_on_is_refused_or_read(at: int, scribble: bytes) -> None:
    content = dump(one())
    for broken in (content[:at], content[:at] + scribble + content[at + len(scribble) :]):
        try:
            read(broken)
        except ManifestError as error:
            assert error.diagnostics[0].code.startswith("review-")  # noqa: PT017
