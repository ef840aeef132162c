"""Answers of SageMaker's built-in algorithms, which know classes as numbers and 1 as the positive one."""

from __future__ import annotations

import pytest

from mlops_ci.errors import ProviderError
from mlops_ci.judging.predictions import Predictions, Reading, read_predictions
from mlops_ci.model import Json, OutputMapping, Problem

BINARY = Reading(Problem.BINARY, positive="no")
MANY = Reading(Problem.MULTICLASS)


def read(values: list[Json], labels: str, reading: Reading) -> Predictions:
    return read_predictions(tuple(values), tuple(labels.split()), reading)


@pytest.mark.parametrize(
    "values",
    [[0.9, 0.2], [{"score": 0.9}, {"score": 0.2}],
     [{"score": 0.9, "predicted_label": 0}, {"score": 0.2, "predicted_label": 1}]],
)  # fmt: skip
def test_a_score_is_the_probability_of_the_positive_class_cut_at_our_threshold(values: list[Json]) -> None:
    found = read(values, "no yes", BINARY)
    assert [answer.label for answer in found.answers] == ["no", "yes"]
    assert found.answers[0].probability("no") == 0.9


def test_a_label_alone_is_a_class_without_probabilities() -> None:
    found = read([{"predicted_label": 1.0}, {"predicted_label": 0.0}], "no yes", BINARY)
    assert [answer.label for answer in found.answers] == ["no", "yes"]
    assert found.lacks


def test_classes_of_many_are_the_numbers_that_were_trained_on() -> None:
    values: list[Json] = [
        {"score": [0.1, 0.2, 0.7]},
        {"score": 1.0},
        {"predicted_label": 0.0, "score": [0.8, 0.1, 0.1]},
    ]
    found = read(values, "2 1 0", MANY)
    assert [answer.label for answer in found.answers] == ["2", "1", "0"]
    assert found.answers[0].probability("2") == 0.7


def test_an_array_is_the_probabilities_of_the_numbered_classes_as_xgboost_writes_them_in_a_batch() -> None:
    found = read([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2]], "2 0", MANY)
    assert [answer.label for answer in found.answers] == ["2", "0"]
    assert found.answers[0].probability("2") == 0.7


def test_a_regression_is_its_score() -> None:
    assert read([{"score": 2.5}], "2", Reading(Problem.REGRESSION)).answers[0].value == 2.5


def test_what_the_manifest_maps_goes_before() -> None:
    reading = Reading(Problem.BINARY, positive="yes", output=OutputMapping("predicted_label", "score"))
    found = read([{"predicted_label": "no", "score": 0.9}], ["yes", "no"][0], reading)
    assert found.answers[0].label == "no"


@pytest.mark.parametrize("value", [{"score": "high"}, {"score": 1.5}, {"score": None}, {"else": 1}])
def test_what_is_no_score_is_told(value: Json) -> None:
    with pytest.raises(ProviderError, match="row 1"):
        read([value, 0.5], "yes no", BINARY)
