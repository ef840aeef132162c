"""A review: every view's whole output against a file, and what no text in it can do to a comment."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_ci.plan.change import Note
from mlops_ci.plan.review import Review
from mlops_ci.ports.reviews import LIMIT
from mlops_ci.views.review import review_json, review_text
from mlops_ci.views.review_comment import SUMMARY, Rest, comment_markdown, marker, summary_markdown
from tests.views.review_cases import CASES, FOLDER, REST, estate, failed, hostile, of, one, wrong
from tests.worlds import done_world

EXTENSIONS = ["table", "autolink", "strikethrough", "tagfilter", "tasklist"]
CELLS = ("table", "tbody", "td", "th", "thead", "tr")
OURS = frozenset(("br", "code", "details", "em", "h3", "li", "p", "span", "strong", "summary", "ul", *CELLS))
MARKS = (
    *"[]()<>`|\\*_~#",
    *("```", "@team", "#12", "$x$", ":smile:", "-->", "<!-- ", "</details>", "<script>", "www.evil.example", "&lt;b>"),
    *("<img src=x onerror=y>", "http://evil.example", "[a](http://b)", "![a](b)", "\n\n# h", "\n- x", "\r\n", "1. "),
    *("\x1b[2J", "\u202e", "\ud800", "\x00", "ä", "\U0001f600", "a@b.example", "    ", "| --- |", "GH-1", "${{ x }}"),
)
awkward = st.lists(st.sampled_from([*MARKS, "a", " ", "b1"]), min_size=1, max_size=12).map("".join)


class Tags(HTMLParser):
    """Gathers tags with their attributes, and the text outside of code."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.open: list[str] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "code" not in self.open:
            self.said.append(data)


def rendered(text: str) -> Tags:
    """Return what GitHub's own parser makes of a comment."""
    made = cmarkgfm.markdown_to_html_with_extensions(text, Options.CMARK_OPT_UNSAFE, EXTENSIONS)
    found = Tags()
    found.feed(made)
    return found


def shape(text: str) -> list[tuple[str, Any]]:
    return rendered(text).tags


@pytest.mark.parametrize("name", CASES)
def test_the_output_is_what_its_file_holds(name: str) -> None:
    assert CASES[name]() == (FOLDER / name).read_text(encoding="utf-8")


def test_every_file_has_its_case() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(CASES)


def test_the_three_twins_tell_the_same() -> None:
    text, page, data = review_text(one()), comment_markdown(one(), "x", REST), json.loads(review_json(one()))
    for change in data["plan"]["changes"]:
        assert change["summary"] in text
        assert change["summary"] in page
    for model in data["since"]["models"]:
        for line in model["lines"]:
            assert line["sentence"] in text
            assert line["sentence"] in page
    assert "0.9500" in text
    assert "**0.9500**" in page
    assert data["forecasts"][0]["board"]["defending"]["metrics"][0]["value"] == 0.95


def test_the_words_of_a_job_and_secrets_are_in_no_review() -> None:
    every = review_text(failed()) + review_json(failed()) + summary_markdown(failed(), "x")
    assert "ValueError" not in every
    assert "attempt 1 failed" in every
    assert "s3cret" not in review_text(one()) + review_json(one()) + summary_markdown(one(), "x")


def test_the_marker_is_the_first_line_and_seen_by_nobody() -> None:
    page = comment_markdown(one(), "models.a_b-1", REST)
    assert page.splitlines()[0] == marker("models.a_b-1") == "<!-- mlops-ci:models.a_b-1 -->"
    assert "models.a_b-1 -->" not in "".join(rendered(page).said)


def with_texts(review: Review, text: str) -> Review:
    """Return the review with a note, a label and a remark that say this."""
    assert review.plan is not None
    note = Note("churn", text, "held", f"`{text}` and {text}", text)
    changes = tuple(replace(change, subject=text, summary=text) for change in review.plan.changes)
    return replace(review, plan=replace(review.plan, notes=(note,), changes=changes), remarks=(text,))


