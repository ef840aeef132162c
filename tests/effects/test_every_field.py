"""Each field of a manifest is changed in a file, and the plan shows what that field declares, and nothing else."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from mlops_ci.model import Effect
from mlops_ci.plan.change import Action, Plan
from tests.effects.bases import EXTRA, Manifests, manifests, tree
from tests.effects.cases import CANDIDATE, MODEL, Case
from tests.effects.declared import declarations
from tests.effects.worlds import desired, finished_world, plan_after, put
from tests.factories import package_of
from tests.manifest.test_documentation import keys_of
from tests.manifest.trees_of_cases import schemas
from tests.worlds import steps

CASES = {"model": MODEL, "candidate": CANDIDATE}
NAMES = ("boosting", "brought", "imaged")
TESTED = ("staging", "canary")
"""The environments that another one promotes from."""

Subjects = set[tuple[str, Action]]


FIELDS = [
    (kind, key, effects)
    for kind in CASES
    for key, effects in declarations(kind).items()
    if effects is not None and Effect.IDENTITY not in effects
]


@pytest.mark.parametrize("kind", CASES)
def test_every_key_of_a_schema_declares_its_effect_by_its_field(kind: str) -> None:
    keys = {key for key, _ in keys_of(schemas()[kind])} - {"format"}
    assert keys - set(declarations(kind)) == set()


@pytest.mark.parametrize("kind", CASES)
def test_every_key_that_declares_an_effect_is_changed_below(kind: str) -> None:
    assert {key for of, key, _ in FIELDS if of == kind} == set(CASES[kind])


def candidates(kind: str, case: Case) -> tuple[str, ...]:
    """Return the candidates that a change is about."""
    return (case.base,) if kind == "candidate" else NAMES


def expected(kind: str, key: str, case: Case, effects: frozenset[Effect]) -> Subjects:
    """Return what the plan has to show for declared effects, by the rules of docs/manifests.md."""
    named = candidates(kind, case)
    tests = {(name, Action.REEVALUATE) for name in TESTED}
    if effects == {Effect.RETRAIN}:
        return {(name, Action.RETRAIN) for name in named}
    if effects == {Effect.RETRAIN, Effect.REEVALUATE}:
        # The champion stays what it is, and is judged anew; what its tests compare with is new, too.
        return {*((name, Action.RETRAIN) for name in named), ("champion", Action.REEVALUATE), *tests}
    if effects == {Effect.REEVALUATE}:
        return {*((name, Action.REEVALUATE) for name in named), *tests}
    if effects == {Effect.REEVALUATE, Effect.REDEPLOY}:
        # Other packages: they are evaluated first, and deployed if one wins. What serves is as it was.
        return {(name, Action.REEVALUATE) for name in named}
    if effects == {Effect.REDEPLOY}:
        at = case.at[1] if key.startswith("environments.") else ""
        return {(name, Action.REDEPLOY) for name in (*TESTED, "production") if at in ("", name)}
    if effects == {Effect.REJUDGE}:
        # A gate judges what comes next: what stands behind it already stays (see test_gates.py).
        return set() if key.startswith("environments.") else {("champion", Action.PROMOTE)}
    if effects == {Effect.RETEST}:
        return tests
    assert effects == {Effect.METADATA}
    return {("m", Action.METADATA)}


def before_and_after(kind: str, case: Case) -> tuple[Manifests, Manifests]:
    """Return the manifests before and after a case's change."""
    base = case.base if kind == "model" else "split"
    file = "model.yaml" if kind == "model" else f"candidates/{case.base}.yaml"
    before, after = manifests(base), manifests(base)
    if case.base in EXTRA:
        before[file], after[file] = copy.deepcopy(EXTRA[case.base]), copy.deepcopy(EXTRA[case.base])
    put(before, file, case.first)
    put(after, file, {**case.first, **case.also, case.at: case.value})
    return before, after


@pytest.mark.parametrize(("kind", "key", "effects"), FIELDS, ids=lambda part: part if isinstance(part, str) else "")
def test_a_change_of_a_field_causes_exactly_what_it_declares(
    tmp_path: Path, kind: str, key: str, effects: frozenset[Effect]
) -> None:
    case = CASES[kind][key]
    before, after = before_and_after(kind, case)
    world = finished_world(tmp_path, before)
    plan = plan_after(tmp_path, world, after)

    assert {(change.subject, change.action) for change in plan.changes} == expected(kind, key, case, effects)
    check_steps(plan, effects)
    check_reasons(plan, key, effects)
    if Effect.RETRAIN not in effects:
        packages = [package_of(each, "boosting") for each in (world.desired, desired(tmp_path, tree(after)))]
        assert (packages[0] != packages[1]) == ({Effect.REEVALUATE, Effect.REDEPLOY} <= effects)


def check_steps(plan: Plan, effects: frozenset[Effect]) -> None:
    """Check that what would be done is of the kinds that the effects allow."""
    kinds = {step.split("/")[0] for step in steps(plan)}
    allowed: dict[Effect, set[str]] = {
        Effect.RETRAIN: {"process", "train", "evaluate", "promote", "deploy", "test", "gate"},
        Effect.REEVALUATE: {"process", "evaluate", "promote", "deploy", "test", "gate"},
        Effect.REJUDGE: {"promote", "deploy", "test", "gate"},
        Effect.REDEPLOY: {"deploy", "test"},
        Effect.RETEST: {"test"},
        Effect.METADATA: set(),
    }
    assert kinds <= set[str]().union(*(allowed[effect] for effect in effects))
    first = {Effect.RETRAIN: "train", Effect.REEVALUATE: "evaluate", Effect.RETEST: "test"}
    for effect, kind in first.items():
        assert effect not in effects or kind in kinds


def check_reasons(plan: Plan, key: str, effects: frozenset[Effect]) -> None:
    """Check that the change of a field is told by the field's name, or by that of the list or mapping it is in."""
    if effects & {Effect.RETRAIN, Effect.REEVALUATE, Effect.REDEPLOY, Effect.METADATA}:
        last = key.removeprefix("environments.NAME.").split(".NAME")[0].split("[]")[0].rsplit(".", 1)[-1]
        told = {reason.field for change in plan.changes for reason in change.reasons}
        assert any(last in field for field in told), told
