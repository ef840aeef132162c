"""A search that the provider makes as one job: it chooses and trains, and each of its trials is recorded here.

    intent of the search -> submit, or adopt -> (a trial ended -> its training and Tried on record) * -> Finished

A trial is scored by the number that the provider reads from its log. One that was killed here finds the job by the key
of the search, takes what is on record, and records the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeAlias, assert_never

from mlops_ci.errors import Interrupted, MlopsError
from mlops_ci.executor.attempts import Tell, Work, finished_of
from mlops_ci.executor.course import Course, search_end
from mlops_ci.executor.reading import ledger_about, record
from mlops_ci.executor.scalars import text
from mlops_ci.executor.train import training_job, training_work
from mlops_ci.model import NumberType, Pairs, Range, Scalar, Search
from mlops_ci.plan.search import trial_name
from mlops_ci.ports.jobs import Failed, FailureCause, JobStatus, Running, Stopped, Succeeded
from mlops_ci.ports.tuning import TunedTrial, Tuner, TuningJob
from mlops_ci.records.facts import Finished, Intent, Tried

_Ended: TypeAlias = Succeeded | Failed | Stopped


def tune(course: Course, tuner: Tuner, asked: Search, tell: Tell) -> Finished:
    """Return the end of the search, recorded, with all of its trials.

    Raises:
        Interrupted: everything is to end; the job and its trials were stopped, and that is recorded.
        MlopsError: the job did not begin, or the world failed; then it goes on, and the same command takes it up.

    """
    world = course.world
    _submit(course, tuner, asked)
    watch = _Watch(course, tuner, asked, dict(course.on_record))
    status = watch.until_it_ends(tell)
    finished = _end(course, asked, watch.trials, status)
    record(world, finished)
    if world.is_cancelled():
        how = "another search begins" if finished.outcome == "stopped" else "it goes on after the search"
        raise Interrupted("stopped", hint=f"type the command again: {how}")
    return finished


def tuning_job(course: Course, asked: Search) -> TuningJob:
    """Return what the provider is given."""
    candidate = course.wanted.candidate
    about = (course.situation, course.desired, candidate, course.image, course.dataset, candidate.name)
    ranges = tuple(replace(found, values=tuple(text(value) for value in found.values)) for found in asked.ranges)
    return TuningJob(
        training=training_job(*about),
        ranges=ranges,
        strategy=asked.strategy,
        budget=asked.budget,
        trials=asked.trials,
        seed=asked.seed,
        metric=course.objective.metric,
        goal=course.objective.goal,
    )


def _submit(course: Course, tuner: Tuner, asked: Search) -> None:
    """Start the job or adopt it; where it cannot even begin, that is the end of the search's attempt."""
    try:
        tuner.submit(tuning_job(course, asked), key=course.intent.key)
    except MlopsError as error:
        if tuner.status(course.intent.key) is None:
            why = f"{FailureCause.NOT_STARTED.value}: {error.summary}"
            record(course.world, search_end(course, asked, (), 0.0, why))
        raise


@dataclass(slots=True)
class _Watch:
    """Follows the job; `ended` are the trials on record, by number."""

    course: Course
    tuner: Tuner
    asked: Search
    ended: dict[int, Tried]
    is_stopping: bool = field(default=False, init=False)

    @property
    def trials(self) -> tuple[Tried, ...]:
        return tuple(self.ended[number] for number in sorted(self.ended))

    def until_it_ends(self, tell: Tell) -> JobStatus | None:
        """Return the status in which the job ended, when each of its trials is on record too; None where it is gone."""
        world, key, started = self.course.world, self.course.intent.key, self.course.world.clock.seconds()
        while True:
            status = self.tuner.status(key)  # asked first: a job that ended begins no other trial
            known = self.tuner.trials(key)
            for trial in known:
                if trial.number not in self.ended and not isinstance(trial.status, Running):
                    self.ended[trial.number] = _recorded(self.course, self.tuner, self.asked, trial, trial.status)
            running = sum(isinstance(trial.status, Running) for trial in known)
            if not isinstance(status, Running) and not running:
                return status
            if world.is_cancelled() and not self.is_stopping:
                self.tuner.stop(key)
                self.is_stopping = True
            tell(f"{self._sentence()}, {running} running")
            # A tenth of the time so far: a long job is left alone.
            world.clock.sleep(min(0.5, max(0.1, (world.clock.seconds() - started) / 10)))

    def _sentence(self) -> str:
        best = self.course.objective.best(self.trials)
        value = f", best `{best.metric}` {best.score:.4f} by trial {best.number}" if best else ""
        return f"{len(self.ended)} of {self.asked.trials} trials ended{value}"


