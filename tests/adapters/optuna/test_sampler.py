"""Choosing with optuna: the same choice in any process, inside of every range, and better with what is known."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

import mlops_ci
from mlops_ci.adapters.optuna.sampler import FIRST, OptunaSampler
from mlops_ci.errors import ProviderError
from mlops_ci.model import Budget, Goal, NumberType, Range, Scale, Search, Strategy
from mlops_ci.ports.search import Known

RANGES = (
    Range("depth", 1, 64, Scale.LOG, NumberType.INTEGER),
    Range("loss", values=(1, 1.0, True, "1", 0.5)),
    Range("rate", 1e-4, 1.0, Scale.LOG, NumberType.FLOAT),
)


def a_search(strategy: Strategy = Strategy.BAYESIAN, seed: int = 0) -> Search:
    return Search(RANGES, strategy, Budget(trials=40), seed)


def scored(rate: float) -> float:
    return -abs(math.log10(rate) + 2)


def walked(search: Search, goal: Goal, count: int) -> tuple[Known, ...]:
    """Return so many trials, each scored by how near its rate is to 0.01."""
    known: tuple[Known, ...] = ()
    for number in range(1, count + 1):
        given = OptunaSampler().choose(search, goal, number, known, ())
        score = scored(float(dict(given)["rate"] or 0))
        known = (*known, Known(given, score if goal is Goal.MAXIMIZE else -score))
    return known


@pytest.mark.parametrize("strategy", [Strategy.BAYESIAN, Strategy.RANDOM])
def test_every_choice_lies_in_its_range_and_has_its_type(strategy: Strategy) -> None:
    for known in walked(a_search(strategy), Goal.MAXIMIZE, 25):
        (_, depth), (_, loss), (_, rate) = known.hyperparameters
        assert type(depth) is int
        assert 1 <= depth <= 64
        assert (loss, type(loss)) in [(value, type(value)) for value in RANGES[1].values]
        assert type(rate) is float
        assert 1e-4 <= rate <= 1.0


@pytest.mark.parametrize("strategy", [Strategy.BAYESIAN, Strategy.RANDOM])
def test_the_same_arguments_give_the_same_choice_in_another_process(strategy: Strategy) -> None:
    code = (
        "from tests.adapters.optuna.test_sampler import *\n"
        f"print([k.hyperparameters for k in walked(a_search(Strategy('{strategy.value}')), Goal.MAXIMIZE, 15)])"
    )
    top = Path(mlops_ci.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=top, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == str([k.hyperparameters for k in walked(a_search(strategy), Goal.MAXIMIZE, 15)])
    assert done.stderr == ""


def test_another_seed_and_another_number_choose_something_else() -> None:
    chosen = {
        OptunaSampler().choose(a_search(Strategy.RANDOM, seed), Goal.MAXIMIZE, number, (), ())
        for seed in range(3)
        for number in range(1, 6)
    }
    assert len(chosen) == 15


@pytest.mark.parametrize("goal", list(Goal))
def test_once_it_has_something_to_learn_from_a_bayesian_search_comes_nearer_than_a_random_one(goal: Goal) -> None:
    def typical(strategy: Strategy) -> float:
        return median(abs(known.score or 0) for known in walked(a_search(strategy), goal, 40)[FIRST:])

    assert typical(Strategy.BAYESIAN) < 0.75 * typical(Strategy.RANDOM)


def test_a_random_search_learns_nothing_from_what_is_known() -> None:
    known = walked(a_search(), Goal.MAXIMIZE, 12)
    search = a_search(Strategy.RANDOM)

    assert OptunaSampler().choose(search, Goal.MAXIMIZE, 13, known, ()) == OptunaSampler().choose(
        search, Goal.MAXIMIZE, 13, (), ()
    )


def test_failed_trials_teach_nothing_and_are_no_error() -> None:
    known = walked(a_search(), Goal.MAXIMIZE, 12)
    failed = Known(known[0].hyperparameters, None)

    assert OptunaSampler().choose(a_search(), Goal.MAXIMIZE, 20, (*known, failed), ()) == OptunaSampler().choose(
        a_search(), Goal.MAXIMIZE, 20, known, ()
    )


def test_what_is_pending_moves_a_choice_elsewhere() -> None:
    known = walked(a_search(), Goal.MAXIMIZE, 30)
    alone = OptunaSampler().choose(a_search(), Goal.MAXIMIZE, 31, known, ())
    beside = OptunaSampler().choose(a_search(), Goal.MAXIMIZE, 31, known, (alone,) * 8)

    assert alone != beside


def test_a_library_that_is_not_there_is_told_with_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)  # as Python marks what cannot be imported
    lacking = OptunaSampler().obstacle()

    assert lacking is not None
    assert lacking.hint == "pip install 'mlops-ci[search]'"
    with pytest.raises(ProviderError) as caught:
        OptunaSampler().choose(a_search(), Goal.MAXIMIZE, 1, (), ())
    assert caught.value.hint == lacking.hint


def test_asking_whether_it_is_there_does_not_import_it() -> None:
    code = (
        "import sys\nfrom mlops_ci.adapters.optuna.sampler import OptunaSampler\n"
        "OptunaSampler().obstacle()\nsys.exit('optuna' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
