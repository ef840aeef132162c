"""Searches: chosen, trained, scored on validation, recorded; interrupted anywhere, and continued to the same end."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.adapters.optuna.sampler import OptunaSampler
from mlops_ci.commands import select
from mlops_ci.errors import ManifestError
from mlops_ci.model import Pairs
from mlops_ci.plan.search import trials_of
from mlops_ci.ports.jobs import CannotRun, Failed, FailureCause, Running, Succeeded
from mlops_ci.records.facts import Finished, Tried
from tests.executor.small import Small, candidate, project_files, small
from tests.executor.small_ports import AT, VALIDATION, truth

FAILED = Failed(FailureCause.EXIT, "exit code 1", AT, AT, 1.0)
SEARCH = """\
format: 1
script: src/train/fit.py
hyperparameters: {depth: 2}
search:
  strategy: STRATEGY
  budget: {trials: 14, parallel: PARALLEL}
  ranges:
    cut: {min: 0.0, max: 9.0, type: float}
"""
GRID = """\
format: 1
script: src/train/fit.py
search:
  strategy: grid
  ranges:
    cut: {values: [1, 7, 5, 5.5]}
    depth: {values: [1, two]}
"""


def searching(root: Path, strategy: str = "bayesian", parallel: int = 1, *, text: str = SEARCH) -> Small:
    """Return a world whose candidate `good` searches for the cut."""
    manifest = text.replace("STRATEGY", strategy).replace("PARALLEL", str(parallel))
    return small(root, {**project_files(), "pipelines/tiny/candidates/good.yaml": manifest.encode()})


def trials(world: Small) -> tuple[Tried, ...]:
    wanted = next(c for c in world.assess().desired[0].candidates if c.name == "good")
    return trials_of(world.ledger, wanted.fingerprint)


def told(world: Small) -> list[tuple[int, Pairs, float | None]]:
    return [(trial.number, trial.hyperparameters, trial.score) for trial in trials(world)]


def end(world: Small) -> Finished:
    wanted = next(c for c in world.assess().desired[0].candidates if c.name == "good")
    found = world.ledger.tries("training", wanted.fingerprint)[-1].finished
    assert found is not None
    return found


def begun(world: Small) -> list[str]:
    """Return the names of the trainings of trials that were started, in order."""
    return [job.candidate for key in world.trainer.begun if "#" in (job := world.trainer.jobs[key]).candidate]


def accuracy(cut: float) -> float:
    return sum((float(row) > cut) == (truth(row) == "yes") for row in VALIDATION) / len(VALIDATION)


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
    assert world.perform(situation, select.replacing(situation, ("good",))).exit_code == 0

    assert begun(world) == [f"good#{number}" for number in range(1, 9)]
    assert {trial.attempt for trial in trials(world)} == {2}


class Lacking:
    """A sampler that is not installed."""

    def obstacle(self) -> CannotRun | None:
        return CannotRun("a search needs `optuna`, which is not installed", "pip install 'mlops-ci[search]'")

    def choose(self, *_: object) -> Pairs:
        raise AssertionError("nothing is chosen")


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
