from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.diagnostics import Diagnostic, Severity, Span
from mlops_ci.views.diagnostics import ANSI, WIDEST, render, tally

PROBLEM = Diagnostic(
    code="unknown-key",
    span=Span("pipelines/churn/model.yaml", 12, 7, 12),
    summary="`epoch` is not a key of `hyperparameters`",
    detail="expected one of: `epochs`, `learning_rate`",
    hint="did you mean `epochs`?",
    excerpt="      epoch: 3",
)


def test_a_diagnostic_reads_as_the_style_guide_shows() -> None:
    assert render([PROBLEM]) == (
        "error[unknown-key]: `epoch` is not a key of `hyperparameters`\n"
        "  --> pipelines/churn/model.yaml:12:7\n"
        "12 |       epoch: 3\n"
        "   |       ^^^^^ expected one of: `epochs`, `learning_rate`\n"
        "hint: did you mean `epochs`?\n"
    )


def test_a_problem_of_a_whole_file_has_no_excerpt() -> None:
    problem = Diagnostic("no-candidates", Span("m/model.yaml"), "`m` has no candidates", detail="expected one")

    assert render([problem]) == ("error[no-candidates]: `m` has no candidates\n --> m/model.yaml\n  = expected one\n")


def test_a_warning_says_so_in_a_word_and_nothing_gives_nothing() -> None:
    assert render([Diagnostic("w", Span("f"), "s", severity=Severity.WARNING)]).startswith("warning[w]: s\n")
    assert render([]) == ""


def test_two_diagnostics_have_an_empty_line_between_them() -> None:
    assert render([PROBLEM, PROBLEM]) == render([PROBLEM]) + "\n" + render([PROBLEM])


def test_colour_adds_escapes_and_takes_no_word_away() -> None:
    coloured = render([PROBLEM], style=ANSI)

    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render([PROBLEM])


def test_nothing_in_a_file_can_speak_to_the_terminal() -> None:
    nasty = "\x1b[2J\x07\u202e\u200b\r\n"
    problem = Diagnostic("c", Span(f"p{nasty}", 1, 1, 3), nasty, nasty, nasty, excerpt=f"a{nasty}")

    text = render([problem])

    assert all(character.isprintable() or character == "\n" for character in text)
    assert text.count("\n") == 5
    assert "\\x1b[2J" in text
    assert "\\u202e" in text


def test_carets_stand_below_wide_characters() -> None:
    problem = Diagnostic("c", Span("f", 1, 6, 8), "s", excerpt="漢字: [漢字]")

    lines = render([problem]).splitlines()

    assert lines[2] == "1 | 漢字: [漢字]"
    assert lines[3] == "  |        ^^^^"


def test_a_tab_counts_as_one_column() -> None:
    lines = render([Diagnostic("c", Span("f", 1, 2, 3), "s", excerpt="\tx")]).splitlines()

    assert lines[2:] == ["1 |  x", "  |  ^"]


def test_a_long_line_is_cut_around_the_carets() -> None:
    problem = Diagnostic("c", Span("f", 1, 501, 504), "s", excerpt="a" * 500 + "bcd" + "e" * 500)

    shown, carets = render([problem]).splitlines()[2:]

    assert len(shown) <= WIDEST + len("1 | ")
    assert shown[carets.index("^") : carets.rindex("^") + 1] == "bcd"
    assert shown.startswith("1 | ...a")
    assert shown.endswith("e...")


@given(st.text(max_size=300), st.integers(0, 310), st.integers(0, 310), st.text(max_size=20))
def test_any_text_at_any_span_is_a_bounded_block(excerpt: str, column: int, end: int, summary: str) -> None:
    text = render([Diagnostic("c", Span("f", 1, column, end), summary, excerpt=excerpt)])

    assert text.endswith("\n")
    assert len(text.splitlines()) in {2, 4}
    assert all(character.isprintable() or character == "\n" for character in text)


def test_a_tally_counts_errors_warnings_and_files() -> None:
    warning = Diagnostic("w", Span("f"), "s", severity=Severity.WARNING)

    assert tally([PROBLEM, PROBLEM, warning]) == "2 errors and 1 warning in 2 files"
    assert tally([PROBLEM]) == "1 error in 1 file"
    assert tally([warning]) == "1 warning in 1 file"
    assert tally([]) == "no problems"
