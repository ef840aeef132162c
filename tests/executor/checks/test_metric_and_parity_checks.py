"""What is served scores as recorded, and answers each row as recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.errors import ProviderError
from mlops_ci.executor.checks import metric, parity
from mlops_ci.executor.checks.answers import UnexpectedAnswer
from mlops_ci.executor.checks.asking import as_json_lines, chunks
from mlops_ci.judging.scores import Measurement, Scores
from mlops_ci.model import Checks, Json
from tests.executor.checks.small_endpoint import (
    RECORDED,
    ROWS,
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


def flipped(values: list[Json]) -> list[Json]:
    """Return the predictions with the first label turned around."""
    first, *rest = values
    assert isinstance(first, dict)
    return [{**first, "label": "no" if first["label"] == "yes" else "yes"}, *rest]


def skewed(values: list[Json]) -> list[Json]:
    """Return the predictions with each probability moved a little, no label changed."""
    out: list[Json] = []
    for value in values:
        assert isinstance(value, dict)
        probabilities = value["probabilities"]
        assert isinstance(probabilities, dict)
        yes = float(str(probabilities["yes"])) * 0.999
        out.append({**value, "probabilities": {"no": 1 - yes, "yes": yes}})
    return out


def test_a_good_endpoint_scores_as_recorded() -> None:
    with serving(well) as url:
        said = metric.check(subject(live(url)))
    assert said.verdict == "passed"
    assert said.evidence.startswith("`accuracy` is 0.9")
    assert "over 130 test rows" in said.evidence


def test_a_metric_beyond_the_tolerance_fails_and_one_within_passes() -> None:
    with serving(rewriting(flipped)) as url:
        said = metric.check(subject(live(url)))
        assert said.verdict == "failed"
        assert "apart, over 1e-09" in said.evidence
        assert metric.check(subject(live(url), Checks(tolerance=0.5))).verdict == "passed"


def test_a_metric_without_a_recorded_value_is_inconclusive() -> None:
    nothing = Scores("accuracy", 130, (Measurement("accuracy", None, 130, reason="one class only"),))
    said = metric.check(replace(subject(batch()), scores=nothing))
    assert (said.verdict, said.evidence) == (
        "inconclusive",
        "`accuracy` over 130 test rows has no value in the records",
    )


def test_all_test_rows_are_sent_once_in_order_and_a_hundred_at_a_time() -> None:
    sent: list[list[str]] = []

    def keep(request: Request) -> Response:
        sent.append(request.body.decode().splitlines())
        return well(request)

    with serving(keep) as url:
        metric.check(subject(live(url)))
    assert [len(part) for part in sent] == [100, 30]
    assert tuple(row for part in sent for row in part) == ROWS


def test_an_answer_with_a_row_too_few_is_no_score() -> None:
    with serving(rewriting(lambda values: values[:-1])) as url, pytest.raises(UnexpectedAnswer, match="99 values"):
        metric.check(subject(live(url)))
    with pytest.raises(UnexpectedAnswer, match="130 rows gave 129 values"):
        metric.check(subject(batch(lambda values: values[:-1])))


def test_an_endpoint_that_dies_midway_is_an_error_of_the_world() -> None:
    seen: list[int] = []

    def dying(request: Request) -> Response:
        seen.append(1)
        return well(request) if len(seen) < 2 else Response(200, None)

    with serving(dying) as url, pytest.raises(ProviderError, match="does not answer"):
        metric.check(subject(live(url)))


def test_a_good_endpoint_answers_each_row_as_recorded() -> None:
    with serving(well) as url:
        said = parity.check(subject(live(url)))
    assert (said.verdict, said.evidence) == (
        "passed",
        "130 rows in requests of 64, and 50 alone are answered as recorded",
    )
    assert parity.check(subject(batch())).evidence == "130 rows in a batch run are answered as recorded"


def test_skew_that_changes_no_label_fails_parity_and_shows_the_first_row_that_differs() -> None:
    with serving(rewriting(skewed)) as url:
        it = subject(live(url))
        assert metric.check(it).verdict == "passed"
        said = parity.check(it)
    assert said.verdict == "failed"
    assert "first row 2: served" in said.evidence  # row 1 has P(yes) = 0, which no factor moves
    assert '"yes": 0.034965' in said.evidence
    assert '"yes": 0.035' in said.evidence


def test_a_model_that_looks_beyond_its_row_differs_only_in_company() -> None:
    with serving(rewriting(lambda values: values if len(values) == 1 else flipped(values))) as url:
        said = parity.check(subject(live(url)))
    assert said.verdict == "failed"
    assert said.evidence.startswith("3 of 130 rows sent among 64 differ, first row 1:")


def test_a_model_that_differs_only_alone_is_found_too() -> None:
    with serving(rewriting(lambda values: values if len(values) > 1 else flipped(values))) as url:
        said = parity.check(subject(live(url)))
    assert said.evidence.startswith("50 of 50 rows sent alone differ, first row 1:")


def test_records_of_other_rows_are_an_error() -> None:
    with pytest.raises(ProviderError, match="129 predictions for 130 test rows"):
        parity.check(replace(subject(batch()), recorded=RECORDED[:-1]))


def test_an_answer_of_500_says_what_the_endpoint_said() -> None:
    with serving(lambda _: refused(500, "id 4711")) as url, pytest.raises(UnexpectedAnswer, match=r"HTTP 500.*id 4711"):
        parity.check(subject(live(url)))


@given(st.lists(st.text(max_size=9), max_size=30), st.integers(1, 7), st.integers(1, 20))
def test_chunks_hold_every_row_once_and_keep_their_bounds(rows: list[str], size: int, limit: int) -> None:
    parts = list(chunks(tuple(rows), size, limit))
    assert [row for part in parts for row in part] == rows
    assert all(1 <= len(part) <= size for part in parts)
    assert all(len(part) == 1 or sum(len(row.encode()) + 1 for row in part) <= limit for part in parts)


def test_rows_as_json_lines_keep_codes_as_text() -> None:
    it = replace(
        subject(batch()), features=("zip", "minutes", "plan"), rows=("08001,12.5,yes", '10001,,"a ""b"", c"', "2,3,no")
    )
    assert as_json_lines(it, 2) == (
        '{"zip": "08001", "minutes": 12.5, "plan": "yes"}',
        '{"zip": "10001", "minutes": null, "plan": "a \\"b\\", c"}',
    )
