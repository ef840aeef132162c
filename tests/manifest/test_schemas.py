from __future__ import annotations

import dataclasses
import subprocess
import sys
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mlops_ci.model import (
    CHECKS,
    METRICS,
    BeatChampion,
    Candidate,
    Checks,
    Criterion,
    CustomMetric,
    Data,
    Environment,
    Evaluation,
    Framework,
    Latency,
    MetricDefinition,
    Model,
    OutputMapping,
    Place,
    PostScript,
    Problem,
    Project,
    Promotion,
    Resources,
    Script,
    Serving,
    ServingKind,
    ServingResources,
    Split,
    Target,
)
from mlops_ci.model.effects import plain
from tests.manifest.test_documentation import keys_of
from tests.manifest.trees_of_cases import KINDS, schemas

SCHEMAS = schemas()

SECTIONS: list[tuple[str, str, type, set[str]]] = [
    ("model", "", Model, {"folder", "candidates"}),
    ("model", "data", Data, set()),
    ("model", "data.split", Split, set()),
    ("model", "processing", Script, set()),
    ("model", "processing.post", PostScript, set()),
    ("model", "evaluation", Evaluation, set()),
    ("model", "evaluation.custom.NAME", CustomMetric, {"name"}),
    ("model", "promotion", Promotion, set()),
    ("model", "promotion.require[]", Criterion, set()),
    ("model", "promotion.beat_champion", BeatChampion, set()),
    ("model", "serving", Serving, set()),
    ("model", "serving.output", OutputMapping, set()),
    ("model", "tests", Checks, set()),
    ("model", "tests.latency", Latency, set()),
    ("model", "environments.NAME", Environment, {"name"}),
    ("model", "environments.NAME.resources", ServingResources, set()),
    ("candidate", "", Candidate, {"name"}),
    ("candidate", "framework", Framework, set()),
    ("candidate", "resources", Resources, set()),
    ("candidate", "metric_definitions[]", MetricDefinition, set()),
    ("project", "", Project, {"places"}),
    ("project", "targets.NAME", Target, {"name"}),
    ("project", "environments.NAME", Place, {"name"}),
]
"""Where each dataclass is written, and the fields that a file does not say: its path or its name does."""


def section(kind: str, at: str) -> dict[str, Any]:
    node = SCHEMAS[kind]
    for part in at.split(".") if at else []:
        if part == "NAME":
            node = node["additionalProperties"]
        elif part.endswith("[]"):
            node = node["properties"][part[:-2]]["items"]
        else:
            node = node["properties"][part]
    found: dict[str, Any] = node
    return found


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


def test_jsonschema_is_not_imported_before_a_file_is_checked() -> None:
    code = "import sys, mlops_ci.manifest; sys.exit('jsonschema' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
