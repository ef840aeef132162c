"""Scoring a trial: validation rows through the serving code, and one metric, as evaluation does it with test rows."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from mlops_ci.errors import ProviderError
from mlops_ci.executor.assess import Situation
from mlops_ci.executor.attempts import Tell, Work, own_end, perform_job
from mlops_ci.executor.packages import package_of
from mlops_ci.executor.predictions import recorded
from mlops_ci.executor.reading import ledger_about
from mlops_ci.executor.sources import code_of
from mlops_ci.executor.world import World
from mlops_ci.fingerprint.canonical import canonical
from mlops_ci.judging.evaluate import evaluate
from mlops_ci.judging.predictions import Predictions, Reading, read_predictions
from mlops_ci.model import CustomMetric, Json, Model
from mlops_ci.model.sources import within
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.plan.search import Objective
from mlops_ci.ports.datasets import TestSet
from mlops_ci.ports.jobs import Image, TransformJob


@dataclass(frozen=True, slots=True)
class NoScore:
    """Why a trial has no score: its answers could not be made or judged, or the metric is undefined over them."""

    why: str


def score(
    world: World,
    situation: Situation,
    desired: DesiredModel,
    objective: Objective,
    rows: TestSet,
    package: str,
    trial: str,
    tell: Tell,
) -> float | NoScore:
    """Return a package's metric over the validation rows. What is wrong with the package is no error of the world."""
    fingerprint, recipe = desired.validation(package), canonical(dict(desired.validation_recipe(package)))
    where = desired.model.evaluation.resources
    job = TransformJob(desired.name, trial, package, rows.rows, desired.model.serving.content_type, resources=where)
    work = Work(desired.name, "validation", trial, fingerprint, recipe, situation.commit)
    ledger = ledger_about(world, desired.name, (work.work, fingerprint))
    ended = ledger.success(work.work, fingerprint) or perform_job(world, world.transformer, job, work, ledger, tell)
    own_end(ended, f"the score of {trial}")
    if ended.outcome != "succeeded":
        return NoScore(f"its score: {ended.detail}")
    values = recorded(world, ended.artifact("predictions"))
    image = package_of(world.records, desired.name, package).image
    try:
        predictions = read_predictions(values, rows.labels, _reading(desired.model))
        return _value(world, situation, desired, objective.metric, predictions, rows, image)
    except ProviderError as error:
        return NoScore(f"its score: {error.summary}")


def _reading(model: Model) -> Reading:
    """Return how answers are read; problems of the labels are told at the validation rows."""
    path = dict(model.data.paths()).get("validation", "")
    reading = Reading.of(model)
    return replace(reading, where=within(model.folder, path) or path) if path else reading


def _value(
    world: World,
    situation: Situation,
    desired: DesiredModel,
    metric: str,
    predictions: Predictions,
    rows: TestSet,
    image: Image,
) -> float | NoScore:
    """Return the one metric over all rows; slices are columns for a metric of the user's, and are not judged apart."""
    evaluation = desired.model.evaluation
    own = next((custom for custom in evaluation.custom if custom.name == metric), None)
    if own is not None:
        code = code_of(situation.tree, desired.model.folder, evaluation.sources)
        value = world.metrics.compute(own.function, code, image, predictions.rows(rows.slices))
        return value if math.isfinite(value) else NoScore(f"`{metric}` is not finite")
    alone = replace(evaluation, metric=metric, metrics=(), slices=(), custom=())
    (found,) = evaluate(predictions, (), alone, _no_custom).measurements
    return NoScore(f"`{metric}` is undefined: {found.reason}") if found.value is None else found.value


def _no_custom(metric: CustomMetric, rows: tuple[Json, ...]) -> float:
    raise AssertionError(f"{metric.name} was not asked for, over {len(rows)} rows")
