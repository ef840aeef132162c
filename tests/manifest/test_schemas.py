from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import mlops_ci
from mlops_ci.manifest.fit import fits
from mlops_ci.model import CHECKS, METRICS, Problem, Project, Script, ServingKind
from mlops_ci.model.effects import plain
from tests.manifest.sections import SECTIONS, section
from tests.manifest.test_documentation import keys_of
from tests.manifest.trees_of_cases import KINDS, schemas

SCHEMAS = schemas()


@pytest.mark.parametrize("kind", KINDS)
def test_every_schema_is_a_schema_with_a_stable_relative_id(kind: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[kind])

    assert SCHEMAS[kind]["$id"] == f"{kind}.schema.json"
    assert SCHEMAS[kind]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "format" in SCHEMAS[kind]["required"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_has_a_title_and_a_description_for_editors_and_no_object_is_open(kind: str) -> None:
    for key, about in keys_of(SCHEMAS[kind]):
        assert about["title"], key
        assert about["description"].endswith("."), key
        assert "properties" not in about or about["additionalProperties"] is False, key
        if "enum" in about:
            assert len(about["enumDescriptions"]) == len(about["enum"]), key


@pytest.mark.parametrize(("kind", "at", "owner", "unsaid"), SECTIONS, ids=lambda part: getattr(part, "__name__", None))
def test_the_keys_of_a_section_are_the_fields_of_its_value(kind: str, at: str, owner: type, unsaid: set[str]) -> None:
    keys = set(section(kind, at)["properties"]) - {"format", "post"}
    fields = {field.name for field in dataclasses.fields(owner)} - unsaid
    if owner is Project:
        keys -= {"environments"}

    assert keys == fields


@pytest.mark.parametrize(("kind", "at", "owner", "unsaid"), SECTIONS, ids=lambda part: getattr(part, "__name__", None))
def test_the_defaults_that_editors_show_are_those_of_the_values(
    kind: str, at: str, owner: type, unsaid: set[str]
) -> None:
    about = section(kind, at)["properties"]
    for field in dataclasses.fields(owner):
        if "default" in about.get(field.name, {}):
            assert about[field.name]["default"] == plain(field.default), field.name
        if field.default is dataclasses.MISSING and field.name not in unsaid and owner is not Script:
            assert field.name in section(kind, at)["required"]


def test_editors_complete_the_metrics_checks_problems_and_kinds_there_are() -> None:
    model = SCHEMAS["model"]["properties"]

    assert model["evaluation"]["properties"]["metric"]["examples"] == list(METRICS)
    assert model["tests"]["properties"]["skip"]["items"]["enum"] == list(CHECKS)
    assert section("model", "environments.NAME")["properties"]["requires"]["items"]["enum"] == list(CHECKS)
    assert model["problem"]["enum"] == [problem.value for problem in Problem]
    assert model["serving"]["properties"]["kind"]["enum"] == [kind.value for kind in ServingKind]


WORDS = ["", "a", "A b", "src/**", "x\n", "name"]
values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 70000) | st.floats(-2, 2) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner),
    max_leaves=5,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_what_fits_without_jsonschema_is_exactly_what_jsonschema_accepts(draws: st.DataObject) -> None:
    kind = draws.draw(st.sampled_from(KINDS))
    examples: dict[str, dict[str, Any]] = {
        "project": {"format": 1, "targets": {"a": None}},
        "model": {
            "format": 1,
            "name": "m",
            "problem": "regression",
            "data": {"label": "y"},
            "evaluation": {"metric": "rmse"},
        },
        "candidate": {"format": 1},
        "release": {"format": 1},
    }
    data: dict[str, Any] = dict(examples[kind])
    schema = SCHEMAS[kind]
    at = data
    while True:
        key = draws.draw(st.sampled_from([*sorted(schema["properties"]), "unknown"]))
        schema = schema["properties"].get(key, {})
        if "properties" not in schema or draws.draw(st.booleans()):
            at[key] = draws.draw(values)
            break
        at[key] = dict(at.get(key) or {})
        at = at[key]

    assert fits(data, SCHEMAS[kind]) == Draft202012Validator(SCHEMAS[kind]).is_valid(data)


def test_a_keyword_that_is_not_known_is_left_to_jsonschema() -> None:
    assert not fits("a", {"type": "string", "format": "uri"})


def test_a_line_end_at_the_end_of_a_branch_is_refused() -> None:
    assert not fits({"format": 1, "branch": "main\n"}, SCHEMAS["project"])
    assert fits({"format": 1, "branch": "team/main"}, SCHEMAS["project"])


def test_jsonschema_is_not_imported_where_nothing_is_wrong() -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from mlops_ci.manifest import load\n"
        "from tests.manifest.trees_of_cases import case, schemas\n"
        "assert load(case(Path('nothing-laid-over')), schemas()).models\n"
        "sys.exit('jsonschema' in sys.modules)"
    )
    top = Path(mlops_ci.__file__).parents[1]

    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=top).returncode == 0
