"""What lies between two commits: every field tells what it declares, and only what counts is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlops_ci.model import (
    BeatChampion,
    Checks,
    Effect,
    Environment,
    Evaluation,
    Framework,
    Latency,
    Model,
    Processing,
    Project,
    Promotion,
    Script,
    Serving,
    ServingResources,
    Split,
    Target,
)
from mlops_ci.plan.impacts import Consequence, Impact, Part
from mlops_ci.plan.manifest_diff import Line, ModelDifference, Side, State, model_difference, project_lines
from tests.factories import FILES, Files, a_candidate, a_model, desire
from tests.worlds import with_candidate

AT = "pipelines/churn"


def side(model: Model, files: Files = FILES, /, **blobs: str) -> Side:
    """Return a model as one side has it; `blobs` are manifests' contents by name."""
    return Side(desire(model, files=files), tuple((f"{AT}/{name}.yaml", blob) for name, blob in sorted(blobs.items())))


def between(old: Model, new: Model, before: Files = FILES, after: Files = FILES) -> tuple[Line, ...]:
    found = model_difference("churn", side(old, before), side(new, after))
    return found.lines if found else ()


def does(line: Line, impact: Impact) -> set[str]:
    """Return the names of the parts on which a difference has an impact."""
    return {c.name for c in line.consequences if c.impact is impact}


def only(lines: tuple[Line, ...]) -> Line:
    (line,) = lines
    return line


def changed(**fields: object) -> Model:
    return replace(a_model(), **fields)  # type: ignore[arg-type]


