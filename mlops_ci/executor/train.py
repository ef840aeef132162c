"""Training a candidate, or registering one that was trained elsewhere."""

from __future__ import annotations

import hashlib
import json

from mlops_ci.errors import InputsMoved
from mlops_ci.executor.assess import Situation
from mlops_ci.executor.attempts import Tell, Work, perform_job
from mlops_ci.executor.process import dataset_of
from mlops_ci.executor.reading import record
from mlops_ci.executor.scalars import text
from mlops_ci.executor.software import code_for, dataset_for, image_of, software_of
from mlops_ci.executor.sources import entry_of, single
from mlops_ci.executor.world import World
from mlops_ci.fingerprint.canonical import blob_id, canonical
from mlops_ci.model import Candidate
from mlops_ci.model.effects import plain
from mlops_ci.model.sources import within
from mlops_ci.plan.desired import DesiredCandidate, DesiredModel
from mlops_ci.ports.datasets import Dataset
from mlops_ci.ports.jobs import Image, TrainingJob
from mlops_ci.records.facts import Finished, Intent
from mlops_ci.records.ledger import Ledger


def train(
    world: World, situation: Situation, desired: DesiredModel, wanted: DesiredCandidate, ledger: Ledger, tell: Tell
) -> Finished:
    """Return the end of the candidate's training; what another command trained since the plan was made counts."""
    meanwhile = ledger.success("training", wanted.fingerprint)
    if meanwhile is not None and meanwhile != situation.ledger.success("training", wanted.fingerprint):
        return meanwhile
    image = image_for(world, situation, desired, wanted.candidate)
    dataset = dataset_for(world, desired.model, wanted.candidate, dataset_of(world, situation, desired, ledger))
    work = training_work(situation, desired, wanted, dataset, wanted.name)
    if wanted.candidate.artifact:
        return _register(world, situation, desired, wanted.candidate, work, image)
    job = training_job(situation, desired, wanted.candidate, image, dataset, wanted.name)
    return perform_job(world, world.trainer, job, work, ledger, tell)


def training_work(
    situation: Situation, desired: DesiredModel, wanted: DesiredCandidate, dataset: Dataset, name: str
) -> Work:
    """Return what a training is about; `name` is what it is called: the candidate's name, or a trial's."""
    return Work(
        model=desired.name,
        work="training",
        candidate=name,
        fingerprint=wanted.fingerprint,
        recipe=wanted.recipe,
        commit=situation.commit,
        features=dataset.features,
        rows=dataset.counts,
    )


def training_job(
    situation: Situation, desired: DesiredModel, candidate: Candidate, image: Image, dataset: Dataset, name: str
) -> TrainingJob:
    """Return what the job that trains a candidate, or one trial of it, is given."""
    code = code_for(situation.tree, desired.model, candidate)
    return TrainingJob(
        model=desired.name,
        candidate=name,
        image=image,
        code=code,
        entry=entry_of(code, desired.model.folder, candidate.script),
        channels=dataset.channels,
        hyperparameters=hyperparameters(candidate),
        environment=tuple((key, text(value)) for key, value in candidate.environment),
        resources=candidate.resources,
        metric_definitions=candidate.metric_definitions,
    )


def hyperparameters(candidate: Candidate) -> tuple[tuple[str, str], ...]:
    """Return the hyperparameters as SageMaker sends them, all strings, with the seed among them."""
    given = {key: text(value) for key, value in candidate.hyperparameters}
    if candidate.seed is not None:
        given.setdefault("seed", str(candidate.seed))
    return tuple(sorted(given.items()))


def image_for(world: World, situation: Situation, desired: DesiredModel, candidate: Candidate) -> Image:
    """Return the software that a candidate's jobs run in.

    Raises:
        ProviderError: it cannot run here.

    """
    return image_of(world, software_of(situation.tree, desired.model, candidate))


def _register(
    world: World, situation: Situation, desired: DesiredModel, candidate: Candidate, work: Work, image: Image
) -> Finished:
    """Return the end of a training that took place elsewhere: the artifact is kept under its digest."""
    now = world.clock.now()
    path = within(desired.model.folder, candidate.artifact) or candidate.artifact
    content = situation.tree.read(path)
    named = {blob_id(content), f"sha256:{hashlib.sha256(content).hexdigest()}"}  # as `Datasets.digests` names a file
    if json.loads(work.recipe)["code"]["artifact"] not in named:
        raise InputsMoved(f"`{path}` changed while we were at work", hint="type the command again")
    if not path.endswith((".tar", ".tar.gz", ".tgz")):
        content = single(path.rsplit("/", 1)[-1], content)
    intent = Intent(work.model, work.work, work.candidate, work.fingerprint, 1, work.commit, work.recipe, now)
    record(world, intent)
    finished = Finished(
        model=work.model,
        work=work.work,
        fingerprint=work.fingerprint,
        attempt=1,
        outcome="succeeded",
        detail="",
        seconds=0.0,
        started_at=now,
        ended_at=now,
        artifacts=(("model", world.artifacts.put(content)),),
        image=canonical(plain(image)),
        features=work.features,
        rows=work.rows,
    )
    record(world, finished)
    return finished
