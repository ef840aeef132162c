"""Every form of answer that the contract allows, and everything that it does not."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.errors import ManifestError, ProviderError
from mlops_ci.judging.labels import Labels
from mlops_ci.judging.predictions import Predictions, Reading, read_predictions
from mlops_ci.model import OutputMapping, Problem
from mlops_ci.model.effects import Json

BINARY = Reading(Problem.BINARY, positive="yes")
MANY = Reading(Problem.MULTICLASS)
NUMBER = Reading(Problem.REGRESSION)


def read(values: list[Json], labels: str, reading: Reading = BINARY) -> Predictions:
    return read_predictions(tuple(values), tuple(labels.split()), reading)


def found(predictions: Predictions) -> list[str]:
    return [answer.label for answer in predictions.answers]


def test_labels_are_taken_as_they_are_and_lack_probabilities() -> None:
    made = read(["yes", "no", "no"], "yes yes no")
    assert found(made) == ["yes", "no", "no"]
    assert made.lacks == "the answers have no probabilities (row 1)"


def test_objects_carry_label_and_probabilities() -> None:
    made = read(
        [{"label": "yes", "probabilities": {"yes": 0.4, "no": 0.6}}, {"probabilities": {"yes": 0.6, "no": 0.4}}],
        "no yes",
    )
    assert found(made) == ["yes", "yes"]  # the answer's own label counts, whatever the threshold says
    assert made.answers[0].probability("no") == 0.6
    assert not made.lacks


def test_a_bare_number_is_the_positives_probability_cut_at_the_threshold() -> None:
    reading = Reading(Problem.BINARY, positive="yes", threshold=0.3)
    made = read([0.3, 0.29, 1, [0.9]], "yes no yes no", reading)
    assert found(made) == ["yes", "no", "yes", "yes"]
    assert dict(made.answers[1].probabilities or ()) == pytest.approx({"no": 0.71, "yes": 0.29})


def test_integers_that_name_classes_are_labels_and_not_probabilities() -> None:
    made = read([0, 1, 1], "0 1 0", Reading(Problem.BINARY, positive="1"))
    assert found(made) == ["0", "1", "1"]
    assert made.lacks
    floats = read([0.0, 1.0, 0.2], "0 1 0", Reading(Problem.BINARY, positive="1"))
    assert found(floats) == ["0", "1", "0"]
    assert not floats.lacks


@pytest.mark.parametrize("value", [1, 1.0, "1", "1.0", True])
def test_whole_number_classes_are_one_however_they_are_written(value: Json) -> None:
    assert found(read([value, 2, 3], "1 2 3", MANY))[0] == "1"


def test_texts_that_only_look_like_numbers_stay_apart() -> None:
    assert found(read(["007", "7", "1"], "007 7 1", MANY)) == ["007", "7", "1"]


@given(st.lists(st.text(min_size=1), min_size=1))
def test_naming_keeps_every_class_of_the_data_apart(labels: list[str]) -> None:
    naming = Labels.of(labels)
    assert len({naming.name(label) for label in labels}) == len(set(labels))


def test_the_likeliest_class_wins_where_there_are_many_and_the_first_by_name_among_equals() -> None:
    shares: dict[str, Json] = {"c": 0.4, "a": 0.2, "b": 0.4}
    assert found(read([{"probabilities": shares}, "a", "c"], "a b c", MANY))[0] == "b"


def test_foreign_keys_are_mapped() -> None:
    reading = Reading(Problem.BINARY, positive="1", output=OutputMapping("predicted_label", "score"))
    made = read([{"predicted_label": 1.0, "score": 0.9}, {"predicted_label": 0, "score": 0.2}], "1 1", reading)
    assert found(made) == ["1", "0"]
    assert made.answers[1].probability("1") == 0.2


def test_no_positive_means_the_last_of_the_sorted_labels() -> None:
    assert read(["a", "b"], "a b", Reading(Problem.BINARY)).positive == "b"


def test_regression_takes_numbers() -> None:
    made = read([1, 2.5, [3.0], {"label": 4.0}], "1 2 3 4", NUMBER)
    assert [answer.value for answer in made.answers] == [1, 2.5, 3, 4]
    assert made.rows(())[1] == {"label": 2.0, "prediction": 2.5, "probabilities": None}


def test_rows_for_custom_metrics_carry_slices() -> None:
    made = read([0.75, "no"], "yes no")
    rows = made.rows((("plan", ("a", "b")),))
    assert rows == (
        {"plan": "a", "label": "yes", "prediction": "yes", "probabilities": {"no": 0.25, "yes": 0.75}},
        {"plan": "b", "label": "no", "prediction": "no", "probabilities": None},
    )
    assert made.lacks.endswith("(row 2)")


def test_another_count_than_rows_is_an_error() -> None:
    with pytest.raises(ProviderError, match="answered 2 values for 3 rows"):
        read(["yes", "no"], "yes no no")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "names no class"),
        ([0.1, 0.9], "names no class"),
        (1.5, "is no probability"),
        (-0.1, "is no probability"),
        (math.nan, "is no probability"),
        ({"other": 1}, "has neither `label` nor `probabilities`"),
        ({"label": None}, "has neither"),
        ({"label": ["yes"]}, "has a `label` that names no class"),
        ({"probabilities": [0.1, 0.9]}, "no object of probabilities by class"),
        ({"probabilities": {"yes": 0.9, "no": 0.3}}, "sum to 1.2"),
        ({"probabilities": {"yes": 1.1, "no": -0.1}}, "gives `yes` a probability that is not from 0 to 1"),
        ({"probabilities": {"yes": math.nan, "no": 0.5}}, "not from 0 to 1"),
        ({"probabilities": {"yes": "0.5", "no": 0.5}}, "not from 0 to 1"),
    ],
)
def test_what_is_no_answer_is_told_with_its_row(value: Json, told: str) -> None:
    with pytest.raises(ProviderError, match=f"row 2 .*{told}"):
        read(["yes", value], "yes no")


@pytest.mark.parametrize("value", [math.nan, math.inf, "1.5", None, True, [1.0, 2.0], {"other": 1.0}])
def test_a_regression_takes_finite_numbers_only(value: Json) -> None:
    with pytest.raises(ProviderError, match="row 1 is no finite number"):
        read([value], "1.5", NUMBER)


def test_the_first_rows_that_are_wrong_are_told_together() -> None:
    with pytest.raises(ProviderError) as caught:
        read([None] * 7, "yes " * 7)
    assert caught.value.detail.splitlines()[0] == "row 1 names no class"
    assert caught.value.detail.splitlines()[-1] == "and 2 rows more"


def test_labels_that_fit_nothing_in_the_data_are_an_error_and_not_an_accuracy_of_zero() -> None:
    with pytest.raises(ProviderError, match="`True` is none of `no`, `yes`"):
        read(["True", "False"], "yes no")
    assert found(read(["no", "no"], "yes yes")) == ["no", "no"]  # all wrong is not the same as all foreign


def test_labels_of_the_data_must_fit_the_problem() -> None:
    with pytest.raises(ManifestError) as caught:
        read(["a", "b", "c"], "a b c", Reading(Problem.BINARY, where="m/t.csv"))
    assert [(d.code, d.span.path) for d in caught.value.diagnostics] == [("unfit-labels", "m/t.csv")]
    with pytest.raises(ManifestError):
        read([1.0], "many", NUMBER)
