"""A fleet of builds for the trainings of a plan."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

import pytest

from mlops_ci.adapters.aws.requests.fleets import batch_request
from mlops_ci.commands.fleet import MOST, parts, train_by_fleet
from mlops_ci.errors import JobFailed, TryAgain
from mlops_ci.plan.change import Basis, Plan
from mlops_ci.plan.steps import Scheduled, Train
from mlops_ci.ports.fleets import Fleet, FleetBuild, FleetState, Part
from mlops_ci.testing.aws.builds.batch_tasks import tasks_of
from mlops_ci.testing.aws.shapes import problems


@dataclass
class Memory:
    """`Fleets` that end as they were told to; every look is one nearer to the end."""

    ends: tuple[FleetState, ...] = ()
    known: str = ""
    state: FleetState = FleetState.SUCCEEDED
    started: list[tuple[Part, ...]] = field(default_factory=list)
    looks: int = 0

    def running(self, commit: str) -> str:
        return self.known if commit == "abc" else ""

    def start(self, commit: str, parts: tuple[Part, ...]) -> str:
        assert commit == "abc"
        self.started.append(parts)
        return "new"

    def look(self, fleet: str) -> Fleet:
        self.looks += 1
        is_over = self.looks > 2
        states = self.ends if is_over else tuple(FleetState.RUNNING for _ in self.ends)
        builds = tuple(FleetBuild(f"part{n}", state, f"log{n}") for n, state in enumerate(states, start=1))
        return Fleet(fleet, self.state if is_over else FleetState.RUNNING, builds)


class Clock:
    def now(self) -> str:
        return "2026-01-01T00:00:00.000Z"

    def seconds(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        assert seconds > 0


def a_plan(*names: str) -> Plan:
    steps = tuple(Scheduled(Train("churn", name), ()) for name in names)
    return Plan(Basis("abc", "abc", "main", "cloud"), ("churn",), (), steps, ())


def done(fleets: Memory, *names: str) -> list[str]:
    said: list[str] = []
    train_by_fleet(fleets, Clock(), "abc", a_plan(*names), said.append)
    return said


def test_each_candidate_is_a_part_and_each_end_is_told() -> None:
    fleets = Memory((FleetState.SUCCEEDED, FleetState.SUCCEEDED))
    said = done(fleets, "small", "large")
    ((first, second),) = fleets.started
    assert (first.candidates, second.candidates) == (("churn/small",), ("churn/large",))
    assert said == [
        "new: 2 builds", "part1: running (log1)", "part2: running (log2)", "part1: succeeded (log1)",
        "part2: succeeded (log2)",
    ]  # fmt: skip


def test_where_nothing_is_to_be_trained_nothing_is_started() -> None:
    fleets = Memory()
    assert done(fleets) == ["nothing is to be trained"]
    assert (fleets.started, fleets.looks) == ([], 0)


def test_one_that_runs_for_this_commit_is_waited_for() -> None:
    fleets = Memory((FleetState.SUCCEEDED,), known="old")
    assert done(fleets, "small")[0] == "old runs for this commit: it is waited for"
    assert fleets.started == []


def test_a_build_that_failed_fails_the_verb_and_is_named_with_its_log() -> None:
    fleets = Memory((FleetState.SUCCEEDED, FleetState.FAILED), state=FleetState.FAILED)
    with pytest.raises(JobFailed, match="1 of 2 builds of new failed") as told:
        done(fleets, "small", "large")
    assert told.value.detail == "part2: log2"


def test_one_that_somebody_stopped_is_tried_again() -> None:
    with pytest.raises(TryAgain, match="new was stopped"):
        done(Memory((FleetState.STOPPED,), state=FleetState.STOPPED), "small")


def test_beyond_what_a_batch_may_have_parts_have_several_candidates_and_none_is_lost() -> None:
    names = [f"c{number}" for number in range(250)]
    found = parts(a_plan(*names))
    assert len(found) == MOST
    assert [one for part in found for one in part.candidates] == [f"churn/{name}" for name in names]
    assert len({part.name for part in found}) == MOST
    assert all(re.fullmatch("[A-Za-z][A-Za-z0-9_]{0,127}", part.name) for part in found)


def test_the_request_is_one_that_codebuild_takes_with_a_batch_that_fits_the_schema() -> None:
    from jsonschema import Draft202012Validator

    from mlops_ci.resources import folder

    request = batch_request("models", "abc", parts(a_plan("a-b", "c")), buildspec="b/train.yml", token="t")  # noqa: S106
    assert problems("codebuild", "StartBuildBatch", request) == ()
    text = request["buildspecOverride"]
    schema = json.loads((folder("schemas") / "buildspec.schema.json").read_text(encoding="utf-8"))
    assert [*Draft202012Validator(schema).iter_errors(json.loads(text))] == []
    (first, _), is_fast = tasks_of(text)
    assert not is_fast
    assert first.overrides["environmentVariablesOverride"] == [{"name": "MLOPS_CI_CANDIDATES", "value": "churn/a-b"}]
