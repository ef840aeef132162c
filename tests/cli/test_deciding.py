"""The verbs with which people decide, over several models at once."""

from __future__ import annotations

import argparse
import io
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import pytest

from mlops_ci.cli.deciding import approve_verb, destroy_verb, release_verb, rollback_verb
from mlops_ci.cli.parser import parse
from mlops_ci.cli.session import Session
from mlops_ci.errors import UsageError
from mlops_ci.executor.glance import Glance
from mlops_ci.executor.world import World
from tests.executor.small import Small, candidate, project_files, small


@dataclass(frozen=True)
class SmallSession(Session):
    """A command in a small world."""

    small: Small = field(kw_only=True)

    def world(self, glance: Glance | None = None) -> World:
        return glance.world() if glance else self.small.world


def session(world: Small, *arguments: str) -> SmallSession:
    parsed: argparse.Namespace = parse(arguments)
    return SmallSession(parsed, {}, Path(), io.StringIO(), io.StringIO(), Event(), small=world)


def said(of: SmallSession) -> str:
    assert isinstance(of.out, io.StringIO)
    assert isinstance(of.err, io.StringIO)
    return of.out.getvalue() + of.err.getvalue()


def two(root: Path) -> Small:
    """Return a world in which `alpha` served one version and `beta` two."""
    world = small(root, {**project_files("alpha"), **project_files("beta")})
    world.run()
    world.repository.files["pipelines/beta/candidates/good.yaml"] = candidate(5)
    world.repository.push()
    world.run()
    return world


def versions(world: Small, environment: str) -> dict[str, int]:
    return {d.model: d.version for d in world.endpoints.describe() if d.environment == environment}


def test_ending_a_model_that_serves_nothing_ends_nobody_else(tmp_path: Path) -> None:
    world = two(tmp_path)
    world.endpoints.delete("staging", "alpha")
    destroy_verb(session(world, "destroy", "staging", "alpha", "--yes"))
    assert versions(world, "staging") == {"beta": 2}


def test_an_environment_that_the_manifest_no_longer_names_can_be_ended(tmp_path: Path) -> None:
    world = two(tmp_path)
    at = "pipelines/alpha/model.yaml"
    text = world.repository.files[at].decode()
    world.repository.files[at] = text.replace("  production: {promotes_from: staging}\n", "").encode()
    world.repository.push()
    (removed,) = world.assess().plan.changes
    assert removed.summary == "end it with `mlops-ci destroy production alpha`"
    assert destroy_verb(session(world, "destroy", "production", "alpha", "--yes")) == 0
    assert versions(world, "production") == {"beta": 2}
    assert world.changes() == []


def test_all_ends_every_endpoint_also_of_models_that_are_gone(tmp_path: Path) -> None:
    world = two(tmp_path)
    for name in [name for name in world.repository.files if name.startswith("pipelines/alpha/")]:
        del world.repository.files[name]
    world.repository.push()
    destroy_verb(session(world, "destroy", "staging", "--all", "--yes"))
    assert versions(world, "staging") == {}
    assert versions(world, "production") == {"alpha": 1, "beta": 2}
    destroy_verb(session(world, "destroy", "production", "alpha", "--yes"))
    assert versions(world, "production") == {"beta": 2}


def test_an_unknown_environment_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        destroy_verb(session(two(tmp_path), "destroy", "prod", "--all", "--yes"))
    assert "`production`, `staging`" in raised.value.detail


def test_one_model_that_cannot_go_back_keeps_no_other_from_it(tmp_path: Path) -> None:
    world = two(tmp_path)
    with pytest.raises(UsageError) as raised:
        rollback_verb(session(world, "rollback", "production", "--all", "--yes"))
    assert "alpha" in raised.value.summary
    assert versions(world, "production") == {"alpha": 1, "beta": 1}


def test_without_a_model_every_hold_is_ended_and_those_without_are_passed_over(tmp_path: Path) -> None:
    world = two(tmp_path)
    rollback_verb(session(world, "rollback", "production", "beta"))
    asked = session(world, "release", "production")
    assert release_verb(asked) == 0
    assert "beta: production is released" in said(asked)
    assert "alpha" not in said(asked)
    with pytest.raises(UsageError):
        release_verb(session(world, "release", "production"))


def test_an_approval_that_nobody_asks_for_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        approve_verb(session(two(tmp_path), "approve", "production"))
    assert "no approval" in raised.value.summary


def test_what_waits_is_approved_and_what_does_not_is_passed_over(tmp_path: Path) -> None:
    world = small(tmp_path, {**project_files("alpha"), **project_files("beta")})
    for name in ("alpha", "beta"):
        at = f"pipelines/{name}/model.yaml"
        text = world.repository.files[at].decode().replace("from: staging}", "from: staging, approval: true}")
        world.repository.files[at] = text.encode()
    world.repository.push()
    world.run("beta")
    asked = session(world, "approve", "production", "--why", "looks good")
    assert approve_verb(asked) == 0
    assert "beta" in said(asked)


@pytest.mark.parametrize("verb", ["rollback", "destroy"])
def test_without_a_terminal_nobody_is_asked_and_nothing_is_done(tmp_path: Path, verb: str) -> None:
    world = two(tmp_path)
    with pytest.raises(UsageError) as raised:
        {"rollback": rollback_verb, "destroy": destroy_verb}[verb](session(world, verb, "production", "--all"))
    assert raised.value.hint.endswith("production --all --yes")
    with pytest.raises(UsageError):
        {"rollback": rollback_verb, "destroy": destroy_verb}[verb](session(world, verb, "production"))
    assert versions(world, "production") == {"alpha": 1, "beta": 2}
