"""A survey tells what an assessment tells, and looks at what changed only; `Small.assess` compares both everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.errors import ManifestError
from mlops_ci.executor.glance import Glance, Item, Result
from mlops_ci.executor.survey import survey
from mlops_ci.executor.world import World
from mlops_ci.manifest.folders import Folder
from mlops_ci.plan.change import Plan
from tests.executor.small import Small, candidate, project_files, small


@pytest.fixture
def two(tmp_path: Path) -> Small:
    """Return two models, run and looked at once."""
    made = small(tmp_path, project_files() | project_files("other"))
    made.run()
    made.assess()
    return made


def sleeping(glance: Glance) -> Glance:
    """Return a glance that must not wake the world."""

    def world() -> World:
        raise AssertionError("a model was examined")

    return replace(glance, world=world)


def plan_of(made: Small, *models: str) -> Plan:
    found = survey(made.glance, models)
    assert found is not None
    return found.plan


class Counting:
    """A `Spread` that remembers which folders it was given."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        self.names.extend(item.name for item in items if isinstance(item, Folder))
        return [work(item) for item in items]


def examined(made: Small) -> list[str]:
    """Return which models a survey examines."""
    counting = Counting()
    survey(replace(made.glance, spread=counting), ())
    return counting.names


def test_what_did_not_change_is_not_looked_at_again(two: Small) -> None:
    found = survey(sleeping(two.glance), ())
    assert found is not None
    assert found.plan.is_empty
    assert found.plan.models == ("other", "tiny")


def test_one_of_many_is_found_without_the_others(two: Small) -> None:
    found = survey(sleeping(two.glance), ("tiny",))
    assert found is not None
    assert found.plan.models == ("tiny",)


def test_only_the_model_that_changed_is_examined(two: Small) -> None:
    two.push("candidates/bad.yaml", candidate(2))
    assert examined(two) == ["tiny"]
    assert [change.subject for change in plan_of(two).changes] == ["bad"]
    assert examined(two) == []


def test_a_record_that_is_new_gone_or_other_is_seen(two: Small) -> None:
    name = next(name for name in two.records.kept if name.startswith("tiny/evaluations/"))
    content = two.records.kept.pop(name)
    assert not plan_of(two).is_empty
    two.records.kept[name] = content
    assert plan_of(two).is_empty
    two.records.kept[name] = content[: len(content) // 2]
    found = survey(two.glance, ())
    assert found is not None
    assert [damaged.name for damaged in found.damaged] == [name]


def test_an_endpoint_that_died_is_seen(two: Small) -> None:
    two.endpoints.delete("staging", "tiny")
    assert [(c.model, c.subject) for c in plan_of(two).changes] == [("tiny", "staging")]


def test_an_endpoint_of_a_model_that_is_gone_is_told_whatever_is_selected(two: Small) -> None:
    for path in [path for path in two.repository.files if path.startswith("pipelines/other/")]:
        del two.repository.files[path]
    two.repository.push()
    assert [(c.model, c.action.value) for c in plan_of(two, "tiny").changes] == [("other", "removed")] * 2
    assert plan_of(two, "tiny") == two.assess("tiny").plan


def test_another_version_of_our_own_code_believes_nothing_of_the_last(two: Small) -> None:
    before = plan_of(two)
    counting = Counting()
    found = survey(replace(two.glance, state="another", spread=counting), ())
    assert counting.names == ["other", "tiny"]
    assert found is not None
    assert found.plan == before


def test_a_wrong_manifest_is_told_with_the_warnings_of_the_others_and_never_remembered(two: Small) -> None:
    two.push("candidates/bad.yaml", candidate(2) + b"epoch: 3\n")
    for _ in range(2):
        with pytest.raises(ManifestError) as caught:
            survey(two.glance, ())
        assert [problem.code for problem in caught.value.diagnostics] == ["unknown-key"]
    two.push("candidates/bad.yaml", candidate(1))
    assert plan_of(two).is_empty


@pytest.mark.parametrize("damage", [b"", b"\n\n\t\t", b"\xff\xfe", b"00000000\ttiny\t-\tabc\t-\n"])
def test_a_damaged_snapshot_is_none(two: Small, damage: bytes) -> None:
    before = plan_of(two)
    two.snapshots.kept["plan"] = damage
    assert plan_of(two) == before


def test_a_snapshot_with_any_byte_changed_tells_the_same_plan(two: Small) -> None:
    two.push("candidates/bad.yaml", candidate(2))
    before = plan_of(two)
    whole = two.snapshots.kept["plan"]
    for at in range(0, len(whole), 97):
        two.snapshots.kept["plan"] = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        assert plan_of(two) == before, at


def test_a_model_that_is_gone_is_forgotten(two: Small) -> None:
    for path in [path for path in two.repository.files if path.startswith("pipelines/other/")]:
        del two.repository.files[path]
    two.push("candidates/bad.yaml", candidate(2))
    plan_of(two)
    assert b"\tother\t" not in two.snapshots.kept["plan"]
    assert b"\ttiny\t" in two.snapshots.kept["plan"]


def test_a_name_that_is_no_models_is_left_to_the_assessment(two: Small) -> None:
    assert survey(two.glance, ("tiyn",)) is None
    assert survey(two.glance, ("t*", "x*")) is None


def test_a_run_is_about_the_models_that_have_something_to_do_or_to_say(two: Small) -> None:
    found = survey(two.glance, ())
    assert found is not None
    assert found.busy().plan.models == ()
    two.push("candidates/bad.yaml", candidate(2))
    found = survey(two.glance, ())
    assert found is not None
    assert found.busy().plan.models == ("tiny",)
    assert [name for name, _ in found.quiet().found] == ["other"]


@pytest.mark.parametrize("kind", ["seen", "promotions", "deployments"])
def test_a_fact_that_only_a_run_would_record_keeps_a_model_busy(two: Small, kind: str) -> None:
    for name in [name for name in two.records.kept if name.startswith(f"tiny/{kind}/")]:
        del two.records.kept[name]
    found = survey(two.glance, ())
    assert found is not None
    assert found.plan.is_empty
    assert found.busy().plan.models == ("tiny",)
