"""A plan with what stands beside it: every view's whole output, against a file."""

from __future__ import annotations

import json

import pytest

from mlops_ci.views.plan import plan_json, plan_markdown, plan_text
from mlops_ci.views.planned import Planned, planned_json, planned_markdown, planned_text
from tests.views.planned_cases import CASES, FOLDER, changed
from tests.worlds import done_world, new_world


@pytest.mark.parametrize("name", CASES)
def test_the_output_is_what_its_file_holds(name: str) -> None:
    assert CASES[name]() == (FOLDER / name).read_text(encoding="utf-8")


def test_every_file_has_its_case() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(CASES)


@pytest.mark.parametrize("name", [name for name in CASES if name.endswith(".txt")])
def test_no_line_of_text_ends_with_a_space(name: str) -> None:
    assert not [line for line in CASES[name]().splitlines() if line != line.rstrip()]


def test_a_plan_with_nothing_beside_it_is_told_as_a_plan() -> None:
    for plan in (new_world().plan(), done_world().plan()):
        assert planned_text(Planned(plan)) == plan_text(plan)
        assert planned_markdown(Planned(plan)) == plan_markdown(plan)
        assert planned_json(Planned(plan)) == plan_json(plan)


def test_the_three_twins_tell_the_same_differences() -> None:
    text, page, data = planned_text(changed()), planned_markdown(changed()), json.loads(planned_json(changed()))
    sentences = [line["sentence"] for model in data["base"]["models"] for line in model["differences"]]
    assert len(sentences) == 10
    for sentence in sentences:
        assert sentence in text
        assert sentence in page
    assert "s3cret" not in text + page + json.dumps(data)
