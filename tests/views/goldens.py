"""Whole outputs, each with the file that holds it.

`python -m tests.views.goldens` writes the files anew, to be read in the diff.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from mlops_ci.executor.events import Event, Outcome, Progress, StepEnded, StepStarted
from mlops_ci.judging.scores import Difference
from mlops_ci.model import Environment, Goal, Hold, Serving, ServingKind, Standing
from mlops_ci.plan.change import Action, Change, Note, Plan, Reason
from mlops_ci.plan.comparison import Comparison, Row, Side, find_fields, find_side
from mlops_ci.plan.deployed import EndpointState
from mlops_ci.plan.leaderboard import Leaderboard, Scope, leaderboard
from mlops_ci.plan.searches import Searches, searches
from mlops_ci.plan.status import Status, status
from mlops_ci.plan.steps import Deploy, Evaluate, Gate, Promote, Test, Train
from mlops_ci.records.facts import Served, Tested
from mlops_ci.records.history import History, history
from mlops_ci.records.lineage import Trace, Uses, trace, uses
from mlops_ci.views.comparison import comparison_json, comparison_markdown, comparison_text
from mlops_ci.views.events import LinePrinter, Volume
from mlops_ci.views.history import history_json, history_markdown, history_text
from mlops_ci.views.leaderboard import Detail as Slicing
from mlops_ci.views.leaderboard import leaderboard_json, leaderboard_markdown, leaderboard_text
from mlops_ci.views.lineage import trace_json, trace_markdown, trace_text, uses_json, uses_markdown, uses_text
from mlops_ci.views.plan import Detail, plan_json, plan_markdown, plan_text
from mlops_ci.views.run import RunReport, run_json, run_markdown, run_text
from mlops_ci.views.searches import searches_json, searches_markdown, searches_text
from mlops_ci.views.status import status_json, status_markdown, status_text
from mlops_ci.views.terminal import Ink
from tests.factories import BASIS, a_candidate, a_model, checked, clock, finished, intent, package_of, trained
from tests.searches import a_search, searching
from tests.worlds import World, done_world, new_world, with_candidate

FOLDER = Path(__file__).parent / "golden"

HOSTILE = "a|b`c\n<img src=x>@team #1 *_~[x](y)\x1b[2J\u202e"
"""A name or value as nobody should choose it."""


def changed() -> World:
    """Return the world in which two hyperparameters of the champion changed."""
    model = with_candidate(a_model(), "boosting", hyperparameters=(("learning_rate", 0.2), ("max_iter", 200)))
    return done_world().desiring(replace(model, owner="bob"))


def waiting() -> World:
    """Return the world in which staging drifted, production waits for a person, and a third one is held."""
    model = replace(
        a_model(),
        environments=(
            Environment("staging"),
            Environment("production", promotes_from="staging", approval=True),
            Environment("canary", promotes_from="staging"),
        ),
    )
    world = done_world(model)
    package = package_of(world.desired, "boosting")
    held = Standing("canary", 3, "9" * 64, Hold("Ann <ann@example.org>", "it was slow"))
    world = world.releasing(environments=(Standing("staging", 1, package), held))
    staging, production, _ = world.deployed
    dead = replace(production, state=EndpointState.FAILED, detail="worker 0 was killed by signal 9")
    return replace(world, deployed=(replace(staging, version=7, package="7" * 64), dead))


def untidy() -> World:
    """Return the world in which candidates failed, run, and wait."""
    model = a_model()
    names = ("failing", "going", "waiting")
    world = changed().desiring(
        replace(model, candidates=(*changed().desired.model.candidates, *map(a_candidate, names)))
    )
    failing, going = intent(world.desired, "failing"), intent(world.desired, "going")
    end = finished(failing, outcome="failed", detail="exit code 3: ValueError: could not convert string to float: 'x'")
    return world.recording(failing, end, going, *trained(world.desired, "waiting"))


def hostile() -> Plan:
    """Return a plan in which every text is hostile."""
    reason = Reason("field-changed", f"{HOSTILE} was `{HOSTILE}`", HOSTILE, HOSTILE, HOSTILE)
    change = Change("churn", HOSTILE, Action.RETRAIN, (reason, reason), HOSTILE, 3.0)
    note = Note(HOSTILE, HOSTILE, "held", HOSTILE, HOSTILE)
    return Plan(BASIS, ("churn",), (change,), (), (note,))


def board(world: World, scope: Scope = Scope.TODAY) -> Leaderboard:
    """Return the leaderboard of a world."""
    return leaderboard((world.desired,), world.ledger, scope=scope)


def compared() -> Comparison:
    """Return the champion, the former `boosting` of the changed world and the other candidate, side by side."""
    world = changed()
    sides = tuple(
        found for name in ("v1", "linear") if isinstance(found := find_side(world.desired, world.ledger, name), Side)
    )
    other = replace(
        sides[1], asked="other", evaluated=replace(sides[1].evaluated, fingerprint="0" * 64, package="0" * 64)
    )
    apart = (
        Difference("accuracy", -0.09, -0.1675, 0.0005, 0.25),
        Difference("accuracy", 0.01, -0.00001, 0.02, 0.00002),
    )
    loss = (Difference("log_loss", -0.1, -0.2, -0.05, 0.0123), None)
    return Comparison("churn", 100, (*sides, other), (
        Row("accuracy", Goal.MAXIMIZE, (0.95, 0.86, 0.96), apart),
        Row("log_loss", Goal.MINIMIZE, (0.4, 0.3, None), loss),
        Row("cost", Goal.MINIMIZE, (1200.0, 1300.0, 1200.0), (Difference("cost", 100.0), Difference("cost", 0.0))),
    ), find_fields(world.ledger, (*sides, other)))  # fmt: skip


def state(world: World) -> Status:
    """Return the status of a world."""
    return status((world.desired,), world.ledger, world.deployed)


def batch() -> World:
    """Return the world of a batch model."""
    kind = Serving(script="src/serve/inference.py", kind=ServingKind.BATCH)
    return replace(done_world(replace(a_model(), serving=kind)), deployed=())


def back() -> Trace:
    """Return where the champion comes from."""
    found = trace("churn", 1, done_world().desired.release, done_world().ledger)
    assert found is not None
    return found


def forward() -> Uses:
    """Return what came of the commit on which everything was done."""
    return uses("c0ffee0", (("churn", done_world().desired.release),), done_world().ledger)


def eventful() -> World:
    """Return the world in which a test failed and production was rolled back."""
    world = done_world().without(Tested)
    package = package_of(world.desired, "boosting")
    failed = checked(world.desired, "staging", package, verdict="failed")
    later = Served("churn", "production", 2, "8" * 64, "f" * 40, "the champion", clock(60))
    earlier = Served("churn", "production", 1, package, "a" * 40, "rolled back by Ann: it was slow", clock(70))
    held = Standing("production", 1, package, Hold("Ann", "it was slow"))
    return world.recording(failed, later, earlier).releasing(environments=(held,))


EVENTS: tuple[Event, ...] = (
    StepStarted(Train("churn", "boosting"), "training `boosting`", clock(0)),
    StepStarted(Train("churn", "linear"), "training `linear`", clock(0)),
    Progress(Train("churn", "boosting"), "validation:accuracy=0.91", 10.0),
    Progress(Train("churn", "boosting"), "validation:accuracy=0.93", 31.0),
    Progress(Train("churn", "boosting"), "validation:accuracy=0.94", 45.0),
    Progress(Train("churn", "boosting"), "validation:accuracy=0.95", 62.0),
    StepEnded(Train("churn", "boosting"), Outcome.DONE, "trained `boosting`", 64.2, lines=("model 1.2 MB",)),
    StepEnded(
        Train("churn", "linear"), Outcome.FAILED, "exit code 3", 2.0,
        lines=("Traceback (most recent call last):", "\tValueError: \x1b[31mno such column\x1b[0m", ""),
        hint="mlops-ci logs churn linear", exit_code=1,
    ),
    StepEnded(Evaluate("churn", "linear"), Outcome.SKIPPED, "`churn/train/linear` failed", 0.0),
    StepEnded(Promote("churn"), Outcome.DONE, "`boosting` is champion v1", 0.3),
    StepEnded(Deploy("churn", "staging"), Outcome.DONE, "v1 answers at http://127.0.0.1:8007", 1.5),
    StepEnded(Test("churn", "staging"), Outcome.REFUSED, "1 of 5 checks failed", 3.25, lines=("`latency` failed: 3 s",),
              hint="mlops-ci test staging churn", exit_code=1),
    StepEnded(Gate("churn", "production"), Outcome.WAITING, "nobody has approved", 0.0,
              hint="mlops-ci approve production churn", exit_code=75),
    StepEnded(Deploy("churn", "production"), Outcome.STOPPED, "interrupted", 0.1, exit_code=130),
)  # fmt: skip


def printed(volume: Volume, ink: Ink = Ink.PLAIN) -> str:
    """Return what a printer of plain lines makes of the events."""
    stream = io.StringIO()
    with LinePrinter(stream, ink=ink, volume=volume) as printer:
        for event in EVENTS:
            printer.show(event)
    return stream.getvalue()


def ran(world: World, events: tuple[Event, ...], exit_code: int) -> RunReport:
    """Return the report of a run in which these events happened."""
    ended = tuple(event for event in events if isinstance(event, StepEnded))
    return RunReport(ended, board(world), state(world), exit_code, 71.5)


def good() -> RunReport:
    """Return the report of a run that went well."""
    return ran(done_world(), (*(EVENTS[at] for at in (6, 9, 10)),), 0)


CASES: Mapping[str, Callable[[], str]] = {
    "plan-new.txt": lambda: plan_text(new_world().plan()),
    "plan-nothing.txt": lambda: plan_text(done_world().plan()),
    "plan-changed.txt": lambda: plan_text(changed().plan()),
    "plan-changed-full.txt": lambda: plan_text(changed().plan(), detail=Detail.FULL),
    "plan-changed-color.txt": lambda: plan_text(changed().plan(), ink=Ink.COLOR),
    "plan-changed.md": lambda: plan_markdown(changed().plan()),
    "plan-changed.json": lambda: plan_json(changed().plan()),
    "plan-waiting.txt": lambda: plan_text(waiting().plan()),
    "plan-waiting.md": lambda: plan_markdown(waiting().plan()),
    "plan-hostile.txt": lambda: plan_text(hostile(), detail=Detail.FULL),
    "plan-hostile.md": lambda: plan_markdown(hostile()),
    "leaderboard.txt": lambda: leaderboard_text(board(done_world())),
    "leaderboard-color.txt": lambda: leaderboard_text(board(done_world()), ink=Ink.COLOR),
    "leaderboard-slices.txt": lambda: leaderboard_text(board(done_world()), detail=Slicing.SLICES),
    "leaderboard-narrow.txt": lambda: leaderboard_text(board(done_world()), width=80, detail=Slicing.SLICES),
    "comparison.txt": lambda: comparison_text(compared()),
    "comparison-color.txt": lambda: comparison_text(compared(), ink=Ink.COLOR),
    "comparison-narrow.txt": lambda: comparison_text(compared(), width=80),
    "comparison.md": lambda: comparison_markdown(compared()),
    "comparison.json": lambda: comparison_json(compared()),
    "leaderboard.md": lambda: leaderboard_markdown(board(done_world())),
    "leaderboard.json": lambda: leaderboard_json(board(done_world())),
    "leaderboard-new.txt": lambda: leaderboard_text(board(new_world())),
    "leaderboard-untidy.txt": lambda: leaderboard_text(board(untidy())),
    "leaderboard-untidy.md": lambda: leaderboard_markdown(board(untidy())),
    "leaderboard-every.txt": lambda: leaderboard_text(board(untidy(), Scope.EVERY)),
    "status.txt": lambda: status_text(state(done_world())),
    "status.md": lambda: status_markdown(state(done_world())),
    "status.json": lambda: status_json(state(done_world())),
    "status-new.txt": lambda: status_text(state(new_world())),
    "status-waiting.txt": lambda: status_text(state(waiting())),
    "status-waiting-color.txt": lambda: status_text(state(waiting()), ink=Ink.COLOR),
    "status-waiting.md": lambda: status_markdown(state(waiting())),
    "status-waiting.json": lambda: status_json(state(waiting())),
    "status-batch.txt": lambda: status_text(state(batch())),
    "events.txt": lambda: printed(Volume.NORMAL),
    "events-quiet.txt": lambda: printed(Volume.QUIET),
    "events-verbose.txt": lambda: printed(Volume.VERBOSE),
    "events-color.txt": lambda: printed(Volume.NORMAL, Ink.COLOR),
    "run-good.txt": lambda: run_text(good()),
    "run-good.md": lambda: run_markdown(good()),
    "run-bad.txt": lambda: run_text(ran(untidy(), EVENTS, 1)),
    "run-bad.md": lambda: run_markdown(ran(untidy(), EVENTS, 1)),
    "run-bad.json": lambda: run_json(ran(untidy(), EVENTS, 1)),
    "run-nothing.txt": lambda: run_text(ran(done_world(), (), 0)),
    "searches.txt": lambda: searches_text(_searches(searching())),
    "searches-color.txt": lambda: searches_text(_searches(searching(3)), ink=Ink.COLOR),
    "searches-new.txt": lambda: searches_text(_searches(a_search())),
    "searches-none.txt": lambda: searches_text(_searches(new_world())),
    "searches.md": lambda: searches_markdown(_searches(searching())),
    "searches.json": lambda: searches_json(_searches(searching())),
    "history.txt": lambda: history_text(tuple(_histories(eventful()))),
    "history.md": lambda: history_markdown(tuple(_histories(eventful()))),
    "history.json": lambda: history_json(tuple(_histories(eventful()))),
    "history-new.txt": lambda: history_text(tuple(_histories(new_world()))),
    "trace.txt": lambda: trace_text(back()),
    "trace.md": lambda: trace_markdown(back()),
    "trace.json": lambda: trace_json(back()),
    "uses.txt": lambda: uses_text(forward()),
    "uses.md": lambda: uses_markdown(forward()),
    "uses.json": lambda: uses_json(forward()),
    "uses-nothing.txt": lambda: uses_text(uses("fffffff", (), done_world().ledger)),
}


def _searches(world: World) -> Searches:
    return searches((world.desired,), world.ledger)


def _histories(world: World) -> Iterator[History]:
    yield history(world.desired.name, world.desired.release, world.ledger)


if __name__ == "__main__":
    for name, make in CASES.items():
        (FOLDER / name).write_text(make(), encoding="utf-8")
