"""Pairs of bad input and exact output, and projects that must stay silent.

After a wanted change of words, `python -m tests.manifest.rewrite_golden` writes every
`expected.txt` anew: read the diff.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.manifest import load
from mlops_ci.views.diagnostics import render
from tests.manifest.trees_of_cases import case, cases, schemas


@pytest.mark.parametrize("folder", cases("bad"), ids=lambda path: path.name)
def test_bad_input_is_told_in_exactly_these_words(folder: Path) -> None:
    loaded = load(case(folder), schemas())

    assert render(loaded.diagnostics) == (folder / "expected.txt").read_text("utf-8")


@pytest.mark.parametrize("folder", cases("bad"), ids=lambda path: path.name)
def test_every_problem_says_what_is_wrong_where_and_what_was_expected_or_what_to_do(folder: Path) -> None:
    found = load(case(folder), schemas()).diagnostics

    assert found
    for problem in found:
        assert problem.summary
        assert problem.span.path
        assert problem.detail or problem.hint, problem.code
        assert not problem.span.line or problem.excerpt


@pytest.mark.parametrize("folder", cases("good"), ids=lambda path: path.name)
def test_good_input_stays_silent(folder: Path) -> None:
    loaded = load(case(folder), schemas())

    assert render(loaded.diagnostics) == ""
    assert [model.name for model in loaded.models] == ["m"]


def test_the_base_of_the_bad_cases_is_good() -> None:
    loaded = load(case(Path("nothing-laid-over")), schemas())

    assert loaded.diagnostics == ()
    assert [candidate.name for candidate in loaded.models[0].candidates] == ["one"]
