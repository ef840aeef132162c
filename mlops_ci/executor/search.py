"""Searching: trials are chosen, trained and scored; the model of the best is the candidate's model.

    intent of the search -> (choose -> train -> score on validation -> Tried) * -> Finished with the best trial's model

The search is an attempt under the candidate's own fingerprint, so that all that follows a training follows it. Where
the world has a tuner, and the training log says the score, the whole search is one job of its (`tuning.py`). Each
choice is a function of the trials before it: one that was killed chooses the same again, adopts what runs, and
takes what ended from the records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from mlops_ci.errors import Interrupted
from mlops_ci.executor.assess import Situation
from mlops_ci.executor.attempts import Tell
from mlops_ci.executor.course import Course, course_of, search_end
from mlops_ci.executor.reading import record
from mlops_ci.executor.tries import try_out
from mlops_ci.executor.tuning import tune
from mlops_ci.executor.world import World
from mlops_ci.model import Pairs, Search, Strategy
from mlops_ci.plan.desired import DesiredCandidate, DesiredModel
from mlops_ci.ports.search import Known
from mlops_ci.records.facts import Finished, Tried
from mlops_ci.records.ledger import Ledger


def search(
    world: World, situation: Situation, desired: DesiredModel, wanted: DesiredCandidate, ledger: Ledger, tell: Tell
) -> Finished:
    """Return the end of the candidate's search, recorded; what another command found since the plan was made counts.

    A trial that fails ends nothing; the search fails where all of them did.

    Raises:
        Interrupted: everything is to end; what has ended by then is recorded, and the search stays open.

    """
    meanwhile = ledger.success("training", wanted.fingerprint)
    if meanwhile is not None and meanwhile != situation.ledger.success("training", wanted.fingerprint):
        return meanwhile
    asked = wanted.candidate.search
    if asked is None:
        raise AssertionError("the candidate does not search")
    course = course_of(world, situation, desired, wanted, asked, ledger)
    if world.tuner is not None and course.objective.is_logged:
        return tune(course, world.tuner, asked, tell)
    progress = _Progress(course, asked, began=world.clock.seconds())
    with ThreadPoolExecutor(max_workers=asked.budget.parallel) as pool:
        for numbers in _rounds(asked):
            _round(course, asked, numbers, progress, pool, tell)
    finished = search_end(course, asked, progress.trials, progress.seconds)
    record(world, finished)
    return finished


@dataclass(slots=True)
class _Progress:
    """The trials that ended so far, by number; `earlier` are the seconds that a command before this one searched."""

    course: Course
    asked: Search
    began: float
    ended: dict[int, Tried] = field(default_factory=dict)
    earlier: float = 0.0

    @property
    def seconds(self) -> float:
        return self.earlier + self.course.world.clock.seconds() - self.began

    @property
    def is_over(self) -> bool:
        limit = self.asked.budget.max_runtime
        return limit is not None and self.seconds >= limit

    @property
    def trials(self) -> tuple[Tried, ...]:
        return tuple(self.ended[number] for number in sorted(self.ended))

    def sentence(self) -> str:
        """Return how far it is."""
        best = self.course.objective.best(self.trials)
        value = f", best `{best.metric}` {best.score:.4f} by trial {best.number}" if best else ""
        return f"{len(self.ended)} of {self.asked.trials} trials ended{value}"


def _rounds(asked: Search) -> Iterator[range]:
    """Yield the numbers of the trials that are chosen at the same time: those that cannot learn from each other.

    What a Bayesian search learns must not depend on which of its parallel trials ends first.
    """
    size = asked.budget.parallel if asked.strategy is Strategy.BAYESIAN else asked.trials
    for first in range(1, asked.trials + 1, size):
        yield range(first, min(first + size, asked.trials + 1))


def _round(
    course: Course, asked: Search, numbers: range, progress: _Progress, pool: ThreadPoolExecutor, tell: Tell
) -> None:
    """Try out what is not on record yet."""
    on_record = course.on_record
    known = tuple(Known(trial.hyperparameters, trial.score) for trial in progress.trials)
    chosen: dict[int, Pairs] = {}
    for number in numbers:
        if number in on_record:
            chosen[number] = on_record[number].hyperparameters
            progress.ended[number] = on_record[number]
            progress.earlier += on_record[number].seconds / asked.budget.parallel
        elif asked.strategy is Strategy.GRID:
            chosen[number] = asked.combination(number)
        else:
            goal, sampler = course.objective.goal, course.world.sampler
            chosen[number] = sampler.choose(asked, goal, number, known, tuple(chosen.values()))
    sentence = [progress.sentence()]

    def one(number: int) -> Tried | None:
        if course.world.is_cancelled():
            raise Interrupted("stopped", hint="type the command again to go on where it stopped")
        if number > 1 and progress.is_over:
            return None
        return try_out(course, number, chosen[number], lambda _: tell(sentence[-1]))

    futures = {pool.submit(one, number): number for number in numbers if number not in on_record}
    for future in _ending(futures):
        trial = future.result()
        if trial is not None:
            progress.ended[trial.number] = trial
            sentence.append(progress.sentence())
            tell(sentence[-1])


def _ending(futures: Iterable[Future[Tried | None]]) -> Iterator[Future[Tried | None]]:
    """Yield trials as they end; after an error those that run end, no other begins, and it is raised."""
    failed: BaseException | None = None
    waiting = tuple(futures)
    for future in as_completed(waiting):
        if future.cancelled():
            continue
        error = future.exception()
        if error is None:
            yield future
        elif failed is None:
            failed = error
            for other in waiting:
                other.cancel()
    if failed is not None:
        raise failed
