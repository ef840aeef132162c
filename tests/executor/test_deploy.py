"""Deploying: pointer, gate, endpoint, and what is recorded of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mlops_ci.commands import select
from mlops_ci.executor.deploy import PATIENCE
from mlops_ci.executor.held import roll_back
from mlops_ci.plan.deployed import Deployed, EndpointState
from mlops_ci.ports.endpoints import EndpointSpec
from tests.executor.small import Small, candidate, small


def on(world: Small, verb: str, environment: str) -> dict[str, str]:
    situation = world.assess()
    return world.outcomes(world.perform(situation, select.on_environment(situation, verb, environment)))


def test_an_endpoint_that_died_comes_back_without_a_commit(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    tip = world.repository.main
    world.endpoints.kill("production")
    assert world.steps() == ["tiny/deploy/production"]
    assert world.run().exit_code == 0
    assert world.endpoints.serving["production", "tiny"][1].state is EndpointState.IN_SERVICE
    assert world.repository.main == tip
    assert world.steps() == []


def test_a_dead_endpoint_comes_back_although_a_training_fails(tmp_path: Path) -> None:
    from mlops_ci.ports.jobs import Failed, FailureCause

    world = small(tmp_path)
    world.run()
    world.endpoints.kill("production")
    world.push("candidates/bad.yaml", candidate(3))
    world.trainer.fates["bad"] = [Failed(FailureCause.EXIT, "exit code 1", "", "", 1.0)] * 2
    result = world.run()
    assert result.exit_code == 1
    assert world.endpoints.serving["production", "tiny"][1].state is EndpointState.IN_SERVICE
    assert {e.step.id: e.outcome.value for e in result.ended}["tiny/restore/production"] == "done"


def test_a_package_that_does_not_come_up_leaves_the_old_one_and_is_tried_again(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    world.push("candidates/bad.yaml", candidate(5))
    world.endpoints.broken = {"everything"}
    situation = world.assess()
    package = ""

    class Broken(set[str]):
        def __contains__(self, digest: object) -> bool:
            return digest != package

    package = world.endpoints.serving["staging", "tiny"][1].package
    world.endpoints.broken = Broken()
    result = world.perform(situation, situation.plan.steps)
    assert result.exit_code == 69
    end = next(end for end in result.ended if end.step.id == "tiny/deploy/staging")
    assert "v1 goes on serving" in end.sentence
    assert end.lines == ("ImportError: no module named x",)
    assert world.endpoints.serving["staging", "tiny"][1].version == 1
    world.endpoints.broken = set()
    assert world.changes()[0] == ("drift", "staging")
    assert world.run().exit_code == 0
    assert world.endpoints.serving["production", "tiny"][1].version == 2
    assert world.steps() == []


def test_what_answers_under_another_version_than_released_has_drifted(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    spec, now = world.endpoints.serving["production", "tiny"]
    world.endpoints.serving["production", "tiny"] = (spec, replace(now, version=7))
    assert world.changes() == [("drift", "production")]
    world.run()
    assert world.steps() == []


def test_a_deployment_is_recorded_once_with_its_commit(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    served = world.ledger.served["tiny"]
    assert [(s.environment, s.version, s.why) for s in served] == [
        ("staging", 1, "its pointer moved"), ("production", 1, "its pointer moved"),
    ]  # fmt: skip
    assert on(world, "deploy", "staging") == {"gate/staging": "skipped", "deploy/staging": "skipped"}
    assert world.ledger.served["tiny"] == served


def test_a_closed_gate_keeps_the_environment_where_it_is(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.rewrite("{promotes_from: staging}", "{promotes_from: staging, approval: true}")
    result = world.run()
    assert result.exit_code == 75
    assert world.outcomes(result)["gate/production"] == "waiting"
    assert world.outcomes(result)["deploy/production"] == "stopped"
    assert ("production", "tiny") not in world.endpoints.serving


def test_tests_of_today_are_not_run_again_by_a_contest_that_changes_nothing(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    world.push("candidates/bad.yaml", candidate(2))
    result = world.run()
    assert world.outcomes(result)["test/staging"] == "skipped"
    assert len([name for name in world.records.kept if "/tests/" in name]) == 1
    assert on(world, "test", "staging") == {"test/staging": "done"}  # somebody asked
    assert len([name for name in world.records.kept if "/tests/" in name]) == 2


def test_what_an_environment_keeps_serving_is_judged_by_new_rules_too(tmp_path: Path) -> None:
    """Staging is held at an older version: its tests compare with an evaluation that only it needs."""
    from mlops_ci.executor.held import roll_back

    world = small(tmp_path)
    world.run()
    world.push("candidates/good.yaml", candidate(5))
    world.run()
    desired = world.assess().desired[0]
    roll_back(world.world, desired, desired.model.environments[0], world.ledger, lambda _: None, to=1, why="")
    world.run()
    assert world.steps() == []
    world.push("data/tiny.csv", b"x,large\n1,no\n9,yes\n8,yes\n")
    result = world.run()
    assert result.exit_code == 0, result.ended
    assert world.steps() == []


def test_an_errored_test_run_is_evidence_and_keeps_production_closed(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    world.push("candidates/bad.yaml", candidate(5))
    world.rewrite("robustness]", "robustness], pytest: [tests/test_it.py]")
    world.push("tests/test_it.py", b"def test_it(): ...")
    result = world.run()
    assert result.exit_code == 1
    runs = [run for found in world.ledger.tests.values() for run in found]
    assert {r.verdict for run in runs for r in run.results if r.check == "pytest"} == {"errored"}
    assert world.endpoints.serving["production", "tiny"][1].version == 1
    assert world.endpoints.serving["staging", "tiny"][1].version == 2


def test_a_rollback_in_the_middle_of_a_deployment_has_the_last_word(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    world.push("candidates/bad.yaml", candidate(5))
    apply = world.endpoints.apply
    rolled: list[EndpointSpec] = []

    def apply_slowly(spec: EndpointSpec) -> None:
        if (spec.environment, spec.version) == ("staging", 2) and not rolled:
            rolled.append(spec)
            desired = world.assess().desired[0]
            roll_back(world.world, desired, desired.model.environments[0], world.ledger, lambda _: None, to=1, why="")
        apply(spec)

    world.endpoints.apply = apply_slowly  # type: ignore[method-assign]
    world.run()
    assert rolled
    standing = world.release.standing("staging")
    assert standing
    assert (standing.version, standing.held is not None) == (1, True)
    assert world.endpoints.serving["staging", "tiny"][1].version == 1


def test_what_an_alarm_rolled_back_ends_as_a_failure_that_names_it_while_the_old_version_serves(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    world.push("candidates/bad.yaml", candidate(5))
    before = world.endpoints.serving["staging", "tiny"]

    def roll_back_by_alarm(spec: EndpointSpec) -> None:
        detail, alarm = f"tiny/v{spec.version} did not come up: it was rolled back", "alarm `tiny-5xx` (5 or more)"
        world.endpoints.serving["staging", "tiny"] = (before[0], replace(before[1], detail=detail, alarm=alarm))

    world.endpoints.apply = roll_back_by_alarm  # type: ignore[method-assign]
    result = world.run()
    assert result.exit_code == 1
    end = next(end for end in result.ended if end.step.id == "tiny/deploy/staging")
    assert "tiny v2 was rolled back on `staging` by alarm `tiny-5xx` (5 or more); v1 goes on serving" in end.sentence
    assert "mlops-ci rollback staging tiny" in end.hint


def test_an_endpoint_is_waited_for_as_long_as_its_host_says_and_looked_at_ever_less_often(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    world.endpoints.kill("production")
    apply, describe, clock = world.endpoints.apply, world.endpoints.describe, world.world.clock
    applied: list[float] = []
    looked: list[float] = []

    def apply_and_note(spec: EndpointSpec) -> None:
        applied.append(clock.seconds())
        apply(spec)

    def describe_slowly() -> tuple[Deployed, ...]:
        looked.append(clock.seconds())
        is_ready = not applied or clock.seconds() - applied[0] >= 3 * PATIENCE
        found = describe()
        return found if is_ready else tuple(replace(d, state=EndpointState.UPDATING, patience=9999.0) for d in found)

    world.endpoints.apply = apply_and_note  # type: ignore[method-assign]
    world.endpoints.describe = describe_slowly  # type: ignore[method-assign]
    assert world.run().exit_code == 0
    assert clock.seconds() - applied[0] >= 3 * PATIENCE
    assert len(looked) < 350
