"""What makes a search be made again, what does not, and what a plan and a missing library have to say."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.adapters.optuna.sampler import OptunaSampler
from mlops_ci.commands import select
from mlops_ci.commands.wanted import wanted
from mlops_ci.errors import ManifestError
from mlops_ci.ports.jobs import Running
from tests.executor.searching import FAILED, GRID, SEARCH, Lacking, begun, end, searching, trials


def test_rules_that_change_in_the_middle_score_again_and_train_nothing_again(tmp_path: Path) -> None:
    world = searching(tmp_path, "random")
    world.trainer.fates["good#9"] = [Running()]
    world.clock.on_sleep = lambda: world.cancelled.append(True)
    assert world.run().exit_code == 130
    before = {trial.number: trial.scoring for trial in trials(world)}
    assert before

    world.cancelled.clear()
    world.clock.on_sleep = lambda: None
    world.trainer.fates.clear()
    world.trainer.begun.clear()
    world.rewrite("{metric: accuracy}", "{metric: accuracy, threshold: 0.4}")
    assert world.run().exit_code == 0
    assert len({trial.scoring for trial in trials(world)} - {*before.values()}) == 1
    assert {f"good#{number}" for number in before} & {*begun(world)} == set()


def test_another_deciding_metric_searches_again_and_trains_only_what_is_new(tmp_path: Path) -> None:
    world = searching(tmp_path, "random")
    world.run()
    world.trainer.begun.clear()
    world.rewrite("{metric: accuracy}", "{metric: recall, metrics: [accuracy]}")

    change = next(c for c in world.assess().plan.changes if c.subject == "good")
    assert change.summary == 'search `good` again, 14 trials (random): `metric`: "accuracy" -> "recall"'
    situation = world.assess()
    assert world.perform(situation, select.part(situation, "train")).exit_code == 0
    assert begun(world) == []
    assert {trial.metric for trial in trials(world)} == {"recall"}


def test_serving_code_and_reported_metrics_do_not_search_again(tmp_path: Path) -> None:
    world = searching(tmp_path)
    world.run()
    world.push("src/serve/inference.py", b"serve better")
    world.rewrite("{metric: accuracy}", "{metric: accuracy, metrics: [recall]}")

    assert ("re-evaluate", "good") in world.changes()
    assert world.run().exit_code == 0
    assert len(begun(world)) == 14


def test_parallel_and_time_limit_are_metadata(tmp_path: Path) -> None:
    world = searching(tmp_path)
    world.run()
    text = SEARCH.replace("STRATEGY", "bayesian").replace("PARALLEL", "3, max_runtime: 60")
    world.push("candidates/good.yaml", text.encode())

    assert {action for action, _ in world.changes()} == {"metadata"}


def test_after_the_time_limit_no_other_trial_begins_and_the_best_so_far_wins(tmp_path: Path) -> None:
    world = searching(tmp_path, "random", text=SEARCH.replace("PARALLEL", "1, max_runtime: 60"))
    world.trainer.fates["good#3"] = [*[Running()] * 400, FAILED]
    assert world.run().exit_code == 0

    assert len(trials(world)) == 3
    assert " of 3 (of 14, until max_runtime) is best" in end(world).detail
    assert world.steps() == []


def test_replacing_trains_every_trial_anew(tmp_path: Path) -> None:
    world = searching(tmp_path, text=GRID)
    world.run()
    world.trainer.begun.clear()
    situation = world.assess()
    assert world.perform(situation, select.replacing(situation, wanted(("good",)))).exit_code == 0

    assert begun(world) == [f"good#{number}" for number in range(1, 9)]
    assert {trial.attempt for trial in trials(world)} == {2}


def test_a_missing_library_is_told_at_its_line_until_the_search_is_made(tmp_path: Path) -> None:
    world = searching(tmp_path)
    world.sampler = Lacking()
    with pytest.raises(ManifestError) as caught:
        world.assess()
    (problem,) = caught.value.diagnostics
    assert (problem.code, problem.span.path, problem.span.line) == (
        "cannot-run-here", "pipelines/tiny/candidates/good.yaml", 5,
    )  # fmt: skip
    assert problem.hint == "pip install 'mlops-ci[search]'"

    world.sampler = OptunaSampler()
    world.run()
    world.sampler = Lacking()
    assert world.steps() == []


def test_a_grid_needs_no_library(tmp_path: Path) -> None:
    world = searching(tmp_path, text=GRID)
    world.sampler = Lacking()
    assert world.run().exit_code == 0


def test_the_plan_says_how_much_is_tried_and_how_long_it_takes_once_that_is_known(tmp_path: Path) -> None:
    world = searching(tmp_path)
    first = next(c for c in world.assess().plan.changes if c.subject == "good")
    assert (first.summary, first.seconds) == ("search `good`: 14 trials (bayesian)", None)

    world.run()
    world.push("src/train/fit.py", b"fit better")
    again = next(c for c in world.assess().plan.changes if c.subject == "good")
    assert again.summary == "search `good` again, 14 trials (bayesian): code `fit.py` changed"
    assert again.seconds == 14 * 2.0