@settings(max_examples=150, deadline=None)
@given(awkward)
def test_no_text_makes_markup_links_mentions_or_leaves_its_place(text: str) -> None:
    review = with_texts(of(done_world(), forecasts=()), text)
    plain = with_texts(of(done_world(), forecasts=()), "x")
    found = rendered(comment_markdown(review, "mlops-ci", Rest()))
    assert {tag for tag, _ in found.tags} <= OURS
    assert all(name in {"align", "open"} for _, attributes in found.tags for name, _ in attributes)
    assert [tag for tag, _ in found.tags if tag not in {"code", "span"}] == [
        tag for tag, _ in shape(comment_markdown(plain, "mlops-ci", Rest())) if tag not in {"code", "span"}
    ]
    for said in found.said:  # each piece of text outside of code is looked at by GitHub alone
        assert not re.search(r"@\w|#\d|GH-\d|://|:smile:|www\.", said), said
        assert not re.search("[\x00-\x08\x1b\u202e\ud800]", said), said


@pytest.mark.parametrize("make", [one, wrong, estate, failed, hostile])
def test_every_page_has_our_tags_alone_and_what_it_opens_it_closes(make: Any) -> None:  # noqa: ANN401
    page = comment_markdown(make(), "mlops-ci", REST)
    found = rendered(page)
    assert {tag for tag, _ in found.tags} <= OURS
    assert page.count("<details") == page.count("</details>")
    assert found.open == [] or set(found.open) <= {"br"}


def test_a_comment_of_many_models_is_cut_between_models_and_says_where_the_rest_is() -> None:
    many = estate(300)
    page, whole = comment_markdown(many, "mlops-ci", REST), summary_markdown(many, "mlops-ci")
    assert LIMIT * 0.8 < len(page.encode()) < LIMIT
    assert page.count("<details>") == page.count("</details>")
    told = page.count("<summary><code>churn-")
    assert 0 < told < 300
    assert (
        f"The details of {300 - told} models do not fit here: the rest is in [the job's summary]({REST.url})." in page
    )
    assert page.endswith("`HEAD` left `main` (`c0ffee111111`).\n")
    assert whole.count("<summary><code>churn-") == 300
    assert len(whole.encode()) < SUMMARY


def test_the_whole_has_an_end_too() -> None:
    whole = summary_markdown(estate(3000), "mlops-ci")
    assert SUMMARY * 0.8 < len(whole.encode()) <= SUMMARY
    assert "do not fit here: the rest is in `mlops-ci plan --base`." in whole


@pytest.mark.parametrize("text", ["\U0001f600" * 20_000, "$" * 20_000, "\n" * 70_000, "é|" * 40_000, "`" * 70_000])
@pytest.mark.parametrize("make", [one, estate])
def test_a_comment_stays_below_the_limit_whatever_is_in_it(text: str, make: Any) -> None:  # noqa: ANN401
    page = comment_markdown(with_texts(make(), text), "x" * 64, REST)
    assert len(page.encode("utf-8")) < LIMIT
    assert len(page.encode("utf-16-le")) // 2 < LIMIT
    assert page.replace("\n", "\r\n").__len__() < LIMIT
    assert page.count("<details") == page.count("</details>")


def test_a_thousand_problems_are_cut_and_counted() -> None:
    some = tuple(replace(wrong().diagnostics[0], summary=f"problem {number}") for number in range(1000))
    page = comment_markdown(replace(wrong(), diagnostics=some), "mlops-ci", REST)
    told = page.count("problem ") - 1
    assert 100 < told < 1000
    assert f"{1000 - told} more are in the log." in page
    assert len(page.encode()) < LIMIT


def test_columns_in_which_nothing_stands_are_left_out() -> None:
    page = comment_markdown(replace(estate(), forecasts=()), "mlops-ci", REST)
    assert "| model | plan | expected |\n" in page
    assert "| model | plan | expected | contest |\n" in comment_markdown(estate(), "mlops-ci", REST)
