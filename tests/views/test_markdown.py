"""Markdown that says exactly what it was given."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.views import markdown
from mlops_ci.views.terminal import clean

awkward = st.text(alphabet="ab1. $:/w_*`|\\[]()<>&#@~!+-=\n\x1b\u202e", max_size=20)


def read(marked: str) -> str:
    """Return what GitHub shows for text without markup: comments gone, escapes and entities undone."""
    bare = marked.replace("<!-- -->", "").replace("<span>$</span>", "$")
    return re.sub(r"&#(\d+);|\\(.)", lambda found: chr(int(found[1])) if found[1] else found[2], bare)


@given(awkward)
def test_text_reads_exactly_as_it_was(value: str) -> None:
    assert read(markdown.text(value)) == clean(value)


@given(awkward)
def test_text_is_one_line_without_tags_borders_mentions_or_links_to_issues(value: str) -> None:
    marked = markdown.text(value)
    bare = marked.replace("<!-- -->", " ").replace("<span>$</span>", "$")
    assert "\n" not in marked
    assert "<" not in bare
    assert "|" not in bare
    assert not re.search(r"(?<!\w)@\w|(?<!&)#\w", bare)
    assert not re.search(r"(?<!\\)(\\\\)*[`*\[\]~]", bare)


@given(awkward.filter(bool))
def test_code_is_one_span_that_reads_exactly_as_it_was(value: str) -> None:
    marked = markdown.code(value)
    assert "|" not in marked
    if marked.startswith("<code>"):
        assert read(marked.removeprefix("<code>").removesuffix("</code>")) == clean(value)
    else:
        (fence,) = re.findall(r"^`+", marked)
        inner = marked.removeprefix(fence).removesuffix(fence)
        assert fence not in re.findall("`+", inner)
        assert inner.strip() == clean(value).strip()


def test_nothing_is_no_code() -> None:
    assert markdown.code("") == ""


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("`rate`: 0.1 -> 0.2", "`rate`: 0.1 -> 0.2"),
        ("a_b is not `a*b`", "a_b is not `a*b`"),
        ("*one* `two", "\\*one\\* \\`two"),
        ("<b> @ann #12 `@ann #12 <b>`", "&#60;b> @<!-- -->ann #<!-- -->12 `@ann #12 <b>`"),
        ("held by ann@example.org", "held by ann@<!-- -->example.org"),
        ("see https://a.b/c and www.a.b", "see https:<!-- -->//a.b/c and www<!-- -->.a.b"),
        ("at 09:12:33 :smile: :+1:", "at 09:12:33 :<!-- -->smile: :<!-- -->+1:"),
        ("GH-12 is $1 or $2", "GH<!-- -->-12 is <span>$</span>1 or <span>$</span>2"),
        ("1. no list, 1.5 no entity", "1&#46; no list, 1.5 no entity"),
        ("# no heading", "&#35; no heading"),
        ("- no list", "&#45; no list"),
        ("`a|b`", "<code>a&#124;b</code>"),
    ],
)
def test_in_our_sentences_backticks_mean_code_and_nothing_else_means_anything(sentence: str, expected: str) -> None:
    assert markdown.prose(sentence) == expected


def test_every_row_of_a_table_has_as_many_borders_as_its_header() -> None:
    rows = [(markdown.text("a|b"), markdown.code("c|`d`|"))]
    table = markdown.table(("one", "two"), rows, right=frozenset({1}))
    assert [line.count("|") for line in table] == [3, 3, 3]
    assert table[1] == "| --- | ---: |"


def test_a_block_cannot_be_left_by_what_is_in_it() -> None:
    assert markdown.block(["a", "```", "<b>\x1b[0m"]) == ["````text", "a", "```", "<b>\\x1b[0m", "````"]
