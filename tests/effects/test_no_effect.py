"""What says the same in other words changes nothing; another name is another subject."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mlops_ci.plan.change import Action
from mlops_ci.testing.trees import MemoryTree
from tests.effects.bases import BASES, FOLDER, Manifests, manifests, tree
from tests.effects.worlds import desired, finished_world, plan_after
from tests.manifest.trees_of_cases import schemas


def written_out(schema: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return a manifest with every default of its schema said, in each section that is there."""
    said = {**{key: about["default"] for key, about in schema["properties"].items() if "default" in about}, **given}
    for key in refused(given):
        said.pop(key, None)
    for key, about in schema["properties"].items():
        if isinstance(given.get(key), dict):
            entry = about.get("additionalProperties")
            if "properties" in about:
                said[key] = written_out(about, given[key])
            elif isinstance(entry, dict) and "properties" in entry:
                said[key] = {name: written_out(entry, below or {}) for name, below in given[key].items()}
    return said


def refused(given: dict[str, Any]) -> tuple[str, ...]:
    """Return the keys that mean nothing beside those given, so that a rule refuses them whatever they say."""
    if "artifact" in given:
        return ("script", "metric_definitions")
    if "post" in given and "script" not in given:
        return ("arguments", "sources", "outputs", "requirements", "max_runtime")
    if "channels" in given:
        return ("key",)
    return ("artifact", "threshold") if "threshold" not in given else ("artifact",)


def all_defaults(given: Manifests) -> Manifests:
    """Return the same manifests, with every default said."""
    found = schemas()
    return {
        path: written_out(found["model" if path == "model.yaml" else "candidate"], about)
        for path, about in given.items()
    }


@pytest.mark.parametrize("base", BASES)
def test_a_default_that_is_written_out_changes_nothing(tmp_path: Path, base: str) -> None:
    given = manifests(base)
    said = all_defaults(given)
    assert json.dumps(said) != json.dumps(given)
    plan = plan_after(tmp_path, finished_world(tmp_path, given), said)
    assert (plan.changes, plan.steps, plan.notes) == ((), (), ())


@pytest.mark.parametrize("base", BASES)
def test_the_order_of_keys_comments_and_style_change_nothing(tmp_path: Path, base: str) -> None:
    world = finished_world(tmp_path, manifests(base))
    given = {path: dict(reversed(about.items())) for path, about in manifests(base).items()}
    files = dict(tree(given).files)
    for path in given:
        files[f"{FOLDER}/{path}"] = b"# why it is so\n" + files[f"{FOLDER}/{path}"].replace(b"\n", b"   \n")
    now = replace(desired(tmp_path, MemoryTree(files)), release=world.desired.release)
    plan = replace(world, desired=now).plan()
    assert (plan.changes, plan.steps, plan.notes) == ((), (), ())


def test_another_name_of_a_candidate_trains_nothing_again_because_a_training_is_known_by_what_goes_in(
    tmp_path: Path,
) -> None:
    world = finished_world(tmp_path, manifests("split"))
    given = manifests("split")
    given["candidates/renamed.yaml"] = given.pop("candidates/imaged.yaml")
    plan = plan_after(tmp_path, world, given)
    assert [(c.subject, c.action) for c in plan.changes] == [("imaged", Action.REMOVED)]
    assert plan.steps == ()


def test_another_name_of_an_environment_is_a_new_place_and_the_old_one_serves_on(tmp_path: Path) -> None:
    world = finished_world(tmp_path, manifests("split"))
    given = manifests("split")
    places = given["model.yaml"]["environments"]
    places["live"] = places.pop("production")
    plan = plan_after(tmp_path, world, given)
    assert {(c.subject, c.action) for c in plan.changes} == {("live", Action.NEW), ("production", Action.REMOVED)}


def test_another_name_of_a_model_is_a_new_model(tmp_path: Path) -> None:
    world = finished_world(tmp_path, manifests("split"))
    given = manifests("split")
    given["model.yaml"]["name"] = "n"
    plan = replace(world, desired=desired(tmp_path, tree(given, "pipelines/n")), known=("n",)).plan()
    assert {(c.model, c.subject, c.action) for c in plan.changes} == {
        *(("n", name, Action.NEW) for name in ("boosting", "brought", "imaged")),
        *(("m", name, Action.REMOVED) for name in ("staging", "canary", "production")),
    }


def test_another_channel_is_other_data_and_the_test_channel_alone_is_not_for_training(tmp_path: Path) -> None:
    world = finished_world(tmp_path, manifests("channels"))
    given = manifests("channels")
    given["model.yaml"]["data"]["channels"]["validation"] = "data/rows.csv"
    changes = plan_after(tmp_path, world, given).changes
    assert {(c.subject, c.action) for c in changes} == {
        *((name, Action.RETRAIN) for name in ("boosting", "brought", "imaged")), ("m", Action.METADATA),
    }  # fmt: skip
