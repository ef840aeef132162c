"""Attempts: a job is recorded before it is submitted, adopted when it runs already, and recorded when it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, assert_never

from mlops_ci.errors import Interrupted, MlopsError, ProviderError
from mlops_ci.executor.reading import record
from mlops_ci.executor.world import World
from mlops_ci.fingerprint.canonical import canonical
from mlops_ci.model.effects import plain
from mlops_ci.ports.jobs import Failed, FailureCause, Jobs, JobStatus, Outputs, Running, Stopped, Succeeded
from mlops_ci.records.facts import Finished, Intent
from mlops_ci.records.ledger import Ledger

_OUTSIDE = (FailureCause.NOT_STARTED, FailureCause.LOST)

JobT = TypeVar("JobT")
Tell = Callable[[str], None]
"""Called with a sentence while something goes on."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a job is about; `features` and `rows` are recorded beside its end."""

    model: str
    work: str
    candidate: str
    fingerprint: str
    recipe: str
    commit: str
    features: tuple[str, ...] = ()
    rows: tuple[tuple[str, int], ...] = ()


def perform_job(world: World, jobs: Jobs[JobT], job: JobT, work: Work, ledger: Ledger, tell: Tell) -> Finished:
    """Return the end of the job, however it ended; one that runs already is adopted, never started twice.

    Where an attempt that somebody else opened turns out to be lost or stopped, the next one is opened at once.

    Raises:
        Interrupted: everything is to end; the job was stopped and that is recorded.

    """
    tries = ledger.tries(work.work, work.fingerprint)
    is_open = bool(tries) and tries[-1].finished is None
    number = tries[-1].intent.attempt + (0 if is_open else 1) if tries else 1
    while True:
        intent = Intent(
            work.model, work.work, work.candidate, work.fingerprint, number, work.commit, work.recipe, world.clock.now()
        )
        is_adopted = not record(world, intent)
        _submit(world, jobs, job, intent, work)
        status = _wait(world, jobs, intent.key, tell)
        outputs = Outputs(()) if jobs.status(intent.key) is None else jobs.collect(intent.key)
        finished = finished_of(work, number, status, outputs)
        record(world, finished)
        if world.is_cancelled():
            raise Interrupted("stopped", hint="type the command again to go on where it stopped")
        was_lost = isinstance(status, Stopped) or (isinstance(status, Failed) and status.cause is FailureCause.LOST)
        if not (is_adopted and was_lost):
            return finished
        number += 1


def is_from_outside(ended: Finished) -> bool:
    """Return whether a job failed for want of a machine or the like: its own code had no part in it."""
    return ended.outcome == "failed" and ended.detail.startswith(tuple(f"{cause.value}: " for cause in _OUTSIDE))


def own_end(ended: Finished, what: str) -> Finished:
    """Return the end of a job, where it is its own: it says something of what the job was about.

    Raises:
        ProviderError: it failed for want of a machine or the like; `what` is how its sentence begins.

    """
    if is_from_outside(ended):
        raise ProviderError(f"{what}: {ended.detail}", hint="type the command again, later: it is another attempt")
    return ended


def _submit(world: World, jobs: Jobs[JobT], job: JobT, intent: Intent, work: Work) -> None:
    """Start the job; where it cannot even begin, that is the end of its attempt, and recorded as such.

    Raises:
        MlopsError: it did not begin; why.

    """
    try:
        jobs.submit(job, key=intent.key)
    except MlopsError as error:
        if jobs.status(intent.key) is None:
            now = world.clock.now()
            status = Failed(FailureCause.NOT_STARTED, error.summary, now, now, 0.0)
            record(world, finished_of(work, intent.attempt, status, Outputs(())))
        raise


def _wait(world: World, jobs: Jobs[JobT], key: str, tell: Tell) -> JobStatus:
    """Return the status in which the job ended; ask it to stop, once, when everything is to end.

    A submitted job that nobody knows any more is lost: somebody removed what it was kept in.
    """
    started, asked, began = world.clock.seconds(), False, world.clock.now()
    while True:
        status = jobs.status(key)
        if status is None:
            return Failed(FailureCause.LOST, "what it was kept in disappeared", began, world.clock.now(), 0.0)
        if not isinstance(status, Running):
            return status
        if world.is_cancelled() and not asked:
            jobs.stop(key)
            asked = True
        tell("running")
        # A tenth of the time so far: a long job is left alone. Who began it here is told when it has ended.
        world.clock.sleep(min(0.5, max(0.1, (world.clock.seconds() - started) / 10)))


def finished_of(work: Work, number: int, status: JobStatus, outputs: Outputs) -> Finished:
    """Return the end of an attempt, as it is recorded; `status` is one that is final."""
    match status:
        case Succeeded():
            outcome, detail = "succeeded", ""
        case Failed():
            outcome, detail = "failed", f"{status.cause.value}: {status.detail}"
        case Stopped():
            outcome, detail = "stopped", "it was stopped"
        case Running():
            raise AssertionError("a running job has no end")
        case _:
            assert_never(status)
    return Finished(
        model=work.model,
        work=work.work,
        fingerprint=work.fingerprint,
        attempt=number,
        outcome=outcome,
        detail=detail,
        seconds=status.seconds,
        started_at=status.started_at,
        ended_at=status.ended_at,
        artifacts=tuple((output.name, output.digest) for output in outputs.artifacts),
        metrics=outputs.metrics,
        image=canonical(plain(outputs.image)) if outputs.image else "",
        features=work.features,
        rows=work.rows,
        billed_seconds=outputs.billed_seconds,
    )
