"""The contract check says what is wrong with an answer that is not as agreed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mlops_ci.errors import ProviderError
from mlops_ci.executor.checks import contract
from mlops_ci.executor.checks.finding import Finding
from mlops_ci.model import Json, Problem
from tests.executor.checks.small_endpoint import (
    LABELS,
    RECORDED,
    ROWS,
    Behaviour,
    Request,
    Response,
    batch,
    live,
    refused,
    rewriting,
    serving,
    subject,
    well,
)


def found(behaviour: Behaviour) -> Finding:
    with serving(behaviour) as url:
        return contract.check(subject(live(url)))


def _refusing_lines(status: int) -> Behaviour:
    return lambda request: refused(status, "no") if "jsonlines" in request.content_type else well(request)


def _always(value: Json) -> Behaviour:
    return rewriting(lambda values: [value for _ in values])


def test_a_good_endpoint_passes_and_says_what_was_asked() -> None:
    said = found(well)
    assert said.verdict == "passed"
    assert said.evidence == "`/ping` and 1 row and 5 rows are answered by churn/v3 in JSON, JSON Lines too"


def test_json_lines_that_are_refused_are_told_and_not_held_against_it() -> None:
    for status in (415, 500):
        said = found(_refusing_lines(status))
        assert said.verdict == "passed"
        assert f"(JSON Lines are not taken: {status})" in said.evidence


def test_json_lines_that_are_answered_wrongly_fail() -> None:
    said = found(lambda r: Response(200, b"[1, 2]") if "jsonlines" in r.content_type else well(r))
    assert said.verdict == "failed"
    assert said.evidence == "5 rows of application/jsonlines: 2 values came back for 5 rows"


def test_no_accept_header_is_sent_as_none_and_means_json() -> None:
    seen: list[str | None] = []

    def as_csv_unless_asked(request: Request) -> Response:
        seen.append(request.accept)
        return replace(well(request), content_type="application/json" if request.accept else "text/plain")

    said = found(as_csv_unless_asked)
    assert said.verdict == "failed"
    assert said.evidence.startswith("1 row with no Accept: the answer is `text/plain`, expected `application/json`")
    assert {None, "*/*", "application/json"} <= set(seen)


@pytest.mark.parametrize(
    ("change", "evidence"),
    [
        (lambda values: values[1:], "0 values came back for 1 row"),
        (lambda values: [*values, values[0]], "2 values came back for 1 row"),
        (
            lambda values: [{"label": "maybe"} for _ in values],
            "no row and no recorded prediction has the label `maybe`",
        ),
        (lambda values: [{"answer": 1} for _ in values], "row 1 has neither `label` nor `probabilities`"),
        (lambda values: [1.5 for _ in values], "row 1 is no probability: a number is P(positive), from 0 to 1"),
        (
            lambda values: [{"label": "no", "probabilities": {"no": 0.9, "yes": 0.9}} for _ in values],
            "row 1 has probabilities that sum to 1.8, not to 1",
        ),
    ],
)
def test_values_that_are_no_legal_predictions_fail(change: Callable[[list[Json]], list[Json]], evidence: str) -> None:
    said = found(rewriting(change))
    assert said.verdict == "failed"
    assert evidence in said.evidence
    assert "more problem" in said.evidence


def test_an_answer_of_another_version_fails() -> None:
    said = found(lambda request: replace(well(request), version="churn/v2"))
    assert said.verdict == "failed"
    assert "the answer comes from `churn/v2`, expected `churn/v3`" in said.evidence


def test_an_endpoint_that_is_not_ready_or_answers_500_fails() -> None:
    not_ready = found(lambda r: refused(503, "loading") if r.path == "/ping" else well(r))
    assert (not_ready.verdict, not_ready.evidence) == ("failed", "`/ping` answers 503")
    broken = found(lambda r: well(r) if r.path == "/ping" else refused(500, "boom"))
    assert broken.verdict == "failed"
    assert 'HTTP 500 for 1 row: {"error": "boom"}' in broken.evidence


def test_a_dead_endpoint_is_an_error_of_the_world() -> None:
    with serving(well) as url:
        dead = live(url)
    with pytest.raises(ProviderError):
        contract.check(subject(dead))


def test_predictions_key_and_json_lines_answers_are_read_too() -> None:
    assert found(rewriting(lambda values: {"predictions": values})).verdict == "passed"

    def lines(request: Request) -> Response:
        good = well(request)
        if good.status != 200 or not good.body:
            return good
        return replace(good, body=good.body[1:-1].replace(b"}}, {", b"}}\n{"))

    assert found(lines).verdict == "passed"


def test_a_regression_answers_finite_numbers() -> None:
    with serving(rewriting(lambda values: [1.25 for _ in values])) as url:
        it = subject(live(url))
        model = replace(it.model, problem=Problem.REGRESSION)
        numbers = replace(it, model=model, labels=("1.5",) * len(ROWS), recorded=(1.0,) * len(ROWS))
        assert contract.check(numbers).verdict == "passed"
    for wrong, why in ((float("nan"), "NaN is not JSON"), ("much", "row 1 is no finite number")):
        with serving(_always(wrong)) as url:
            said = contract.check(replace(numbers, service=live(url)))
        assert said.verdict == "failed"
        assert why in said.evidence


def test_a_label_column_of_integers_is_matched_by_numbers() -> None:
    with serving(rewriting(lambda values: [1 for _ in values])) as url:
        it = subject(live(url))
        model = replace(it.model, problem=Problem.MULTICLASS)
        it = replace(it, labels=("0", "1.0") * 65, recorded=(0, 1) * 65, model=model)
        assert contract.check(it).verdict == "passed"
        said = contract.check(replace(it, labels=("0", "2") * 65, recorded=(0, 2) * 65))
        assert "row 1: no row and no recorded prediction has the label `1`" in said.evidence


def test_a_class_too_rare_for_the_test_rows_is_known_from_the_recorded_predictions() -> None:
    with serving(rewriting(lambda values: ["rare" for _ in values])) as url:
        it = subject(live(url))
        model = replace(it.model, problem=Problem.MULTICLASS)
        it = replace(it, recorded=(*LABELS[:-1], "rare"), model=model)
        assert contract.check(it).verdict == "passed"


def test_a_foreign_image_answers_with_its_own_keys() -> None:
    def foreign(value: Json) -> Json:
        assert isinstance(value, dict)
        return {"class": value["label"], "p": value["probabilities"]}

    with serving(rewriting(lambda values: [foreign(value) for value in values])) as url:
        it = subject(live(url))
        assert contract.check(it).verdict == "failed"
        output = replace(it.model.serving.output, label="class", probabilities="p")
        model = replace(it.model, serving=replace(it.model.serving, output=output))
        recorded = tuple(foreign(value) for value in RECORDED)
        assert contract.check(replace(it, model=model, recorded=recorded)).verdict == "passed"


def test_records_that_cannot_be_read_are_an_error_and_not_the_endpoints_fault() -> None:
    with serving(well) as url, pytest.raises(ProviderError, match="129 values for 130 rows"):
        contract.check(replace(subject(live(url)), recorded=RECORDED[:-1]))


def test_a_batch_model_is_asked_by_batch_runs() -> None:
    said = contract.check(subject(batch()))
    assert (said.verdict, said.evidence) == ("passed", "batch runs of 1 row and 5 rows are answered")
    short = contract.check(subject(batch(lambda values: values[:-1])))
    assert short.verdict == "failed"
    assert "a batch run of 1 row: 0 values came back" in short.evidence