def _recorded(course: Course, tuner: Tuner, asked: Search, trial: TunedTrial, status: _Ended) -> Tried:
    """Return a trial that ended, on record as a training of its own and as a trial of this search."""
    given = _given(asked.ranges, trial)
    wanted, name = course.wanted.trial(given), trial_name(course.wanted.name, trial.number)
    work = training_work(course.situation, course.desired, wanted, course.dataset, name)
    trained = _trained(course, tuner, trial, status, work)
    why = trained.detail
    if trained.outcome == "succeeded" and trial.value is None:
        why = f"its log does not say `{course.objective.metric}`"
    tried = Tried(
        model=course.desired.name,
        candidate=course.wanted.name,
        search=course.wanted.fingerprint,
        attempt=course.intent.attempt,
        number=trial.number,
        scoring=course.scoring,
        fingerprint=wanted.fingerprint,
        hyperparameters=given,
        outcome="failed" if why else "succeeded",
        detail=why,
        metric=course.objective.metric,
        score=None if why else trial.value,
        rows=0,
        seconds=trained.seconds,
        at=course.world.clock.now(),
    )
    record(course.world, tried)
    return tried


def _trained(course: Course, tuner: Tuner, trial: TunedTrial, status: _Ended, work: Work) -> Finished:
    """Return the end of a trial's training, recorded as an attempt of its own, once.

    Its intent is recorded with its end: who begins the same training by hand meanwhile must find none that is open.
    """
    world = course.world
    tries = ledger_about(world, work.model, (work.work, work.fingerprint)).tries(work.work, work.fingerprint)
    number = tries[-1].intent.attempt + 1 if tries else 1
    for attempt in tries:
        if attempt.intent.candidate != work.candidate:
            continue
        if attempt.finished is None:
            number = attempt.intent.attempt  # killed between the two records
        elif (attempt.finished.started_at, attempt.finished.ended_at) == (status.started_at, status.ended_at):
            return attempt.finished
    record(world, Intent(
        work.model, work.work, work.candidate, work.fingerprint, number, work.commit, work.recipe, status.started_at
    ))  # fmt: skip
    outputs = replace(tuner.collect(course.intent.key, trial.number), image=course.image)
    finished = finished_of(work, number, status, outputs)
    record(world, finished)
    return finished


def _given(ranges: tuple[Range, ...], trial: TunedTrial) -> Pairs:
    """Return the hyperparameters of a trial as the manifest would say them, sorted by name."""
    found = dict(trial.hyperparameters)
    return tuple(sorted((given.name, _value(given, found[given.name])) for given in ranges))


def _value(given: Range, said: str) -> Scalar:
    if given.values:
        return next((value for value in given.values if text(value) == said), said)
    return int(said) if given.type is NumberType.INTEGER else float(said)


def _end(course: Course, asked: Search, trials: tuple[Tried, ...], status: JobStatus | None) -> Finished:
    seconds = status.seconds if status and not isinstance(status, Running) else 0.0
    match status:
        case Succeeded():
            return search_end(course, asked, trials, seconds)
        case Failed():
            is_hopeless = bool(trials) and all(trial.score is None for trial in trials)
            why = "" if is_hopeless else f"the tuning job failed: {status.detail}"
            return search_end(course, asked, trials, seconds, why)
        case Stopped():
            return replace(search_end(course, asked, trials, seconds, "it was stopped"), outcome="stopped")
        case None:
            return search_end(course, asked, trials, 0.0, f"{FailureCause.LOST.value}: SageMaker knows it no more")
        case Running():
            raise AssertionError("a running job has no end")
        case _:
            assert_never(status)
