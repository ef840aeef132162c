from __future__ import annotations

import pytest

from mlops_ci.manifest import build
from mlops_ci.model import (
    Budget,
    Candidate,
    Channel,
    Checks,
    Criterion,
    CustomMetric,
    Data,
    Environment,
    Evaluation,
    Framework,
    Goal,
    Latency,
    Model,
    NumberType,
    Place,
    Problem,
    Processing,
    Project,
    Range,
    Resources,
    Scale,
    Script,
    Search,
    Serving,
    ServingResources,
    Split,
    Strategy,
    Target,
)

LEAST = {
    "format": 1,
    "name": "m",
    "problem": "regression",
    "data": {"label": "y", "path": "d.csv"},
    "evaluation": {"metric": "rmse"},
}


def model(**given: object) -> Model:
    return build.model({**LEAST, **given}, folder="pipelines/m", candidates=())


def test_what_is_not_given_is_the_default_of_the_value() -> None:
    assert model() == Model(
        name="m",
        folder="pipelines/m",
        problem=Problem.REGRESSION,
        data=Data(label="y", path="d.csv"),
        evaluation=Evaluation(metric="rmse"),
        candidates=(),
    )
    assert build.candidate({"format": 1}, name="c") == Candidate(name="c")
    assert build.project({"format": 1}) == Project()


def test_candidates_are_sorted_by_name() -> None:
    built = build.model(LEAST, folder="pipelines/m", candidates=(Candidate("b"), Candidate("a")))

    assert [candidate.name for candidate in built.candidates] == ["a", "b"]


def test_a_number_of_a_float_field_is_a_float_so_that_one_and_one_point_zero_are_one_value() -> None:
    built = model(
        promotion={"require": [{"metric": "rmse", "max": 1}]},
        tests={"latency": {"max_ms": 50, "requests": 20.0}, "tolerance": 0},
        data={"label": "y", "path": "d.csv", "split": {"train": 1, "validation": 0, "test": 0}},
    )

    assert built.promotion.require == (Criterion("rmse", max=1.0),)
    assert type(built.promotion.require[0].max) is float
    assert built.tests == Checks(tolerance=0.0, latency=Latency(max_ms=50.0, requests=20))
    assert type(built.tests.latency.requests) is int
    assert type(built.data.split.train) is float


def test_hyperparameters_keep_their_kinds_and_are_sorted() -> None:
    given = {"b": 1, "a": 1.0, "d": True, "c": "x"}

    assert build.candidate({"hyperparameters": given}, name="c").hyperparameters == (
        ("a", 1.0), ("b", 1), ("c", "x"), ("d", True),
    )  # fmt: skip
    kinds = [type(value) for _, value in build.candidate({"hyperparameters": given}, name="c").hyperparameters]
    assert kinds == [float, int, str, bool]


def test_a_search_has_its_ranges_sorted_and_bounds_of_their_type() -> None:
    given = {
        "ranges": {
            "rate": {"min": 0, "max": 1, "type": "float"},
            "depth": {"min": 1.0, "max": 8, "scale": "log", "type": "integer"},
            "loss": {"values": ["a", 1, 1.0, True]},
        },
        "strategy": "random",
        "budget": {"trials": 20, "parallel": 2},
    }
    search = build.candidate({"search": given}, name="c").search

    assert search == Search(
        ranges=(
            Range("depth", 1, 8, Scale.LOG, NumberType.INTEGER),
            Range("loss", values=("a", 1, 1.0, True)),
            Range("rate", 0.0, 1.0, type=NumberType.FLOAT),
        ),
        strategy=Strategy.RANDOM,
        budget=Budget(trials=20, parallel=2),
    )
    assert [type(bound) for r in search.ranges for bound in (r.min, r.max) if bound is not None] == [
        int,
        int,
        float,
        float,
    ]
    assert [type(value) for value in search.ranges[1].values] == [str, int, float, bool]


