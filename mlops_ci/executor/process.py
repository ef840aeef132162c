"""Processing: the script that makes the channels, and the dataset that follows from it or from the files."""

from __future__ import annotations

from mlops_ci.errors import ProviderError
from mlops_ci.executor.assess import Situation
from mlops_ci.executor.attempts import Tell, Work, perform_job
from mlops_ci.executor.scalars import text
from mlops_ci.executor.software import image_of, software_of_script
from mlops_ci.executor.sources import code_of, entry_of
from mlops_ci.executor.world import World
from mlops_ci.model.sources import within
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.ports.datasets import TEST, Dataset
from mlops_ci.ports.jobs import Input, ProcessingJob
from mlops_ci.records.facts import Finished
from mlops_ci.records.ledger import Ledger


def dataset_of(world: World, situation: Situation, desired: DesiredModel, ledger: Ledger) -> Dataset:
    """Return the dataset of a model; with the validation rows as requests where a candidate searches.

    Raises:
        ProviderError: its processing has not succeeded.

    """
    model = desired.model
    slices, kind = model.evaluation.slices, model.serving.content_type
    scored = ("test", "validation") if any(c.search for c in model.candidates) else TEST
    if model.processing.pre is None:
        return world.datasets.materialize(model.data, situation.tree, model.folder, slices, kind, scored=scored)
    done = ledger.success("processing", desired.processing_fingerprint)
    if done is None:
        raise ProviderError(f"the processing of `{model.name}` has not run", hint=f"mlops-ci train {model.name}")
    outputs = tuple((name, done.artifact(name)) for name in model.processing.pre.outputs)
    return world.datasets.adopt(model.data, outputs, slices, kind, scored=scored)


def process(world: World, situation: Situation, desired: DesiredModel, ledger: Ledger, tell: Tell) -> Finished:
    """Return the end of the processing before training; what another command processed meanwhile counts."""
    meanwhile = ledger.success("processing", desired.processing_fingerprint)
    if meanwhile is not None:
        return meanwhile
    model, tree = desired.model, situation.tree
    pre = model.processing.pre
    if pre is None:
        raise AssertionError("the plan asked for a processing that the manifest does not have")
    image = image_of(world, software_of_script(tree, model, pre.requirements))
    world.datasets.unmoved(model.data)
    code = code_of(tree, model.folder, pre.sources)
    job = ProcessingJob(
        model=model.name,
        subject="processing",
        image=image,
        code=code,
        entry=entry_of(code, model.folder, pre.script),
        arguments=pre.arguments,
        inputs=tuple(
            Input(name, world.datasets.locate(within(model.folder, path) or path)) for name, path in model.data.paths()
        ),
        outputs=pre.outputs,
        environment=tuple((key, text(value)) for key, value in pre.environment),
        max_runtime=pre.max_runtime,
        resources=pre.resources,
    )
    work = Work(model.name, "processing", "", desired.processing_fingerprint, desired.processing, situation.commit)
    return perform_job(world, world.processor, job, work, ledger, tell)
