"""One trial of a search: trained as a candidate with these hyperparameters is, scored on validation, recorded."""

from __future__ import annotations

from mlops_ci.executor.attempts import Tell, own_end, perform_job
from mlops_ci.executor.course import Course
from mlops_ci.executor.packages import keep_package
from mlops_ci.executor.reading import ledger_about, record
from mlops_ci.executor.scoring import NoScore, score
from mlops_ci.executor.train import training_job, training_work
from mlops_ci.model import Pairs
from mlops_ci.plan.desired import DesiredCandidate
from mlops_ci.plan.search import trial_name
from mlops_ci.records.facts import Finished, Tried


def try_out(course: Course, number: int, given: Pairs, tell: Tell) -> Tried:
    """Return how a trial ended, recorded. What is trained with these hyperparameters already is not trained again.

    Raises:
        MlopsError: the world failed, or everything is to end; the trial has not ended then.

    """
    trial, name = course.wanted.trial(given), trial_name(course.wanted.name, number)
    trained = _trained(course, trial, name, tell)
    found = _score(course, trained, name, tell)
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
        rows=course.count,
        seconds=trained.seconds,
        at=course.world.clock.now(),
    )
    record(course.world, tried)
    return tried


def _trained(course: Course, trial: DesiredCandidate, name: str, tell: Tell) -> Finished:
    ledger = ledger_about(course.world, course.desired.name, ("training", trial.fingerprint))
    done = ledger.success("training", trial.fingerprint)
    if done is not None and done.ended_at >= course.since and _has_score(course, done):
        return done
    work = training_work(course.situation, course.desired, trial, course.dataset, name)
    job = training_job(course.situation, course.desired, trial.candidate, course.image, course.dataset, name)
    return own_end(perform_job(course.world, course.world.trainer, job, work, ledger, tell), name)


def _has_score(course: Course, done: Finished) -> bool:
    """Return whether a training that ended can be scored; one before this search may be from before its metric was."""
    objective = course.objective
    return not objective.is_logged or objective.metric in dict(done.metrics) or done.ended_at >= course.intent.at


def _score(course: Course, trained: Finished, name: str, tell: Tell) -> float | NoScore:
    if trained.outcome != "succeeded":
        return NoScore(trained.detail)
    world, situation, desired, objective = course.world, course.situation, course.desired, course.objective
    if course.rows is None:
        said = dict(trained.metrics).get(objective.metric)
        return NoScore(f"its log does not say `{objective.metric}`") if said is None else said
    package = keep_package(world, situation, desired, course.wanted.name, trained)
    return score(world, situation, desired, objective, course.rows, package, name, tell)
