from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_ci.runtime.answers import NoValues, one_a_row, several, split, values

VALUES = st.lists(
    st.one_of(
        st.integers(), st.text(), st.booleans(), st.dictionaries(st.text(), st.integers()), st.lists(st.integers())
    ),
    min_size=1,
)


@pytest.mark.parametrize(
    ("body", "media", "found"),
    [
        (b"[1, 2]", "application/json", [1, 2]),
        (b'{"predictions": [1, "b"]}', "application/json", [1, "b"]),
        (b'1\n"b"\n', "application/json", [1, "b"]),
        (b'{"label": "a"}\n{"label": "b"}', "application/json", [{"label": "a"}, {"label": "b"}]),
        (b'{"label": "a"}', "application/json", [{"label": "a"}]),
        (b"0.5", "application/json", [0.5]),
        (b"[0.1, 0.9]\n", "application/jsonlines", [[0.1, 0.9]]),
        (b"[]", "application/json", []),
    ],
)
def test_values_are_found_in_each_form(body: bytes, media: str, found: list[object]) -> None:
    assert values(body, media) == found


@pytest.mark.parametrize("body", [b"", b"yes", b"[NaN]", b"1\nInfinity", b"\xff", b"[1, 2"])
def test_what_is_not_json_has_no_values(body: bytes) -> None:
    with pytest.raises(NoValues):
        values(body, "application/json")


@settings(deadline=None)
@given(VALUES, st.sampled_from([(", ", ": "), (",", ":")]), st.data())
def test_an_array_is_split_into_the_bytes_each_part_would_have_had(
    items: list[object], separators: tuple[str, str], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(items)))
    parts = [part for part in (items[:cut], items[cut:]) if part]
    whole = json.dumps(items, separators=separators).encode()
    expected = [json.dumps(part, separators=separators).encode() for part in parts]
    assert split(whole, "application/json", [len(part) for part in parts]) == expected


@settings(deadline=None)
@given(VALUES, st.data())
def test_lines_are_split_into_the_bytes_each_part_would_have_had(items: list[object], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(items)))
    parts = [part for part in (items[:cut], items[cut:]) if part]
    lines = ["".join(json.dumps(item) + "\n" for item in part).encode() for part in parts]
    assert split(b"".join(lines), "application/jsonlines", [len(part) for part in parts]) == lines


@pytest.mark.parametrize(
    ("body", "media"),
    [
        (b"[1, 2, 3]", "application/json"),
        (b'{"predictions": [1, 2]}', "application/json"),
        (b"[1, 2] ]", "application/json"),
        (b"[1 2]", "application/json"),
        (b"nonsense", "application/json"),
        (b"\xff\xff", "application/json"),
        (b"1\n2\n3\n", "application/jsonlines"),
        (b'"a\nb"\n"c"\n', "text/csv"),
        (b"1\r\n2\r\n", "text/csv"),
        (b"1\n2\n", "application/octet-stream"),
    ],
)
def test_an_answer_that_does_not_hold_two_values_is_not_split(body: bytes, media: str) -> None:
    assert split(body, media, [1, 1]) is None


def test_answers_one_behind_the_other_are_told_apart() -> None:
    assert one_a_row(several(b"[1, 2]\n[3]\n"), 3) == [1, 2, 3]
    assert one_a_row(several(b'{"predictions": ["a"]}\n{"label": "b"}\n"c"'), 3) == ["a", {"label": "b"}, "c"]
    assert one_a_row(several(b"[\n  0.5,\n  1\n]\n2"), 3) == [0.5, 1, 2]
    assert one_a_row(several(b"[0.1, 0.9]\n[0.8, 0.2]\n"), 2) == [[0.1, 0.9], [0.8, 0.2]]
    assert several(b" \n") == []


@pytest.mark.parametrize("body", [b"[1]\n[2", b"[NaN]", b"\xff", b"<html>"])
def test_what_is_no_json_among_several_answers_is_said(body: bytes) -> None:
    with pytest.raises(NoValues, match="not JSON"):
        several(body)
