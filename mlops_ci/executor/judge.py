"""Judging answers: the one way from what a package answered to its scores, for candidates and endpoints alike."""

from __future__ import annotations

from mlops_ci.executor.sources import code_of
from mlops_ci.executor.world import World
from mlops_ci.judging.evaluate import evaluate
from mlops_ci.judging.intervals import with_intervals
from mlops_ci.judging.predictions import Reading, read_predictions
from mlops_ci.judging.scores import Scores
from mlops_ci.model import CustomMetric, Json, Model, Tree
from mlops_ci.ports.datasets import TestSet
from mlops_ci.ports.jobs import Image


def appraise(world: World, tree: Tree, model: Model, values: tuple[Json, ...], test: TestSet, image: Image) -> Scores:
    """Return the scores of `judge`, each with its 95 % interval.

    Raises:
        ProviderError: the values cannot be judged, or a metric of the user's failed.

    """
    predictions = read_predictions(values, test.labels, Reading.of(model))
    return with_intervals(judge(world, tree, model, values, test, image), predictions, test.slices)


def judge(world: World, tree: Tree, model: Model, values: tuple[Json, ...], test: TestSet, image: Image) -> Scores:
    """Return the scores of one JSON value a test row; `image` is where the user's own metrics run.

    Raises:
        ProviderError: the values cannot be judged, or a metric of the user's failed.

    """
    code = code_of(tree, model.folder, model.evaluation.sources)

    def custom(metric: CustomMetric, rows: tuple[Json, ...]) -> float:
        return world.metrics.compute(metric.function, code, image, rows)

    predictions = read_predictions(values, test.labels, Reading.of(model))
    return evaluate(predictions, test.slices, model.evaluation, custom)


def rows_of(model: Model, values: tuple[Json, ...], test: TestSet) -> tuple[Json, ...]:
    """Return one object a test row: label, prediction, probabilities, and the slice columns."""
    return read_predictions(values, test.labels, Reading.of(model)).rows(test.slices)
