"""The leaderboard."""

from __future__ import annotations

from dataclasses import replace

from mlops_ci.judging.scores import Difference, Measurement, Scores
from mlops_ci.model import CustomMetric, Evaluation, Goal
from mlops_ci.plan.leaderboard import Board, Entry, Scope, State, goal_of, leaderboard
from mlops_ci.records.facts import Decided, Evaluated
from tests.factories import COMMIT, Files, a_candidate, a_model, finished, intent, trained
from tests.worlds import World, done_world, new_world, with_candidate


def board(world: World, scope: Scope = Scope.TODAY) -> Board:
    (found,) = leaderboard((world.desired,), world.ledger, scope=scope).boards
    return found


def scored(world: World, metric: str, values: dict[str, float | None]) -> World:
    """Return the world with these values in place of all scores."""
    made = {name: Scores(metric, 9, (Measurement(metric, value, 9),)) for name, value in values.items()}
    facts = (replace(f, scores=made[f.candidate]) if isinstance(f, Evaluated) else f for f in world.facts)
    return replace(world, facts=tuple(facts))


def names(found: Board) -> list[str]:
    return [entry.candidate for entry in found.entries]


def entry(found: Board, candidate: str) -> Entry:
    return next(e for e in found.entries if e.candidate == candidate)


def test_candidates_are_listed_best_first_with_all_that_is_known() -> None:
    found = board(done_world())
    assert names(found) == ["boosting", "linear"]
    assert (found.metric, found.champion, found.version) == ("accuracy", "boosting", 1)
    best, loser = found.entries
    assert (best.is_champion, loser.is_champion) == (True, False)
    assert (best.value("accuracy"), best.value("log_loss"), best.value("f1")) == (0.95, 0.3, None)
    assert (best.attempts, best.commit, best.seconds, best.state) == (1, COMMIT, 90.0, State.EVALUATED)
    assert best.fingerprint == intent(done_world().desired, "boosting").fingerprint
    assert (best.p_value, loser.p_value) == (None, 0.25)
    assert loser.said == "accuracy is lower than that of `boosting`"


def test_a_metric_that_is_to_be_small_lists_the_smallest_first() -> None:
    assert goal_of(replace(a_model(), evaluation=Evaluation("rmse"))) is Goal.MINIMIZE
    own = CustomMetric("cost", "metrics:cost", Goal.MINIMIZE)
    model = replace(a_model(), evaluation=Evaluation("cost", custom=(own,)))
    world = done_world(model)
    values: dict[str, float | None] = {"boosting": 3.0, "linear": 2.0}
    assert names(board(scored(world, "cost", values))) == ["linear", "boosting"]


def test_of_equal_candidates_the_champion_comes_first() -> None:
    world = done_world(winner="linear")
    assert names(board(scored(world, "accuracy", {"boosting": 0.9, "linear": 0.9}))) == ["linear", "boosting"]


def test_a_candidate_says_how_far_it_came_and_a_failed_one_is_last() -> None:
    model = a_model()
    more = ("a-failed", "b-running", "c-trained", "d-missing")
    world = done_world().desiring(replace(model, candidates=(*model.candidates, *map(a_candidate, more))))
    failed, running = intent(world.desired, "a-failed"), intent(world.desired, "b-running", attempt=1)
    again = intent(world.desired, "a-failed", attempt=2)
    world = world.recording(
        failed, finished(failed, outcome="failed"), again, finished(again, outcome="failed", detail="exit code 3"),
        running, *trained(world.desired, "c-trained"),
    )  # fmt: skip
    found = board(world)
    assert names(found) == ["boosting", "linear", "c-trained", "b-running", "d-missing", "a-failed"]
    last = entry(found, "a-failed")
    assert (last.state, last.detail, last.attempts) == (State.FAILED, "attempt 2 failed: exit code 3", 2)
    assert entry(found, "b-running").state is State.RUNNING
    assert entry(found, "c-trained").state is State.TRAINED
    assert entry(found, "d-missing").state is State.NOT_TRAINED


def test_an_undefined_metric_comes_after_every_defined_one() -> None:
    world = done_world()
    assert names(board(scored(world, "accuracy", {"boosting": None, "linear": 0.1}))) == ["linear", "boosting"]


def test_before_anything_was_done_there_is_no_champion_and_no_accuracy() -> None:
    found = board(new_world())
    assert found.champion == ""
    assert [e.state for e in found.entries] == [State.NOT_TRAINED] * 2
    assert all(e.metrics == () and e.commit == "" and e.seconds is None for e in found.entries)


def test_a_champion_that_no_longer_competes_defends_apart_from_todays_candidates() -> None:
    changed = with_candidate(a_model(), "boosting", hyperparameters=(("learning_rate", 0.2),))
    found = board(done_world().desiring(changed))
    assert names(found) == ["linear", "boosting"]
    assert not any(e.is_champion for e in found.entries)
    assert found.defending is not None
    assert found.defending.candidate == "boosting"
    assert found.defending.hyperparameters == (("learning_rate", 0.1), ("max_iter", 150))
    assert found.with_defending()[0] == found.defending


def test_every_evaluation_on_record_can_be_listed_and_each_once() -> None:
    changed = with_candidate(a_model(), "linear", hyperparameters=(("max_iter", 99),))
    world = done_world().desiring(changed)
    assert len(board(world).entries) == 2
    every = board(world, Scope.EVERY).entries
    assert len(every) == 3
    assert sorted(e.candidate for e in every) == ["boosting", "linear", "linear"]
    assert len(board(done_world(), Scope.EVERY).entries) == 2


def test_an_evaluation_on_other_rows_is_listed_as_not_comparable() -> None:
    world = done_world(files=Files(data=(("test", "3" * 40), ("train", "4" * 40))))
    world = world.desiring(a_model(), files=Files(data=(("test", "9" * 40), ("train", "4" * 40))))
    every = board(world, Scope.EVERY)
    assert [e.is_comparable for e in every.entries if e.metrics] == [False, False]


def test_a_contest_that_is_not_decided_gives_no_p_value() -> None:
    found = board(done_world().without(Decided))
    assert found.sentence == ""
    assert all(e.p_value is None for e in found.entries)


def test_a_loser_shows_its_difference_to_the_champion_and_that_differences_p_value() -> None:
    best, loser = board(done_world()).entries
    assert best.difference is None
    assert loser.difference == Difference("accuracy", -0.09, -0.1675, 0.0005, 0.25)
    assert loser.p_value == 0.25


def test_a_contest_from_before_there_were_differences_shows_the_p_value_that_it_went_by() -> None:
    world = done_world()
    facts = (replace(f, differences=()) if isinstance(f, Decided) else f for f in world.facts)
    _, loser = board(replace(world, facts=tuple(facts))).entries
    assert (loser.difference, loser.p_value) == (None, 0.5)
