"""Batch runs: a file's rows through a released package, with the code that serves, and nothing left running."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mlops_ci.errors import JobFailed, ProviderError
from mlops_ci.executor.attempts import Tell, Work, own_end, perform_job
from mlops_ci.executor.packages import package_of
from mlops_ci.executor.reading import ledger_about
from mlops_ci.executor.world import World
from mlops_ci.fingerprint.canonical import canonical
from mlops_ci.fingerprint.canonical import digest as digest_of
from mlops_ci.model import Json, TransformResources
from mlops_ci.ports.batches import BatchFiles, Rows
from mlops_ci.ports.jobs import TransformJob
from mlops_ci.records.facts import Finished

_MAX_RUNTIME = 24 * 3600
"""Seconds: inputs may be large, and a job that hangs must still end."""


@dataclass(frozen=True, slots=True)
class Released:
    """What a batch run goes through: a version of a model, and its package's digest; `resources` are its machines."""

    model: str
    version: int
    package: str
    commit: str
    resources: TransformResources


@dataclass(frozen=True, slots=True)
class Answered:
    """A file whose rows were answered; `seconds` is the job's wall time, `was_known`: the answers were on record."""

    source: str
    output: str
    rows: int
    seconds: float
    was_known: bool


def answer(
    world: World,
    files: BatchFiles,
    released: Released,
    source: str,
    output: str,
    tell: Tell,
    cancel: Callable[[], None],
) -> Answered:
    """Return how a file was answered, its predictions written to `output`: one JSON value a row, in order.

    The job is on record as `batch`, so that it is taken up where it was interrupted; the same rows through the same
    package are answered from the record. Whoever interrupts ends the job that runs, by `cancel`, and that is recorded.

    Raises:
        ManifestError: rows are wrong; each with its line.
        JobFailed: the job did not succeed; with the end of its log.
        Interrupted: everything is to end; the job was stopped.
        ProviderError: something cannot be read or written, or there are not as many answers as rows.

    """
    package = package_of(world.records, released.model, released.package)
    rows = files.prepare(source, package.features, name=released.package[:16])
    try:
        ended, was_known = _performed(world, released, rows, tell)
    except KeyboardInterrupt:
        cancel()
        ended, was_known = _performed(world, released, rows, tell)  # takes the job up, and stops it
    finally:
        files.forget(rows)
    predictions = world.artifacts.fetch(ended.artifact("predictions"))
    with predictions.open(encoding="utf-8") as lines:
        count = sum(1 for line in lines if line.strip())
    if count != rows.count:
        raise ProviderError(
            f"`{source}` has {rows.count} rows, and {count} answers came back",
            hint=f"mlops-ci logs {released.model}; the serving code must give one value a row",
        )
    files.deliver(predictions, output)
    return Answered(source, output, count, ended.seconds, was_known)


def _performed(world: World, released: Released, rows: Rows, tell: Tell) -> tuple[Finished, bool]:
    recipe: Json = {"package": released.package, "rows": rows.digest, "content_type": rows.content_type}
    fingerprint = digest_of(recipe)
    candidate = f"v{released.version}"
    ledger = ledger_about(world, released.model, ("batch", fingerprint))
    known = ledger.success("batch", fingerprint)
    if known is not None and world.artifacts.has(known.artifact("predictions")):
        return known, True
    job = TransformJob(
        released.model,
        candidate,
        released.package,
        rows.path,
        rows.content_type,
        max_runtime=_MAX_RUNTIME,
        resources=released.resources,
    )
    work = Work(released.model, "batch", candidate, fingerprint, canonical(recipe), released.commit)
    what = "the batch run did not succeed"
    ended = own_end(perform_job(world, world.transformer, job, work, ledger, tell), what)
    if ended.outcome != "succeeded":
        raise JobFailed(
            f"{what}: {ended.detail}",
            detail=_end_of(world, ended),
            hint=f"mlops-ci logs {released.model}",
        )
    return ended, False


def _end_of(world: World, ended: Finished) -> str:
    log = ended.artifact("log")
    return world.artifacts.fetch(log).read_text(encoding="utf-8", errors="replace")[-4000:] if log else ""
