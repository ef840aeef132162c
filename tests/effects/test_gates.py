"""Fields of a gate: what stands behind it stays, and what waits before it is judged again from the records."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.model import Standing
from mlops_ci.plan.change import Action, Plan
from mlops_ci.records.facts import CheckResult, Tested
from tests.effects.bases import manifests
from tests.effects.cases import At
from tests.effects.worlds import finished_world, plan_after, put
from tests.factories import clock, endpoint
from tests.worlds import World

OLD = "0" * 64
"""A package that was served before."""


Shown = tuple[list[tuple[str, Action]], list[tuple[str, str]]]


def waiting(root: Path, *behind: str) -> World:
    """Return the world in which v2 serves, and these environments stand at v1 still; `latency` has failed on canary."""
    world = finished_world(root, manifests("split"))
    release = world.desired.release
    assert release.champion
    package = release.champion.package
    names = [environment.name for environment in world.desired.model.environments]
    served = {name: (1, OLD) if name in behind else (2, package) for name in names}
    moved = replace(
        release,
        champion=replace(release.champion, version=2),
        environments=tuple(Standing(name, *served[name]) for name in names),
        versions=((1, OLD), (2, package)),
    )
    desired = replace(world.desired, release=moved)
    verdicts = {name: "failed" if name == "latency" else "passed" for name in desired.model.checks()}
    results = tuple(CheckResult(name, verdict, f"it {verdict}", 0.1) for name, verdict in verdicts.items())
    known = [
        Tested("m", "canary", version, of, desired.suite(of), 2, results, clock(90))
        for version, of in ((2, package), (1, OLD))
    ]
    deployed = tuple(endpoint(desired, name, of, version=version) for name, (version, of) in served.items())
    return replace(world, desired=desired, deployed=deployed).recording(*known)


def shown(plan: Plan) -> Shown:
    """Return the changes and the notes, as far as they are about production."""
    return (
        [(change.subject, change.action) for change in plan.changes if change.subject == "production"],
        [(note.subject, note.code) for note in plan.notes],
    )


OPEN: Shown = ([("production", Action.REDEPLOY)], [])


@pytest.mark.parametrize(
    ("behind", "at", "value", "before", "after"),
    [
        (("production",), "requires", ["latency"], OPEN, ([], [("production", "blocked")])),
        (("production",), "approval", True, OPEN, ([], [("production", "approval")])),
        (("production", "canary"), "promotes_from", "staging", ([], []), OPEN),
    ],
)  # fmt: skip
def test_what_waits_before_a_gate_is_judged_again_from_the_records(
    tmp_path: Path, behind: tuple[str, ...], at: str, value: object, before: Shown, after: Shown
) -> None:
    world = waiting(tmp_path, *behind)
    assert shown(world.plan()) == before
    given = manifests("split")
    put(given, "model.yaml", {("environments", "production", at): value})
    assert shown(plan_after(tmp_path, world, given)) == after


@pytest.mark.parametrize(("at", "value"), [("requires", ["latency"]), ("approval", True), ("promotes_from", "staging")])
def test_what_has_passed_a_gate_stays_whatever_the_gate_asks_for_now(tmp_path: Path, at: str, value: object) -> None:
    place: At = ("environments", "production", at)
    given = manifests("split")
    put(given, "model.yaml", {place: value})
    plan = plan_after(tmp_path, finished_world(tmp_path, manifests("split")), given)
    assert (plan.changes, plan.steps, plan.notes) == ((), (), ())