def test_environment_variables_and_arguments_are_text() -> None:
    built = model(
        serving={"environment": {"N": 2, "LEVEL": "info"}},
        processing={"script": "p.py", "arguments": ["--n", 3, 0.5]},
    )

    assert built.serving == Serving(environment=(("LEVEL", "info"), ("N", "2")))
    assert built.processing == Processing(pre=Script("p.py", arguments=("--n", "3", "0.5")))


def test_a_positive_class_and_a_slice_value_that_look_like_numbers_are_text() -> None:
    built = model(
        data={"label": "y", "path": "d.csv", "positive": 1},
        promotion={"require": [{"metric": "rmse", "max": 1, "slice": "s", "value": 3}]},
    )

    assert built.data.positive == "1"
    assert built.promotion.require[0].value == "3"


@pytest.mark.parametrize(("given", "key"), [("id", ("id",)), (["a", "b"], ("a", "b"))])
def test_a_key_is_one_column_or_several(given: object, key: tuple[str, ...]) -> None:
    assert model(data={"label": "y", "path": "d.csv", "key": given}).data.key == key


def test_channels_custom_metrics_targets_and_places_are_sorted_by_name() -> None:
    built = model(
        data={"label": "y", "channels": {"train": "a.csv", "test": "b.csv"}},
        evaluation={"metric": "w", "custom": {"w": {"function": "m:w", "goal": "minimize"}, "v": {"function": "m:v"}}},
    )
    project = build.project(
        {"targets": {"b": None, "a": {"store": "s"}}, "environments": {"z": {"port": 1}, "y": None}}
    )

    assert built.data == Data(label="y", channels=(Channel("test", "b.csv"), Channel("train", "a.csv")))
    assert built.evaluation.custom == (CustomMetric("v", "m:v"), CustomMetric("w", "m:w", Goal.MINIMIZE))
    assert project == Project(targets=(Target("a", store="s"), Target("b")), places=(Place("y"), Place("z", 1)))


@pytest.mark.parametrize("given", ["sklearn", {"name": "sklearn"}])
def test_a_framework_is_a_name_or_a_name_with_a_version(given: object) -> None:
    assert build.candidate({"framework": given}, name="c").framework == Framework("sklearn")


def test_environments_come_after_the_one_they_promote_from_in_any_order_of_the_file() -> None:
    built = model(
        environments={
            "a-last": {"promotes_from": "m-middle"},
            "m-middle": {"promotes_from": "z-first", "resources": {"count": 2}},
            "z-first": None,
            "b-lost": {"promotes_from": "nowhere"},
        }
    )

    assert built.environments == (
        Environment("b-lost", promotes_from="nowhere"),
        Environment("z-first"),
        Environment("m-middle", promotes_from="z-first", resources=ServingResources(count=2)),
        Environment("a-last", promotes_from="m-middle"),
    )


def test_environments_in_a_circle_are_all_there_so_that_a_rule_can_tell() -> None:
    built = model(environments={"a": {"promotes_from": "b"}, "b": {"promotes_from": "a"}, "c": {"promotes_from": "a"}})

    assert {environment.name for environment in built.environments} == {"a", "b", "c"}


def test_only_post_processing_may_be_given() -> None:
    built = model(processing={"post": {"script": "q.py"}})

    assert built.processing.pre is None
    assert built.processing.post is not None
    assert built.processing.post.outputs == ("report",)


def test_resources_of_a_candidate_are_whole_numbers() -> None:
    built = build.candidate({"resources": {"volume": 50.0, "spot": True, "max_wait": 4000}}, name="c")

    assert built.resources == Resources(volume=50, spot=True, max_wait=4000)
    assert type(built.resources.volume) is int


def test_the_shares_of_a_split_are_those_given() -> None:
    split = {"train": 0.6, "validation": 0.2, "test": 0.2, "salt": "x"}

    assert model(data={"label": "y", "path": "d.csv", "split": split}).data.split == Split(0.6, 0.2, 0.2, "x")
