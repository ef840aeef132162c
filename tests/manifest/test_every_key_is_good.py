"""Every key that a schema has stands in a manifest that stays silent: none is refused for being used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mlops_ci.manifest import yaml_tree
from tests.manifest.test_documentation import keys_of
from tests.manifest.trees_of_cases import KINDS, case, cases, schemas


def kind_of(path: str) -> str:
    """Return which schema a file of a project has; empty for a file that is no manifest."""
    name = path.rsplit("/", 1)[-1]
    if path == "mlops-ci.yaml":
        return "project"
    if "/candidates/" in path and name.endswith(".yaml"):
        return "candidate"
    return {"model.yaml": "model", "release.yaml": "release"}.get(name, "")


def used(data: Any, schema: dict[str, Any], at: str = "") -> Iterator[str]:  # noqa: ANN401 - JSON data
    """Yield every key that data uses, as `keys_of` names it."""
    if not isinstance(data, dict):
        return
    for name, value in data.items():
        about = schema.get("properties", {}).get(name)
        if about is not None:
            key = f"{at}.{name}" if at else name
            yield key
            yield from used(value, about, key)
            for item in value if isinstance(value, list) else ():
                yield from used(item, about["items"], f"{key}[]")
    entries = schema.get("additionalProperties")
    if isinstance(entries, dict):
        for value in data.values():
            yield from used(value, entries, f"{at}.NAME")


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_a_schema_is_used_in_a_manifest_that_stays_silent(kind: str) -> None:
    schema = schemas()[kind]
    found: set[str] = set()
    for folder in cases("good"):
        for path, content in case(folder).files.items():
            if kind_of(path) == kind:
                document, _ = yaml_tree.read(path, content)
                assert document is not None
                found.update(used(document.data, schema))
    assert sorted({key for key, _ in keys_of(schema)} - found) == []
