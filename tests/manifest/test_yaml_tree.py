from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_ci.manifest import yaml_tree
from mlops_ci.manifest.document import lines
from mlops_ci.manifest.yaml_tree import read
from mlops_ci.model import Json, Scalar


def data(text: str) -> Json:
    document, problems = read("m.yaml", text.encode())
    assert problems == ()
    assert document is not None
    return document.data


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"), ("No", "No"), ("yes", "yes"), ("on", "on"), ("off", "off"), ("y", "y"),
        ("2020-01-01", "2020-01-01"), ("12:30:00", "12:30:00"), ("0755", "0755"), ("0o17", "0o17"), ("0x1F", "0x1F"),
        ("1_000", "1_000"), ("=", "="), ("1.2.3", "1.2.3"), ("1e", "1e"), (".", "."), ("-", None),
        ("", None), ("~", None), ("null", None), ("NULL", None), ("nUll", "nUll"),
        ("true", True), ("True", True), ("TRUE", True), ("tRue", "tRue"), ("false", False),
        ("0", 0), ("-1", -1), ("+7", 7), ("9223372036854775807", 2**63 - 1),
        ("1.0", 1.0), ("-.5", -0.5), ("1.", 1.0), ("1e3", 1000.0), ("1E-3", 0.001), ("1.5e+3", 1500.0),
        ("'1'", "1"), ('"null"', "null"), ('"\\u00e4"', "ä"),
    ],
)  # fmt: skip
def test_a_plain_scalar_is_what_json_would_have_or_text(text: str, value: Scalar) -> None:
    if text == "-":
        assert data("a: -x") == {"a": "-x"}
        return
    found = data(f"a: {text}")
    assert found == {"a": value}
    assert isinstance(found, dict)
    assert type(found["a"]) is type(value)


def test_every_key_and_value_has_its_place_with_columns_counted_in_characters() -> None:
    document, _ = read("m.yaml", "ä: {größe: 12, b: [x, 'yz']}\nc:\n  - d: >\n      folded\n".encode())

    assert document is not None
    places = {at: (span.line, span.column, span.end) for at, span in document.values.items()}
    assert places["ä", "größe"] == (1, 12, 14)
    assert places["ä", "b", 1] == (1, 23, 27)
    assert places["c", 0, "d"][:2] == (3, 8)
    assert {at: (span.line, span.column, span.end) for at, span in document.keys.items()} == {
        ("ä",): (1, 1, 2),
        ("ä", "größe"): (1, 5, 10),
        ("ä", "b"): (1, 16, 17),
        ("c",): (2, 1, 2),
        ("c", 0, "d"): (3, 5, 6),
    }


def test_what_is_not_given_is_told_at_the_nearest_key_above() -> None:
    document, _ = read("m.yaml", b"a:\n  b: 1\n")

    assert document is not None
    assert str(document.value("a", "missing", "deep")) == "m.yaml:1:1"
    assert str(document.key("a", "b")) == "m.yaml:2:3"
    assert str(document.value("z")) == "m.yaml"


def test_every_problem_of_a_file_is_told_and_not_the_first() -> None:
    _, problems = read("m.yaml", b"a: &x 1\na: !t 2\nb: .nan\n")

    assert [problem.code for problem in problems] == ["yaml-alias", "duplicate-key", "yaml-tag", "yaml-number"]


def test_a_file_above_one_mebibyte_is_refused_unread() -> None:
    _, problems = read("m.yaml", b"#" * (yaml_tree.MAX_BYTES + 1))

    assert [problem.code for problem in problems] == ["yaml-size"]
    assert problems[0].hint or problems[0].detail


def test_an_alias_bomb_is_refused_where_it_starts() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefghi", "bcdefghij", strict=True)
    )

    _, problems = read("m.yaml", bomb.encode())

    assert {problem.code for problem in problems} == {"yaml-alias"}
    assert problems[0].span.line == 1


def test_the_parser_without_libyaml_tells_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = (b"a: 1\nb: [x, {c: no}]\n", b"a: 1\na: 2\n", b"a: &x 1\nb: *x\n", b"- !t x\n", b"a: 1\n---\nb: 2\n")
    fast = [read("m.yaml", text) for text in texts]
    monkeypatch.setattr(yaml_tree, "_LOADER", yaml.SafeLoader)
    slow = [read("m.yaml", text) for text in texts]

    assert [(d and d.data, [p.code for p in ps]) for d, ps in slow] == [
        (d and d.data, [p.code for p in ps]) for d, ps in fast
    ]
    assert slow[0][0] is not None
    assert fast[0][0] is not None
    assert slow[0][0].keys == fast[0][0].keys


words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), max_size=8)
json_data = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | words,
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(json_data)
def test_json_reads_as_itself(value: Json) -> None:
    text = json.dumps(value, ensure_ascii=False)

    assert data(text) == value


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=200)
    | st.text("ab:-[]{}&*!|>'\"#%@`,?\n\t \\0\ufeff", max_size=60).map(lambda text: text.encode())
)
def test_no_bytes_raise_and_every_problem_lies_in_the_file(content: bytes) -> None:
    document, problems = read("m.yaml", content)

    assert (document is None) == bool(problems)
    for problem in problems:
        assert problem.code.startswith(("yaml-", "duplicate-key", "merge-conflict"))
        assert problem.span.line <= len(lines(content.decode("utf-8", "replace")))
        assert problem.summary
