"""Searches: chosen, trained, scored on validation, recorded; interrupted anywhere, and continued to the same end."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mlops_ci.commands import select
from mlops_ci.commands.wanted import wanted
from mlops_ci.errors import JobFailed
from mlops_ci.model import Json
from mlops_ci.ports.jobs import Code, Image, Running, Succeeded
from tests.executor.searching import FAILED, GRID, NO_MACHINE, SEARCH, accuracy, begun, end, searching, told, trials
from tests.executor.small import candidate
from tests.executor.small_ports import AT, VALIDATION


@pytest.mark.parametrize("strategy", ["bayesian", "random"])
def test_the_best_trial_by_validation_is_the_candidates_model_and_is_evaluated_on_test(
    tmp_path: Path, strategy: str
) -> None:
    world = searching(tmp_path, strategy)
    assert world.run().exit_code == 0

    found = trials(world)
    assert [trial.number for trial in found] == [*range(1, 15)]
    assert [trial.score for trial in found] == [accuracy(float(dict(t.hyperparameters)["cut"] or 0)) for t in found]
    best = max(found, key=lambda trial: (trial.score or 0, -trial.number))
    trained = world.ledger.success("training", best.fingerprint)
    assert trained is not None
    assert end(world).artifacts == trained.artifacts
    evaluated = next(e for e in world.ledger.evaluations.values() if e.candidate == "good")
    assert evaluated.scores.rows == 10
    assert world.release.champion
    assert world.release.champion.candidate == "good"
    assert world.steps() == []
    assert len(begun(world)) == 14


def test_a_trial_is_given_fixed_and_chosen_hyperparameters_and_never_the_test_rows(tmp_path: Path) -> None:
    world = searching(tmp_path)
    world.run()

    jobs = [world.trainer.jobs[key] for key in world.trainer.begun]
    given = [dict(job.hyperparameters) for job in jobs if "#" in job.candidate]
    assert all(pairs["depth"] == "2" and 0 <= float(pairs["cut"]) <= 9 for pairs in given)
    assert {channel.name for job in jobs for channel in job.channels} == {"train"}


def test_a_grid_tries_every_combination_and_of_equal_scores_the_first_wins(tmp_path: Path) -> None:
    world = searching(tmp_path, text=GRID)
    world.run()

    assert [pairs for _, pairs, _ in told(world)] == [
        (("cut", cut), ("depth", depth)) for cut in (1, 7, 5, 5.5) for depth in (1, "two")
    ]
    assert end(world).detail == "trial 5 of 8 is best: `accuracy` 1.0000 on 20 rows"


def test_a_seed_gives_the_same_trials_and_another_seed_others(tmp_path: Path) -> None:
    found = []
    for name, text in (("a", SEARCH), ("b", SEARCH), ("c", SEARCH + "  seed: 1\n")):
        (tmp_path / name).mkdir()
        world = searching(tmp_path / name, text=text)
        world.run()
        found.append(told(world))

    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize("strategy", ["bayesian", "random"])
def test_parallel_trials_are_the_same_whichever_ends_first(tmp_path: Path, strategy: str) -> None:
    found = []
    for name, slow in (("a", "good#1"), ("b", "good#3")):
        (tmp_path / name).mkdir()
        world = searching(tmp_path / name, strategy, 4)
        world.trainer.fates[slow] = [*[Running()] * 40, Succeeded(AT, AT, 2.0)]
        assert world.run().exit_code == 0
        found.append(told(world))

    assert found[0] == found[1]
    assert len({pairs for _, pairs, _ in found[0]}) == 14


def test_what_was_trained_by_hand_with_these_hyperparameters_is_not_trained_again(tmp_path: Path) -> None:
    world = searching(tmp_path, text=GRID.replace("    depth: {values: [1, two]}\n", ""))
    world.write("candidates/bad.yaml", candidate(1).replace(b"1.0", b"1"))
    world.repository.push()
    assert world.run().exit_code == 0

    assert len(trials(world)) == 4
    assert begun(world) == ["good#2", "good#3", "good#4"]


def test_a_failed_trial_is_recorded_and_ends_nothing(tmp_path: Path) -> None:
    world = searching(tmp_path, text=GRID)
    world.trainer.fates["good#2"] = [FAILED]
    world.transformer.fates["good#5"] = [FAILED]
    assert world.run().exit_code == 0

    assert [(t.number, t.detail) for t in trials(world) if t.outcome == "failed"] == [
        (2, "exited non-zero: exit code 1"),
        (5, "its score: exited non-zero: exit code 1"),
    ]
    assert end(world).detail == "trial 6 of 8 is best: `accuracy` 1.0000 on 20 rows; 2 failed"


def test_where_every_trial_fails_the_search_failed_and_asking_again_tries_again(tmp_path: Path) -> None:
    world = searching(tmp_path, text=GRID)
    world.trainer.fates = {f"good#{number}": [FAILED] for number in range(1, 9)}
    result = world.run()

    assert result.exit_code == 1
    assert world.outcomes(result)["train/good"] == "failed"
    assert end(world).detail == "none of 8 trials succeeded; the last: exited non-zero: exit code 1"
    assert world.run().exit_code == 0
    assert len(trials(world)) == 8
    assert begun(world) == [f"good#{number}" for number in (*range(1, 9), *range(1, 9))]


@pytest.mark.parametrize("what", ["trainer", "transformer"])
def test_a_trial_without_a_machine_says_nothing_of_its_hyperparameters_and_is_tried_again(
    tmp_path: Path, what: str
) -> None:
    world = searching(tmp_path, text=GRID)
    jobs = world.trainer if what == "trainer" else world.transformer
    jobs.fates["good#5"] = [NO_MACHINE]
    assert world.run().exit_code == 69
    assert 5 not in [t.number for t in trials(world)]

    assert world.run().exit_code == 0
    assert [t.outcome for t in trials(world)] == ["succeeded"] * 8
    assert begun(world).count("good#1") == 1


@pytest.mark.parametrize("parallel", [1, 3])
@pytest.mark.parametrize("after", [1, 6, 13])
def test_an_interrupted_search_goes_on_where_it_stopped_to_the_same_end(
    tmp_path: Path, after: int, parallel: int
) -> None:
    (tmp_path / "whole").mkdir()
    whole = searching(tmp_path / "whole", parallel=parallel)
    whole.run()
    (tmp_path / "cut").mkdir()
    world = searching(tmp_path / "cut", parallel=parallel)
    world.trainer.fates[f"good#{after}"] = [Running()]
    world.clock.on_sleep = lambda: world.cancelled.append(True)
    assert world.run().exit_code == 130
    finished = {trial.number for trial in trials(world)}
    assert after not in finished

    world.cancelled.clear()
    world.clock.on_sleep = lambda: None
    world.trainer.fates.clear()
    world.trainer.begun.clear()
    assert world.run().exit_code == 0
    assert told(world) == told(whole)
    assert end(world).artifacts == end(whole).artifacts
    assert not {f"good#{number}" for number in finished} & {*begun(world)}


@dataclass
class Cost:
    """`CustomMetrics` whose one function is how far the count of positives is from 9; it fails where there is none."""

    asked: list[int] = field(default_factory=list)

    def compute(self, function: str, code: Code, image: Image, rows: tuple[Json, ...]) -> float:
        assert function == "costs:cost"
        self.asked.append(len(rows))
        positive = sum(row["prediction"] == "yes" for row in rows if isinstance(row, dict))
        if positive < 5:
            raise JobFailed(f"metric `{function}` failed: {positive} are too few")
        return abs(positive - 9) if positive < 18 else math.nan


def test_a_metric_of_the_users_decides_in_its_own_direction_and_a_trial_it_refuses_failed(tmp_path: Path) -> None:
    search = GRID.replace("  strategy: grid\n", "  strategy: grid\n  metric: cost\n").replace("[1, two]", "[1]")
    world = searching(tmp_path, text=search.replace("[1, 7, 5, 5.5]", "[0, 1, 5, 8]"))
    world.push("src/metrics/costs.py", b"cost")
    world.rewrite("{metric: accuracy}", "{metric: accuracy, custom: {cost: {function: 'costs:cost', goal: minimize}}}")
    world.metrics = cost = Cost()
    situation = world.assess()
    assert world.perform(situation, select.trainings(situation, wanted(("good",)))).exit_code == 0

    assert [(trial.score, trial.detail) for trial in trials(world)] == [
        (None, "`cost` is not finite"),
        (8.0, ""),
        (0.0, ""),
        (None, "its score: metric `costs:cost` failed: 3 are too few"),
    ]
    assert cost.asked == [len(VALIDATION)] * 4
    assert end(world).detail == "trial 3 of 4 is best: `cost` 0.0000 on 20 rows; 2 failed"
