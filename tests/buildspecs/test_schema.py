"""The schema of buildspec 0.2, and every buildspec of ours held to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from mlops_ci.resources import folder

GOLDEN = Path(__file__).parent / "golden"
SCHEMA = json.loads((folder("schemas") / "buildspec.schema.json").read_text(encoding="utf-8"))
OURS = sorted(folder("buildspecs").glob("*.yml"))


def problems(path: Path) -> list[str]:
    """Return where a buildspec does not fit the schema, and by which keyword."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    found: list[Any] = [*Draft202012Validator(SCHEMA).iter_errors(data)]
    return sorted(f"{'/'.join(map(str, error.absolute_path))}: {error.validator}" for error in found)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.stem))
def test_ours_fit(path: Path) -> None:
    assert problems(path) == []


@pytest.mark.parametrize("path", sorted((GOLDEN / "good").glob("*.yml")), ids=lambda path: str(path.stem))
def test_what_awss_reference_shows_fits(path: Path) -> None:
    assert problems(path) == []


@pytest.mark.parametrize("path", sorted((GOLDEN / "bad").glob("*.yml")), ids=lambda path: str(path.stem))
def test_what_is_wrong_is_found_where_it_is(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# ")
    assert problems(path) == first.removeprefix("# ").split(", ")
