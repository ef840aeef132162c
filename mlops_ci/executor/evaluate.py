"""Evaluating: the test rows through the serving code of a package, and every metric from what comes back."""

from __future__ import annotations

from mlops_ci.errors import ProviderError
from mlops_ci.executor.assess import Situation
from mlops_ci.executor.attempts import Tell, Work, perform_job
from mlops_ci.executor.judge import appraise
from mlops_ci.executor.packages import keep_package, package_of
from mlops_ci.executor.postprocess import postprocess
from mlops_ci.executor.predictions import recorded
from mlops_ci.executor.process import dataset_of
from mlops_ci.executor.reading import ledger_about, record
from mlops_ci.executor.world import World
from mlops_ci.fingerprint.canonical import canonical
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.plan.steps import Evaluate
from mlops_ci.ports.jobs import TransformJob
from mlops_ci.records.facts import Evaluated, Finished
from mlops_ci.records.ledger import Ledger


def evaluate(
    world: World, situation: Situation, desired: DesiredModel, step: Evaluate, ledger: Ledger, tell: Tell
) -> Evaluated | Finished:
    """Return the evaluation of whatever the candidate trained, or of the released package that the step means.

    Where the job, or the script after it, did not succeed, its end is returned.
    """
    name, fingerprint, package = _subject(world, situation, desired, step, ledger)
    evaluation = desired.evaluation(package)
    recipe = canonical(dict(desired.evaluation_recipe(package)))
    ledger = ledger_about(world, desired.name, ("evaluation", evaluation))
    dataset = dataset_of(world, situation, desired, ledger)
    job = TransformJob(
        desired.name,
        name,
        package,
        dataset.test.rows,
        desired.model.serving.content_type,
        resources=desired.model.evaluation.resources,
    )
    work = Work(desired.name, "evaluation", name, evaluation, recipe, situation.commit)
    ended = ledger.success("evaluation", evaluation) or perform_job(world, world.transformer, job, work, ledger, tell)
    if ended.outcome != "succeeded":
        return ended
    predictions = ended.artifact("predictions")
    values = recorded(world, predictions)
    image = package_of(world.records, desired.name, package).image
    scores = appraise(world, situation.tree, desired.model, values, dataset.test, image)
    reports = postprocess(world, situation, desired, evaluation, values, dataset.test, tell)
    if isinstance(reports, Finished):
        return reports
    made = Evaluated(
        model=desired.name,
        evaluation=evaluation,
        candidate=name,
        fingerprint=fingerprint,
        package=package,
        commit=situation.commit,
        scores=scores,
        predictions=predictions,
        seconds=ended.seconds,
        at=world.clock.now(),
        recipe=recipe,
        reports=reports,
    )
    record(world, made)
    return made


def _subject(
    world: World, situation: Situation, desired: DesiredModel, step: Evaluate, ledger: Ledger
) -> tuple[str, str, str]:
    """Return the candidate's name, its training fingerprint, and the digest of its package, which is kept."""
    if step.candidate:
        wanted = desired.candidate(step.candidate)
        trained = ledger.success("training", wanted.fingerprint)
        if trained is None:
            raise ProviderError(f"`{wanted.name}` has not been trained", hint=f"mlops-ci train {desired.name}")
        return wanted.name, wanted.fingerprint, keep_package(world, situation, desired, wanted.name, trained)
    standing = desired.release.standing(step.environment)
    packaged = ledger.packages.get(standing.package) if standing else None
    if packaged is not None:
        return packaged.candidate, packaged.fingerprint, packaged.package
    champion = desired.release.champion
    if champion is None:
        raise ProviderError(f"`{desired.name}` has no champion to evaluate", hint=f"mlops-ci run {desired.name}")
    return champion.candidate, champion.fingerprint, champion.package