SERVING = a_model().serving
MODELS: dict[str, Model] = {
    "owner": changed(owner="bob"),
    "candidates.linear.description": with_candidate(a_model(), "linear", description="x"),
    "candidates.linear.resources.instance": with_candidate(
        a_model(), "linear", resources=replace(a_model().candidates[1].resources, instance="ml.m5.4xlarge")
    ),
    "candidates.linear.hyperparameters.max_iter": with_candidate(
        a_model(), "linear", hyperparameters=(("max_iter", 9),)
    ),
    "candidates.linear.seed": with_candidate(a_model(), "linear", seed=0),
    "candidates.linear.framework.name": with_candidate(a_model(), "linear", framework=Framework("sklearn")),
    "candidates.linear.environment.N": with_candidate(a_model(), "linear", environment=(("N", "1"),)),
    "data.label": changed(data=replace(a_model().data, label="left")),
    "data.positive": changed(data=replace(a_model().data, positive="no")),
    "data.split.train": changed(data=replace(a_model().data, split=Split(0.6, 0.25, 0.15))),
    "evaluation.metric": changed(evaluation=Evaluation(metric="recall", metrics=("log_loss",))),
    "evaluation.threshold": changed(evaluation=replace(a_model().evaluation, threshold=0.4)),
    "promotion.beat_champion.margin": changed(promotion=Promotion(beat_champion=BeatChampion(0.1))),
    "serving.workers": changed(serving=replace(SERVING, workers=4)),
    "serving.environment.N": changed(serving=replace(SERVING, environment=(("N", "1"),))),
    "tests.latency.max_ms": changed(tests=Checks(latency=Latency(max_ms=5.0))),
    "environments.production.approval": changed(
        environments=(Environment("staging"), Environment("production", "staging", approval=True))
    ),
    "environments.staging.resources.count": changed(
        environments=(
            Environment("staging", resources=ServingResources(count=2)),
            Environment("production", promotes_from="staging"),
        )
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_each_field_is_told_once_and_a_candidate_trains_again_exactly_where_its_fingerprint_differs(name: str) -> None:
    old, new = a_model(), MODELS[name]
    lines = between(old, new)
    whole = [f"candidates.{line.file.split('/')[-1][:-5]}.{line.field}" if "/candidates/" in line.file else line.field
             for line in lines]  # fmt: skip
    assert name in whole
    before, after = ({c.name: c.fingerprint for c in desire(model).candidates} for model in (old, new))
    moved = {candidate for candidate in before if before[candidate] != after[candidate]}
    assert {name for line in lines for name in does(line, Impact.RETRAIN)} == moved
    judged = [desire(model).evaluation("p") for model in (old, new)]
    assert any(does(line, Impact.RETEST) and name != "tests.latency.max_ms" for line in lines) == (
        judged[0] != judged[1]
    )


def test_every_kind_of_effect_reaches_the_parts_it_is_about() -> None:
    found = {name: only(between(a_model(), model)) for name, model in MODELS.items() if name != "data.split.train"}
    assert not found["owner"].consequences
    assert not found["candidates.linear.resources.instance"].consequences
    assert does(found["candidates.linear.seed"], Impact.RETRAIN) == {"linear"}
    assert does(found["data.label"], Impact.RETRAIN) == {"boosting", "linear"}
    assert does(found["evaluation.threshold"], Impact.REEVALUATE) == {"boosting", "linear"}
    assert does(found["evaluation.threshold"], Impact.RETEST) == {"staging"}
    assert does(found["evaluation.threshold"], Impact.FOLLOW) == {"staging", "production"}
    assert found["serving.workers"].consequences == (
        Consequence(Part.ENDPOINT, "staging", Impact.REDEPLOY),
        Consequence(Part.ENDPOINT, "production", Impact.REDEPLOY),
    )
    assert found["tests.latency.max_ms"].consequences == (Consequence(Part.TESTS, "staging", Impact.RETEST),)
    assert found["environments.production.approval"].consequences == (Consequence(Part.GATE, "production", Impact.ASK),)
    assert found["environments.staging.resources.count"].consequences == (
        Consequence(Part.ENDPOINT, "staging", Impact.REDEPLOY),
    )
    assert does(found["promotion.beat_champion.margin"], Impact.DECIDE) == {""}


def test_a_model_that_is_equal_field_by_field_differs_in_nothing_and_its_touched_manifest_is_named() -> None:
    assert model_difference("churn", side(a_model(), model="1"), side(a_model(), model="1")) is None
    found = model_difference("churn", side(a_model(), model="1"), side(a_model(), model="2"))
    assert found == ModelDifference("churn", State.CHANGED, quiet=(f"{AT}/model.yaml",))


def test_a_manifest_with_a_difference_that_counts_is_not_named_as_quiet() -> None:
    new = side(changed(owner="bob"), model="2", **{"candidates/linear": "2"})
    found = model_difference("churn", side(a_model(), model="1", **{"candidates/linear": "1"}), new)
    assert found is not None
    assert found.quiet == (f"{AT}/candidates/linear.yaml",)


def test_a_default_that_is_written_out_is_no_difference() -> None:
    assert between(a_model(), changed(tests=Checks(tolerance=1e-9))) == ()


def test_one_and_one_point_zero_differ_as_a_script_sees_them() -> None:
    one, other = (with_candidate(a_model(), "linear", hyperparameters=(("n", value),)) for value in (1, 1.0))
    assert only(between(one, other)).sentence == "`hyperparameters.n`: 1 -> 1.0"


def test_candidates_and_environments_that_come_and_go_are_told_and_nothing_else_of_them() -> None:
    model = a_model()
    new = replace(
        model,
        candidates=(model.candidates[0], a_candidate("forest")),
        environments=(Environment("staging"), Environment("canary", promotes_from="staging")),
        serving=replace(SERVING, workers=4),
    )
    lines = between(model, new)
    assert [line.sentence for line in lines] == [
        "candidate `forest` is new",
        "candidate `linear` is gone",
        "`serving.workers`: 1 -> 4",
        "environment `canary` is new",
        "environment `production` is gone",
    ]
    assert does(lines[0], Impact.NEW) == {"forest"}
    assert does(lines[1], Impact.GONE) == {"linear"}
    assert does(lines[2], Impact.REDEPLOY) == {"staging"}
    assert lines[4].consequences == (Consequence(Part.ENDPOINT, "production", Impact.GONE),)


@pytest.mark.parametrize(
    ("files", "sentence", "impact", "names"),
    [
        (replace(FILES, code=(("linear.py", "9" * 40),)), "training code `linear.py` changed", Impact.RETRAIN,
         {"boosting", "linear"}),
        (replace(FILES, code=()), "training code `linear.py` is gone", Impact.RETRAIN, {"boosting", "linear"}),
        (replace(FILES, data=(("data", "9" * 40),)), "data `data` changed", Impact.RETRAIN, {"boosting", "linear"}),
        (replace(FILES, serving=(("inference.py", "9" * 40),)), "serving code `inference.py` changed",
         Impact.REEVALUATE, {"boosting", "linear"}),
        (replace(FILES, metric_code=(("worth.py", "9" * 40),)), "metric code `worth.py` is new", Impact.REEVALUATE,
         {"boosting", "linear"}),
        (replace(FILES, tests=(("test_endpoint.py", "9" * 40),)), "test file `test_endpoint.py` changed",
         Impact.RETEST, {"staging"}),
    ],
)  # fmt: skip
def test_files_are_told_by_what_they_are_for(files: Files, sentence: str, impact: Impact, names: set[str]) -> None:
    line = only(between(a_model(), a_model(), after=files))
    assert line.sentence == sentence
    assert does(line, impact) == names


def test_new_test_rows_evaluate_again_and_train_nothing() -> None:
    before = replace(FILES, data=(("test", "1" * 40), ("train", "2" * 40)))
    after = replace(FILES, data=(("test", "9" * 40), ("train", "2" * 40)))
    line = only(between(a_model(), a_model(), before, after))
    assert line.sentence == "data `test` changed"
    assert does(line, Impact.REEVALUATE) == {"boosting", "linear"}
    assert not does(line, Impact.RETRAIN)


def test_processing_code_trains_and_tests_again() -> None:
    model = changed(processing=Processing(pre=Script("src/process/p.py")))
    lines = between(model, model, after=replace(FILES, code=(("linear.py", "9" * 40),)))
    line = next(line for line in lines if line.sentence == "processing code `linear.py` changed")
    assert does(line, Impact.RETRAIN) == {"boosting", "linear"}
    assert does(line, Impact.RETEST) == {"staging"}


def test_a_processing_script_that_is_added_is_told_by_its_keys_as_the_manifest_has_them() -> None:
    fields = {line.field for line in between(a_model(), changed(processing=Processing(pre=Script("src/process/p.py"))))}
    assert fields == {"processing.script"}


def test_models_that_come_go_or_were_not_valid_are_told_as_such() -> None:
    here, broken = side(a_model()), Side(None, ())
    assert model_difference("churn", None, here) == ModelDifference("churn", State.NEW)
    assert model_difference("churn", here, None) == ModelDifference("churn", State.GONE)
    assert model_difference("churn", broken, None) == ModelDifference("churn", State.GONE)
    assert model_difference("churn", broken, here) == ModelDifference("churn", State.UNREADABLE)


def test_a_secret_variable_is_told_by_its_name_alone() -> None:
    old, new = (with_candidate(a_model(), "linear", environment=(("API_TOKEN", value),)) for value in ("s3cret", "n3w"))
    line = only(between(old, new))
    assert line.sentence == "`environment.API_TOKEN` changed"
    assert "s3cret" not in repr(line)
    assert "n3w" not in repr(line)


def test_the_fields_of_the_project_are_told_and_do_nothing_to_a_model() -> None:
    lines = project_lines(Project(), Project(branch="trunk", targets=(Target("local", store="/srv"),)), "mlops-ci.yaml")
    assert [(line.field, line.old, line.new) for line in lines] == [
        ("branch", '"main"', '"trunk"'),
        ("targets.local.store", '".mlops-ci/store"', '"/srv"'),
    ]
    assert not any(line.consequences for line in lines)


def test_serving_that_is_declared_to_redeploy_says_so() -> None:
    line = only(between(a_model(), changed(serving=Serving(script="src/serve/other.py"))))
    assert does(line, Impact.REDEPLOY) == {"staging", "production"}
    assert does(line, Impact.REEVALUATE) == {"boosting", "linear"}
    assert Effect.REDEPLOY.value == Impact.REDEPLOY.value
