"""One trial of a search: trained as a candidate with these hyperparameters is, scored on validation, recorded."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_ci.executor.assess import Situation
from mlops_ci.executor.attempts import Tell, perform_job
from mlops_ci.executor.packages import keep_package
from mlops_ci.executor.reading import record
from mlops_ci.executor.scoring import NoScore, score
from mlops_ci.executor.train import training_job, training_work
from mlops_ci.executor.world import World
from mlops_ci.model import Pairs
from mlops_ci.plan.desired import DesiredCandidate, DesiredModel
from mlops_ci.plan.search import Objective, trial_name
from mlops_ci.ports.datasets import Dataset, TestSet
from mlops_ci.ports.jobs import Image
from mlops_ci.records.facts import Finished, Intent, Tried
from mlops_ci.records.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Course:
    """What all trials of a search have in common. `rows` are the validation rows, `scoring` names how they are used.

    Trainings that ended before `since` do not count: somebody asked for all of them anew.
    """

    world: World
    situation: Situation
    desired: DesiredModel
    wanted: DesiredCandidate
    ledger: Ledger
    intent: Intent
    objective: Objective
    image: Image
    dataset: Dataset
    rows: TestSet
    scoring: str
    since: str


def try_out(course: Course, number: int, given: Pairs, tell: Tell) -> Tried:
    """Return how a trial ended, recorded. What is trained with these hyperparameters already is not trained again.

    Raises:
        MlopsError: the world failed, or everything is to end; the trial has not ended then.

    """
    trial = course.wanted.trial(given)
    trained = _trained(course, trial, trial_name(course.wanted.name, number), tell)
    found = _score(course, trained, number, tell)
    tried = Tried(
        model=course.desired.name,
        candidate=course.wanted.name,
        search=course.wanted.fingerprint,
        attempt=course.intent.attempt,
        number=number,
        scoring=course.scoring,
        fingerprint=trial.fingerprint,
        hyperparameters=given,
        outcome="failed" if isinstance(found, NoScore) else "succeeded",
        detail=found.why if isinstance(found, NoScore) else "",
        metric=course.objective.metric,
        score=None if isinstance(found, NoScore) else found,
        rows=len(course.rows.labels),
        seconds=trained.seconds,
        at=course.world.clock.now(),
    )
    record(course.world, tried)
    return tried


def _trained(course: Course, trial: DesiredCandidate, name: str, tell: Tell) -> Finished:
    done = course.ledger.success("training", trial.fingerprint)
    if done is not None and done.ended_at >= course.since:
        return done
    work = training_work(course.situation, course.desired, trial, course.dataset, name)
    job = training_job(course.situation, course.desired, trial.candidate, course.image, course.dataset, name)
    return perform_job(course.world, course.world.trainer, job, work, course.ledger, tell)


def _score(course: Course, trained: Finished, number: int, tell: Tell) -> float | NoScore:
    if trained.outcome != "succeeded":
        return NoScore(trained.detail)
    name = course.wanted.name
    package = keep_package(course.world, course.situation, course.desired, name, trained)
    return score(
        course.world,
        course.situation,
        course.desired,
        course.objective,
        course.rows,
        package,
        trial_name(name, number),
        course.ledger,
        tell,
    )
