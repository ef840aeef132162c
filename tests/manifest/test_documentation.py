"""The reference cannot fall behind: every key, every default and every code of a check stands in the docs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mlops_ci.manifest
from mlops_ci.model import METRICS, Effect
from tests.effects.declared import declarations
from tests.manifest.trees_of_cases import schemas

TOP = Path(mlops_ci.manifest.__file__).parents[2]
MANIFESTS = "".join((TOP / "docs" / name).read_text("utf-8") for name in ("manifests.md", "project-file.md"))
CHECKS = (TOP / "docs/checks.md").read_text("utf-8")


def keys_of(schema: dict[str, Any], section: str = "") -> Iterator[tuple[str, Any]]:
    for name, about in schema.get("properties", {}).items():
        at = f"{section}.{name}" if section else name
        yield at, about
        yield from keys_of(about, at)
        if isinstance(about.get("additionalProperties"), dict):
            yield from keys_of(about["additionalProperties"], f"{at}.NAME")
        if isinstance(about.get("items"), dict):
            yield from keys_of(about["items"], f"{at}[]")


def documented(kind: str) -> dict[str, str]:
    """Return the rows of a file's table in the reference, by key."""
    title = {"model": "## `model.yaml`", "candidate": "## `candidates/*.yaml`", "project": "## `mlops-ci.yaml`"}[kind]
    part = MANIFESTS.split(title)[1].split("\n## ")[0]
    return {found.group(1): found.group(0) for found in re.finditer(r"^\| `([^`]+)` \|.*$", part, re.MULTILINE)}


@pytest.mark.parametrize("kind", ["model", "candidate", "project"])
def test_every_key_of_a_schema_stands_in_the_reference_with_its_meaning_and_default(kind: str) -> None:
    rows = documented(kind)
    for key, about in keys_of(schemas()[kind]):
        assert key in rows, f"docs/manifests.md does not mention `{key}`"
        assert about["description"] in rows[key]
        if "default" in about:
            assert f"`{json.dumps(about['default'])}`" in rows[key]


@pytest.mark.parametrize("kind", ["model", "candidate", "project"])
def test_the_reference_names_no_key_that_a_schema_lacks(kind: str) -> None:
    known = {key for key, _ in keys_of(schemas()[kind])} | set(METRICS)

    assert set(documented(kind)) - known == set()


def test_the_reference_says_of_every_key_what_its_field_declares() -> None:
    for kind in ("model", "candidate"):
        rows = documented(kind)
        for key, effects in declarations(kind).items():
            told = rows[key].rsplit(" | ", 1)[1].removesuffix(" |")
            if effects is None:
                assert told == "its keys say" or key == "framework", key
            else:
                words = ", ".join(effect.value for effect in Effect if effect in effects)
                assert told == words or told.startswith(f"{words} ("), f"{kind} {key}: `{told}`, declared `{words}`"
