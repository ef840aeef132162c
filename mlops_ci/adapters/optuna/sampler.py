"""Choosing hyperparameters with optuna: at random, or by a tree-structured Parzen estimator (TPE).

Each choice is made in a study of its own, with what is known added to it, and a seed that follows from the search's
and the trial's number. So a choice depends on its arguments alone, and a search that was killed goes on as if it had
not been.

Bergstra et al., Algorithms for Hyper-Parameter Optimization, NeurIPS 2011.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from mlops_ci.errors import ProviderError
from mlops_ci.fingerprint.canonical import digest
from mlops_ci.model import Goal, NumberType, Pairs, Range, Scalar, Scale, Search, Strategy
from mlops_ci.ports.jobs import CannotRun
from mlops_ci.ports.search import Known

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler

FIRST = 10
"""How many trials of a Bayesian search are random, before there is enough to learn from."""


class OptunaSampler:
    """Implements `ports.search.Sampler`."""

    def obstacle(self) -> CannotRun | None:
        """Return that the library is not installed, or None; it is not imported."""
        if find_spec("optuna") is not None:
            return None
        return CannotRun("a search needs `optuna`, which is not installed", "pip install 'mlops-ci[search]'")

    def choose(
        self, search: Search, goal: Goal, number: int, ended: tuple[Known, ...], pending: tuple[Pairs, ...]
    ) -> Pairs:
        """Return the hyperparameters of a trial.

        Those that are pending count as the worst known, so that a trial beside them looks elsewhere.
        """
        lacking = self.obstacle()
        if lacking is not None:
            raise ProviderError(lacking.summary, hint=lacking.hint)
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        spaces = {found.name: _space(found) for found in search.ranges}
        study = optuna.create_study(direction=goal.value, sampler=_sampler(search, number))
        scores = [known.score for known in ended if known.score is not None]
        worst = (min if goal is Goal.MAXIMIZE else max)(scores, default=None)
        told = [*((known.hyperparameters, known.score) for known in ended), *((pairs, worst) for pairs in pending)]
        study.add_trials([
            optuna.create_trial(params=_inside(search, pairs), distributions=spaces, value=score)
            for pairs, score in told
            if score is not None and search.strategy is Strategy.BAYESIAN
        ])  # fmt: skip
        chosen = study.ask(spaces).params
        return tuple((found.name, _outside(found, chosen[found.name])) for found in search.ranges)


def _sampler(search: Search, number: int) -> BaseSampler:
    from optuna.samplers import RandomSampler, TPESampler

    seed = int(digest([search.seed, number])[:8], 16)
    if search.strategy is Strategy.BAYESIAN:
        return TPESampler(seed=seed, n_startup_trials=FIRST)
    return RandomSampler(seed=seed)


def _space(found: Range) -> BaseDistribution:
    """Return a range as optuna has it; values by their position, since it does not tell `1` from `1.0` and `true`."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if found.values:
        return CategoricalDistribution(tuple(range(len(found.values))))
    if found.min is None or found.max is None:
        raise AssertionError("a range without values has bounds")
    is_log = found.scale is Scale.LOG
    if found.type is NumberType.INTEGER:
        return IntDistribution(int(found.min), int(found.max), log=is_log)
    return FloatDistribution(found.min, found.max, log=is_log)


def _inside(search: Search, pairs: Pairs) -> dict[str, Scalar]:
    """Return hyperparameters as optuna knows them."""
    given = dict(pairs)
    return {r.name: _index(r.values, given[r.name]) if r.values else given[r.name] for r in search.ranges}


def _outside(found: Range, value: Scalar) -> Scalar:
    return found.values[int(value)] if found.values and isinstance(value, int) else value


def _index(values: tuple[Scalar, ...], value: Scalar) -> int:
    return next(at for at, item in enumerate(values) if item == value and type(item) is type(value))
