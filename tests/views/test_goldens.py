"""Every view's whole output, against a file."""

from __future__ import annotations

import json

import pytest

from tests.views.goldens import CASES, FOLDER


@pytest.mark.parametrize("name", CASES)
def test_the_output_is_what_its_golden_file_holds(name: str) -> None:
    assert CASES[name]() == (FOLDER / name).read_text(encoding="utf-8")


def test_every_golden_file_has_its_case() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(CASES)


@pytest.mark.parametrize("name", [name for name in CASES if name.endswith(".json")])
def test_json_begins_with_its_format_version_and_ends_with_a_line_end(name: str) -> None:
    text = CASES[name]()
    assert next(iter(json.loads(text).items())) == ("format_version", 1)
    assert text.endswith("}\n")


@pytest.mark.parametrize("name", [name for name in CASES if name.endswith(".txt")])
def test_no_line_of_text_ends_with_a_space(name: str) -> None:
    assert not [line for line in CASES[name]().splitlines() if line != line.rstrip()]
