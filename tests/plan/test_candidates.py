"""What candidates need, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlops_ci.model import (
    Candidate,
    Environment,
    Evaluation,
    Framework,
    Model,
)
from mlops_ci.plan.change import Action
from mlops_ci.records.facts import Evaluated
from tests.factories import (
    Files,
    a_candidate,
    a_model,
    finished,
    intent,
    trained,
)
from tests.worlds import codes, done_world, new_world, steps, told, with_candidate


def test_a_changed_hyperparameter_retrains_one_candidate_and_says_from_what_to_what() -> None:
    changed = with_candidate(a_model(), "boosting", hyperparameters=(("learning_rate", 0.2), ("max_iter", 150)))
    plan = done_world().desiring(changed).plan()
    change = next(c for c in plan.changes if c.subject == "boosting")
    assert change.action is Action.RETRAIN
    assert [(r.field, r.old, r.new) for r in change.reasons] == [
        ("candidate.hyperparameters.learning_rate", "0.1", "0.2")
    ]
    assert change.seconds == 90.0
    assert "train/linear" not in steps(plan)
    assert {"train/boosting", "evaluate/boosting", "promote"} <= set(steps(plan))


def test_changed_training_code_retrains_every_candidate_that_is_made_of_it() -> None:
    plan = done_world().desiring(a_model(), files=Files(code=(("linear.py", "9" * 40),))).plan()
    assert [c.action for c in plan.changes] == [Action.RETRAIN, Action.RETRAIN]
    assert all(codes(c) == ["code-changed"] for c in plan.changes)


def test_changed_data_retrains_and_says_so() -> None:
    plan = done_world().desiring(a_model(), files=Files(data=(("data", "9" * 40),))).plan()
    retrained = [c for c in plan.changes if c.action is Action.RETRAIN]
    assert [c.subject for c in retrained] == ["boosting", "linear"]
    assert codes(retrained[0]) == ["data-changed"]


def test_changed_test_rows_of_their_own_channel_retrain_nothing() -> None:
    channels = (("test", "3" * 40), ("train", "4" * 40))
    world = done_world(files=Files(data=channels))
    plan = world.desiring(a_model(), files=Files(data=(("test", "9" * 40), ("train", "4" * 40)))).plan()
    assert {c.action for c in plan.changes} == {Action.REEVALUATE}
    assert not [step for step in steps(plan) if step.startswith("train/")]


def test_changed_serving_code_evaluates_again_without_training() -> None:
    plan = done_world().desiring(a_model(), files=Files(serving=(("inference.py", "9" * 40),))).plan()
    assert [(c.subject, c.action) for c in plan.changes if c.subject in {"boosting", "linear"}] == [
        ("boosting", Action.REEVALUATE),
        ("linear", Action.REEVALUATE),
    ]
    assert not [step for step in steps(plan) if step.startswith("train/")]
    assert plan.changes[0].summary == "evaluate `boosting` again: serving code `inference.py` changed"


def test_another_metric_evaluates_the_candidates_again() -> None:
    changed = replace(a_model(), evaluation=Evaluation(metric="f1", metrics=("log_loss",)))
    plan = done_world().desiring(changed).plan()
    found = next(c for c in plan.changes if c.subject == "linear")
    assert found.action is Action.REEVALUATE
    assert found.reasons[0].field == "rules.evaluation.metric"
    assert (found.reasons[0].old, found.reasons[0].new) == ('"accuracy"', '"f1"')


def test_an_added_candidate_is_new_and_the_others_are_left_alone() -> None:
    model = a_model()
    more = replace(model, candidates=(*model.candidates, a_candidate("zebra")))
    plan = done_world().desiring(more).plan()
    assert told(plan) == [("zebra", Action.NEW)]
    assert [s for s in steps(plan) if s.startswith(("train", "evaluate"))] == ["train/zebra", "evaluate/zebra"]


def test_a_trained_candidate_without_evaluation_is_evaluated() -> None:
    world = new_world()
    plan = world.recording(*trained(world.desired, "linear")).plan()
    found = next(c for c in plan.changes if c.subject == "linear")
    assert found.action is Action.REEVALUATE
    assert codes(found) == ["never-evaluated"]


@pytest.mark.parametrize(("outcome", "detail"), [("failed", "exit code 3"), ("stopped", "Ctrl-C")])
def test_a_training_that_failed_is_tried_again_with_its_failure_as_the_reason(outcome: str, detail: str) -> None:
    world = new_world()
    start = intent(world.desired, "linear")
    plan = world.recording(start, finished(start, outcome=outcome, detail=detail)).plan()
    found = next(c for c in plan.changes if c.subject == "linear")
    assert found.action is Action.RETRAIN
    assert codes(found) == ["failed-before"]
    assert f"attempt 1 {outcome}: {detail}" in found.summary


def test_a_training_that_has_not_ended_is_taken_up_again() -> None:
    world = new_world()
    plan = world.recording(intent(world.desired, "linear")).plan()
    assert codes(next(c for c in plan.changes if c.subject == "linear")) == ["not-finished"]


def test_a_champion_that_no_longer_competes_is_evaluated_when_the_test_rows_change() -> None:
    model = a_model()
    world = done_world().desiring(replace(model, candidates=(model.candidates[1],)))
    kept = tuple(f for f in world.facts if not (isinstance(f, Evaluated) and f.candidate == "boosting"))
    plan = replace(world, facts=kept).plan()
    found = next(c for c in plan.changes if c.action is Action.REEVALUATE)
    assert found.subject == "champion"
    assert "evaluate/@champion" in steps(plan)


@pytest.mark.parametrize(
    "changed",
    [
        with_candidate(a_model(), "linear", seed=8),
        with_candidate(a_model(), "linear", framework=Framework("sklearn", "1.4")),
        with_candidate(a_model(), "linear", environment=(("OMP_NUM_THREADS", "1"),)),
        with_candidate(a_model(), "linear", script="src/train/other.py"),
    ],
    ids=["seed", "framework", "environment", "script"],
)
def test_a_change_that_affects_the_model_retrains_that_candidate_alone(changed: Model) -> None:
    plan = done_world().desiring(changed).plan()
    assert [c.subject for c in plan.changes if c.action is Action.RETRAIN] == ["linear"]


def test_a_registered_artifact_is_not_trained_but_registered() -> None:
    byo = Candidate("given", artifact="model.tar.gz")
    model = a_model()
    plan = done_world().desiring(replace(model, candidates=(*model.candidates, byo))).plan()
    change = next(c for c in plan.changes if c.subject == "given")
    assert change.action is Action.NEW
    assert change.summary == "register `given` for the first time"


def test_a_hyperparameter_that_changed_from_whole_to_decimal_has_its_reason() -> None:
    plan = done_world().desiring(with_candidate(a_model(), "linear", hyperparameters=(("max_iter", 2000.0),))).plan()
    change = next(c for c in plan.changes if c.subject == "linear")
    assert change.reasons[0].sentence == "`hyperparameters.max_iter`: 2000 -> 2000.0"


def test_another_environment_trains_and_evaluates_nothing() -> None:
    model = a_model()
    more = replace(model, environments=(*model.environments, Environment("canary", promotes_from="staging")))
    plan = done_world().desiring(more).plan()
    assert told(plan) == [("canary", Action.NEW)]
    assert steps(plan) == ["gate/canary", "deploy/canary"]
