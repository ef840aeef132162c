"""Logs of jobs and endpoints."""

from __future__ import annotations

import json
from collections.abc import Iterator

from mlops_ci.commands.following import followed
from mlops_ci.errors import UsageError
from mlops_ci.executor.reading import read_ledger
from mlops_ci.executor.world import World
from mlops_ci.manifest.document import did_you_mean, listed
from mlops_ci.manifest.folders import folders
from mlops_ci.plan.search import trial_name
from mlops_ci.ports.jobs import Processor, Running, Trainer, Transformer
from mlops_ci.ports.tuning import Tuner
from mlops_ci.records.ledger import Attempt, Ledger


def job_log(world: World, model: str, candidate: str, tail: int, *, follow: bool = False) -> Iterator[str]:
    """Yield the lines of the newest training of a candidate; without one, of the job that failed last.

    Of a candidate that searches, it is that of the best trial; of the newest trial while the search goes on.

    A job counts as failed while it is the newest of its kind for its candidate. Where none failed, it is the newest.
    With `follow` a job that runs goes before all of them, and its lines are told as they come, until it ends.

    Raises:
        UsageError: there was no such job.

    """
    ledger = read_ledger(world, (model,))
    tuned = _tuned(world, ledger, candidate)
    if tuned is not None:
        yield from _trial(world, *tuned, tail, follow=follow)
        return
    found = [
        attempt
        for (work, _), attempts in ledger.attempts.items()
        for attempt in attempts
        if not candidate or (work == "training" and attempt.intent.candidate == candidate)
    ]
    found = [attempt for attempt in found if not _is_open_search(attempt)] or _trials(ledger, candidate)
    if not found:
        _refuse_unknown(world, model)
        known = {a.intent.candidate for _, tries in ledger.attempts.items() for a in tries if a.intent.candidate}
        what = f"`{candidate}` of `{model}`" if candidate else f"`{model}`"
        hint = did_you_mean(candidate, known, f"mlops-ci train {model}")
        raise UsageError(f"no job of {what} was ever started", hint=hint)
    running = [attempt for attempt in found if attempt.finished is None]
    if follow and running:
        yield from _followed(world, max(running, key=lambda a: a.intent.at), tail)
        return
    last: dict[tuple[str, str], Attempt] = {}
    for attempt in sorted(found, key=lambda a: (a.intent.at, a.intent.attempt)):
        last[attempt.intent.work, attempt.intent.candidate] = attempt
    failed = [a for a in last.values() if a.finished is not None and a.finished.outcome != "succeeded"]
    newest = max(found if candidate or not failed else failed, key=lambda a: a.intent.at)
    yield from _lines(world, newest, tail)


def _is_open_search(attempt: Attempt) -> bool:
    """Return whether an attempt is a search that has not ended: it has no job of its own, its trials have."""
    return attempt.finished is None and "objective" in json.loads(attempt.intent.recipe)


def _trials(ledger: Ledger, candidate: str) -> list[Attempt]:
    return [
        attempt
        for (work, _), attempts in ledger.attempts.items()
        for attempt in attempts
        if work == "training" and attempt.intent.candidate.startswith(trial_name(candidate, 0)[:-1])
    ]


def _tuned(world: World, ledger: Ledger, candidate: str) -> tuple[Tuner, str, int] | None:
    """Return the tuner, the key of its search and the number of a trial that it trains now: the newest, or `a#7`.

    Such a trial has an attempt of its own only when it has ended.
    """
    name, _, number = candidate.partition("#")
    searches = [a for _, tries in ledger.attempts.items() for a in tries if a.intent.candidate == name]
    if world.tuner is None or not candidate or (number and not number.isdecimal()):
        return None
    for search in searches:
        if _is_open_search(search):
            trials = (t for t in world.tuner.trials(search.intent.key) if isinstance(t.status, Running))
            running = [trial.number for trial in trials if number in {"", str(trial.number)}]
            if running:
                return world.tuner, search.intent.key, running[-1]
    return None


def _trial(world: World, tuner: Tuner, key: str, number: int, tail: int, *, follow: bool) -> Iterator[str]:
    if not follow:
        yield from tuner.logs(key, number, start=-tail if tail else 0)
        return
    yield from followed(
        world,
        lambda: tuple(tuner.logs(key, number, start=0)),
        lambda: all(t.number != number or not isinstance(t.status, Running) for t in tuner.trials(key)),
        tail,
    )


def _lines(world: World, attempt: Attempt, tail: int) -> Iterator[str]:
    log = attempt.finished.artifact("log") if attempt.finished else ""
    if log:
        with world.artifacts.fetch(log).open(encoding="utf-8", errors="replace") as stream:
            lines = stream.read().splitlines()
        yield from lines[-tail:] if tail else lines
        return
    yield from _jobs(world, attempt).logs(attempt.intent.key, start=-tail if tail else 0)


def _followed(world: World, attempt: Attempt, tail: int) -> Iterator[str]:
    jobs, key = _jobs(world, attempt), attempt.intent.key
    yield from followed(
        world,
        lambda: tuple(jobs.logs(key, start=0)),
        lambda: not isinstance(jobs.status(key), Running),
        tail,
    )


def _jobs(world: World, attempt: Attempt) -> Trainer | Processor | Transformer:
    match attempt.intent.work:
        case "training":
            return world.trainer
        case "processing":
            return world.processor
        case _:
            return world.transformer


def endpoint_follow(world: World, model: str, environment: str, tail: int) -> Iterator[str]:
    """Yield the last lines of an endpoint's log, and then those that come, until somebody interrupts.

    Raises:
        UsageError: there is no such endpoint, and never was.

    """
    endpoint_log(world, model, environment, 1)
    return followed(world, lambda: world.endpoints.logs(environment, model, tail=1000), lambda: False, tail)


def endpoint_log(world: World, model: str, environment: str, tail: int) -> tuple[str, ...]:
    """Return the last lines of an endpoint's log.

    Raises:
        UsageError: there is no such endpoint, and never was.

    """
    lines = world.endpoints.logs(environment, model, tail=tail or 1000)
    known = {d.environment for d in world.endpoints.describe() if d.model == model}
    if not lines and environment not in known:
        _refuse_unknown(world, model)
        hint = did_you_mean(environment, known, "mlops-ci status")
        raise UsageError(f"`{environment}` serves nothing of `{model}`", hint=hint)
    return lines


def _refuse_unknown(world: World, model: str) -> None:
    """Raise where the project has no model of that name; a wrong manifest does not hide a log."""
    names = [folder.name for folder in folders(world.repository.worktree(), world.project.pipelines)]
    if model not in names:
        detail = f"the models are {listed(names)}"
        raise UsageError(
            f"there is no model `{model}`", hint=did_you_mean(model, names, "mlops-ci status"), detail=detail
        )
