"""Testing what an environment serves: each check a verdict with its evidence, recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from mlops_ci.errors import JobFailed, ProviderError
from mlops_ci.executor.assess import Situation
from mlops_ci.executor.attempts import Work, own_end, perform_job
from mlops_ci.executor.checks.running import run_checks
from mlops_ci.executor.checks.subject import Batch, Live, Service, Subject
from mlops_ci.executor.judge import judge
from mlops_ci.executor.packages import package_of
from mlops_ci.executor.predictions import recorded
from mlops_ci.executor.process import dataset_of
from mlops_ci.executor.reading import current_ledger, record
from mlops_ci.executor.world import World
from mlops_ci.fingerprint.canonical import digest
from mlops_ci.model import Environment, Json, ServingKind, Standing
from mlops_ci.plan.deployed import EndpointState
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.ports.datasets import Dataset
from mlops_ci.ports.jobs import TransformJob
from mlops_ci.records.facts import Evaluated, Tested
from mlops_ci.records.ledger import Ledger

Tell = Callable[[str], None]


def trial(
    world: World, situation: Situation, desired: DesiredModel, environment: Environment, tell: Tell
) -> Tested | None:
    """Return the test run of what the environment serves, recorded; None where it serves nothing.

    Raises:
        ProviderError: what it serves was never evaluated by today's rules.

    """
    standing = desired.release.standing(environment.name)
    if standing is None:
        return None
    ledger = current_ledger(world, desired.name)
    made = ledger.evaluations.get(desired.evaluation(standing.package))
    if made is None:
        raise ProviderError(
            f"v{standing.version} of `{desired.name}` is not evaluated by today's rules and rows",
            hint=f"mlops-ci evaluate {desired.name}",
        )
    dataset = dataset_of(world, situation, desired, ledger)
    with _service(world, situation, desired, environment, standing, ledger) as service:
        subject = _subject(world, situation, desired, environment, standing, made, dataset, service)
        results = run_checks(subject, world.suites, tell=tell, is_cancelled=world.is_cancelled)
    suite = desired.suite(standing.package)
    runs = ledger.tests.get((desired.name, environment.name, standing.package), ())
    number = 1 + max((run.number for run in runs if run.suite == suite), default=0)
    while True:
        run = Tested(
            model=desired.name,
            environment=environment.name,
            version=standing.version,
            package=standing.package,
            suite=suite,
            number=number,
            results=results,
            at=world.clock.now(),
        )
        if record(world, run):
            return run
        number += 1  # somebody else tested at the same time; both runs are kept


def tested(desired: DesiredModel, environment: Environment, ledger: Ledger) -> Tested | None:
    """Return the run of today's tests that what the environment serves went through since it was deployed, or None."""
    standing = desired.release.standing(environment.name)
    if standing is None:
        return None
    run = ledger.last_test(desired.name, environment.name, standing.package, desired.suite(standing.package))
    served = [s.at for s in ledger.served.get(desired.name, ()) if s.environment == environment.name]
    return run if run is not None and run.at >= max(served, default="") else None


def _subject(
    world: World,
    situation: Situation,
    desired: DesiredModel,
    environment: Environment,
    standing: Standing,
    made: Evaluated,
    dataset: Dataset,
    service: Service,
) -> Subject:
    package = package_of(world.records, desired.name, standing.package)
    with open(dataset.test.rows, encoding="utf-8", newline="") as text:  # noqa: PTH123 - a location of the datasets port
        rows = tuple(_records(text.read()))
    return Subject(
        model=desired.model,
        environment=environment.name,
        version=standing.version,
        service=service,
        rows=rows,
        labels=dataset.test.labels,
        features=package.features,
        recorded=recorded(world, made.predictions),
        scores=made.scores,
        judge=lambda values: judge(world, situation.tree, desired.model, values, dataset.test, package.image),
        clock=world.clock,
    )


def _records(text: str) -> list[str]:
    """Return the rows of a CSV or JSON Lines text; a quoted cell may hold line ends."""
    rows, open_row = [], ""
    for line in text.splitlines(keepends=True):
        open_row += line
        if open_row.count('"') % 2 == 0:
            rows.append(open_row.rstrip("\r\n"))
            open_row = ""
    return rows


@contextmanager
def _service(
    world: World,
    situation: Situation,
    desired: DesiredModel,
    environment: Environment,
    standing: Standing,
    ledger: Ledger,
) -> Iterator[Service]:
    if desired.model.serving.kind is ServingKind.BATCH:
        yield Batch(partial(_transform, world, situation, desired, standing, ledger))
        return
    key = (environment.name, desired.name)
    now = next((d for d in world.endpoints.describe() if (d.environment, d.model) == key), None)
    if now is None or now.state is not EndpointState.IN_SERVICE or now.package != standing.package:
        here = ": there is no endpoint of it here" if now is None else ""
        raise ProviderError(
            f"`{environment.name}` does not serve {desired.name} v{standing.version}, as the release says{here}",
            hint=f"mlops-ci deploy {environment.name} {desired.name}",
        )
    with world.access.opened(now) as url:
        invoke, ping = partial(world.endpoints.invoke, *key), partial(world.endpoints.ping, *key)
        yield Live(url, invoke, ping, world.access.refuses_misshapen)


def _transform(
    world: World,
    situation: Situation,
    desired: DesiredModel,
    standing: Standing,
    ledger: Ledger,
    rows: tuple[str, ...],
) -> tuple[Json, ...]:
    """Return what a batch run of the released package answers to these rows."""
    text = "".join(row + "\n" for row in rows)
    kept = world.artifacts.fetch(world.artifacts.put(text.encode()))
    content_type = desired.model.serving.content_type
    where = desired.model.evaluation.resources
    job = TransformJob(desired.name, "test", standing.package, str(kept), content_type, resources=where)
    fingerprint = digest({"package": standing.package, "rows": text, "content_type": content_type})
    work = Work(desired.name, "transform", "", fingerprint, "{}", situation.commit)
    ended = ledger.success("transform", fingerprint)
    ended = ended or perform_job(world, world.transformer, job, work, ledger, lambda _: None)
    own_end(ended, "the batch run")
    if ended.outcome != "succeeded":
        raise JobFailed(f"the batch run {ended.detail}", hint=f"mlops-ci logs {desired.name}")
    return recorded(world, ended.artifact("predictions"))
