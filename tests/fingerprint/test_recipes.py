"""Recipes, and how two of them differ."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.fingerprint.canonical import canonical
from mlops_ci.fingerprint.recipes import (
    Blobs,
    differences,
    evaluation_recipe,
    fingerprint,
    suite_recipe,
    training_recipe,
)
from mlops_ci.model import Checks, Data, Environment, Json, Model, Promotion, Resources, Serving
from tests.factories import a_model

leaves = st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
recipes = st.recursive(
    st.dictionaries(st.text(min_size=1), leaves, min_size=1, max_size=3),
    lambda inner: st.dictionaries(st.text(min_size=1), leaves | inner, min_size=1, max_size=3),
    max_leaves=8,
)

CHANNELS: Blobs = (("test", "a" * 40), ("train", "b" * 40))


def training(model: Model, *, data: Blobs = CHANNELS, processing: Json = None) -> str:
    found = training_recipe(
        model, model.candidates[0], code=(), entry="t.py", data=data, image="python", processing=processing
    )
    return fingerprint(found)


def evaluation(model: Model, *, data: Blobs = CHANNELS, processing: Json = None, package: str = "p") -> str:
    return fingerprint(evaluation_recipe(model, package=package, data=data, metric_code=(), processing=processing))


@given(recipes)
def test_a_recipe_does_not_differ_from_itself(recipe: dict[str, Json]) -> None:
    assert differences(dict(recipe), dict(reversed(recipe.items()))) == ()


@given(recipes, recipes)
def test_recipes_differ_exactly_where_their_fingerprints_do(one: dict[str, Json], other: dict[str, Json]) -> None:
    assert bool(differences(dict(one), dict(other))) is (canonical(dict(one)) != canonical(dict(other)))


@pytest.mark.parametrize(("old", "new"), [(1, 1.0), (1, True), (0.0, False)])
def test_a_number_that_changed_its_type_is_a_difference(old: Json, new: Json) -> None:
    assert differences({"epochs": old}, {"epochs": new}) == (("epochs", old, new),)


def test_pairs_are_compared_by_name() -> None:
    old: Json = {"hyperparameters": [["epochs", 3], ["rate", 0.1]]}
    new: Json = {"hyperparameters": [["epochs", 4], ["seed", 7]]}
    assert differences(old, new) == (
        ("hyperparameters.epochs", 3, 4),
        ("hyperparameters.rate", 0.1, None),
        ("hyperparameters.seed", None, 7),
    )


def test_training_never_depends_on_the_test_channel() -> None:
    assert training(a_model()) == training(a_model(), data=(("test", "f" * 40), ("train", "b" * 40)))
    assert training(a_model()) != training(a_model(), data=(("test", "a" * 40), ("train", "f" * 40)))


def test_training_after_processing_depends_on_all_that_the_processing_reads() -> None:
    moved: Blobs = (("test", "f" * 40), ("train", "b" * 40))
    assert training(a_model(), processing={"script": "p"}) != training(
        a_model(), data=moved, processing={"script": "p"}
    )


def test_evaluation_depends_on_the_test_channel_alone() -> None:
    assert evaluation(a_model()) == evaluation(a_model(), data=(("test", "a" * 40), ("train", "f" * 40)))
    assert evaluation(a_model()) != evaluation(a_model(), data=(("test", "f" * 40), ("train", "b" * 40)))


@pytest.mark.parametrize(
    "changed",
    [
        replace(a_model(), owner="bob", description="else"),
        replace(a_model(), serving=Serving(script="src/serve/other.py", workers=9)),
        replace(a_model(), tests=Checks(tolerance=1.0)),
        replace(a_model(), promotion=Promotion(tie_break=("log_loss",))),
        replace(a_model(), environments=(Environment("one"),)),
        replace(a_model(), data=Data(label="churn", path="moved/elsewhere.csv", positive="no")),
        replace(a_model(), candidates=(replace(a_model().candidates[0], resources=Resources("ml.big", 9)),)),
    ],
    ids=["metadata", "serving", "tests", "promotion", "environments", "positive-class", "resources"],
)
def test_what_does_not_touch_training_leaves_its_fingerprint(changed: Model) -> None:
    assert training(changed) == training(a_model())


def test_another_candidate_leaves_the_fingerprints_of_the_others() -> None:
    model = a_model()
    assert training(replace(model, candidates=model.candidates[:1])) == training(model)


def test_tests_depend_on_the_evaluation_they_compare_with() -> None:
    one = suite_recipe(a_model(), evaluation="e1", files=())
    assert fingerprint(one) != fingerprint(suite_recipe(a_model(), evaluation="e2", files=()))
