"""Post-processing: the user's script over an evaluation's predictions; what it leaves is kept and decides nothing."""

from __future__ import annotations

import json

from mlops_ci.executor.assess import Situation
from mlops_ci.executor.attempts import Tell, Work, perform_job
from mlops_ci.executor.judge import rows_of
from mlops_ci.executor.reading import ledger_about
from mlops_ci.executor.scalars import text
from mlops_ci.executor.software import image_of, software_of_script
from mlops_ci.executor.sources import code_of, entry_of
from mlops_ci.executor.world import World
from mlops_ci.fingerprint.canonical import digest
from mlops_ci.model import Json
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.ports.datasets import TestSet
from mlops_ci.ports.jobs import Input, ProcessingJob
from mlops_ci.records.facts import Finished


def postprocess(
    world: World,
    situation: Situation,
    desired: DesiredModel,
    evaluation: str,
    values: tuple[Json, ...],
    test: TestSet,
    tell: Tell,
) -> tuple[tuple[str, str], ...] | Finished:
    """Return (output, sha256 of its archive) of the script after evaluation; nothing where there is no such script.

    Where the script failed, its end is returned: the evaluation is not recorded then, so it is made again next time.

    The script finds one file in /opt/ml/processing/input/predictions: a JSON object a test row, with `label`,
    `prediction`, `probabilities` and the slice columns.
    """
    model, tree = desired.model, situation.tree
    post = model.processing.post
    if post is None:
        return ()
    image = image_of(world, software_of_script(tree, model, post.requirements))
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows_of(model, values, test))
    kept = world.artifacts.fetch(world.artifacts.put(lines.encode()))
    code = code_of(tree, model.folder, post.sources)
    job = ProcessingJob(
        model=model.name,
        subject="post-processing",
        image=image,
        code=code,
        entry=entry_of(code, model.folder, post.script),
        arguments=post.arguments,
        inputs=(Input("predictions", str(kept)),),
        outputs=post.outputs,
        environment=tuple((key, text(value)) for key, value in post.environment),
        max_runtime=post.max_runtime,
        resources=post.resources,
    )
    fingerprint = digest({"post": code.digest, "evaluation": evaluation})
    work = Work(model.name, "processing", "", fingerprint, "{}", situation.commit)
    ledger = ledger_about(world, model.name, ("processing", fingerprint))
    ended = ledger.success("processing", fingerprint) or perform_job(world, world.processor, job, work, ledger, tell)
    if ended.outcome != "succeeded":
        return ended
    return tuple((name, ended.artifact(name)) for name in post.outputs if ended.artifact(name))
