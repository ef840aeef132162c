"""Answers come fast enough, and broken requests do no harm."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from threading import Barrier, Lock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.errors import ProviderError
from mlops_ci.executor.checks import Subject, latency, robustness
from mlops_ci.executor.checks.asking import BODY_LIMIT
from mlops_ci.executor.checks.finding import Finding
from mlops_ci.model import Checks, Latency
from mlops_ci.ports.endpoints import Answer
from tests.executor.checks.small_endpoint import (
    ROWS,
    Behaviour,
    Request,
    Response,
    live,
    refused,
    serving,
    subject,
    well,
)


def timed(behaviour: Behaviour, wanted: Latency) -> Finding:
    with serving(behaviour) as url:
        way = live(url)
        return latency.check(subject(way, Checks(latency=wanted)), way)


def test_fast_answers_pass_with_their_percentiles() -> None:
    said = timed(well, Latency(max_ms=30_000, requests=120))
    assert said.verdict == "passed"
    for part in ("p99 stays below 30000 ms: p50 ", ", p99 ", "in 120 requests by 4 clients", "requests/s, no errors"):
        assert part in said.evidence


def test_slow_answers_fail() -> None:
    def slow(request: Request) -> Response:
        time.sleep(0.02)
        return well(request)

    said = timed(slow, Latency(max_ms=10, percentile=90, requests=12))
    assert said.verdict == "failed"
    assert said.evidence.startswith("p90 is not below 10 ms: p50 ")


def test_the_clients_ask_at_the_same_time_and_each_row_in_turn() -> None:
    together, lock, seen = Barrier(3), Lock(), list[str]()

    def meeting(request: Request) -> Response:
        with lock:
            seen.append(request.body.decode())
        together.wait(timeout=30)  # breaks, and answers nothing, unless three requests are here at once
        return well(request)

    said = timed(meeting, Latency(max_ms=30_000, percentile=90, concurrency=3, requests=12))
    assert said.verdict == "passed", said.evidence
    assert sorted(seen) == sorted(ROWS[:12])


def test_one_request_that_is_not_answered_with_200_fails() -> None:
    lock, seen = Lock(), list[int]()

    def stumbling(request: Request) -> Response:
        with lock:
            seen.append(1)
            return refused(500, "boom") if len(seen) == 7 else well(request)

    said = timed(stumbling, Latency(max_ms=30_000, requests=120))
    assert said.verdict == "failed"
    assert "failed, first: HTTP 500:" in said.evidence
    assert len(seen) < 120  # nobody goes on against a broken endpoint


def test_an_endpoint_that_drops_a_connection_fails() -> None:
    said = timed(lambda _: Response(200, None), Latency(requests=120))
    assert said.verdict == "failed"
    assert "no answer" in said.evidence


def test_too_few_requests_for_the_percentile_are_inconclusive() -> None:
    said = timed(well, Latency(max_ms=30_000, percentile=99, requests=99))
    assert said.verdict == "inconclusive"
    assert said.evidence.startswith("p99 needs 100 requests or more: ")
    assert timed(well, Latency(max_ms=30_000, percentile=100, requests=3)).verdict == "passed"


def test_percentiles_need_as_many_requests_as_it_takes_to_lie_beyond_them() -> None:
    assert [latency.requests_for(p) for p in (50, 90, 95, 99, 99.9, 100)] == [2, 10, 20, 100, 1000, 1]


@given(st.lists(st.floats(0, 100), min_size=1, max_size=50), st.floats(0.1, 100))
def test_a_percentile_is_the_smallest_number_that_enough_do_not_exceed(numbers: list[float], percent: float) -> None:
    found = latency.percentile(numbers, percent)
    assert found in numbers
    assert sum(n <= found for n in numbers) >= round(len(numbers) * percent / 100, 9)
    assert sum(n < found for n in numbers) < max(1, len(numbers) * percent / 100 + 1e-6)


def attacked(behaviour: Behaviour) -> Finding:
    with serving(behaviour) as url:
        way = live(url)
        return robustness.check(subject(way), way)


def test_an_endpoint_that_refuses_what_is_broken_passes() -> None:
    said = attacked(well)
    assert said.verdict == "passed", said.lines
    assert said.evidence == (
        "10 broken requests: 8 refused with 4xx, 2 with 500 by the model's code, 0 with odd values answered; "
        "afterwards the first test row is answered as before"
    )


def test_a_shape_that_nobody_checks_fails_by_200_and_by_500() -> None:
    def unchecked(request: Request) -> Response:
        good = well(request)
        return Response(200, b"[0.5]") if good.status == 400 else good

    said = attacked(unchecked)
    assert said.verdict == "failed"
    assert said.evidence.startswith("an empty body gets 200, expected 4xx (and 5 more problems)")

    said = attacked(lambda r: refused(500, "IndexError") if well(r).status == 400 else well(r))
    assert said.verdict == "failed"
    assert "a row with a column too few gets 500, expected 4xx" in said.lines


def test_a_gateway_error_is_never_right() -> None:
    said = attacked(lambda r: refused(502, "worker gone") if r.content_type.endswith("nobody-knows") else well(r))
    assert said.evidence == "an unknown content type gets 502, expected 500 at most"


def test_an_endpoint_killed_by_a_broken_request_fails() -> None:
    killed: list[int] = []

    def fragile(request: Request) -> Response:
        if b"\xff" in request.body:
            killed.append(1)
        return Response(200, None) if killed else well(request)

    said = attacked(fragile)
    assert said.verdict == "failed"
    assert said.lines[0].startswith("a row that is not UTF-8 gets no answer")
    assert said.lines[1].startswith("afterwards the first test row gets no prediction")


def test_an_endpoint_poisoned_by_a_broken_request_fails() -> None:
    poisoned: list[int] = []

    def stateful(request: Request) -> Response:
        if b"?" in request.body:
            poisoned.append(1)
        good = well(request)
        if not poisoned or good.status != 200:
            return good
        return replace(good, body=json.dumps([0.123]).encode())

    said = attacked(stateful)
    assert said.verdict == "failed"
    assert "afterwards the first test row is answered 0.123, before" in said.evidence


def test_an_endpoint_that_is_broken_before_is_an_error_and_no_verdict() -> None:
    with pytest.raises(ProviderError, match="HTTP 503"):
        attacked(lambda _: refused(503, "loading"))


def test_a_connection_closed_on_a_body_over_the_limit_counts_as_refused() -> None:
    with serving(well) as url:
        way = live(url)

        def impatient(body: bytes, content_type: str, accept: str) -> Answer:
            if len(body) > BODY_LIMIT:
                raise ProviderError("it does not answer") from BrokenPipeError("while sending")
            return way.invoke(body, content_type, accept)

        closing = replace(way, invoke=impatient)
        assert robustness.check(subject(way), closing).verdict == "passed"


def test_rows_of_json_lines_are_broken_in_their_own_ways() -> None:
    it = subject(live("http://127.0.0.1:9"))
    lines: Subject = replace(
        it,
        model=replace(it.model, serving=replace(it.model.serving, content_type="application/jsonlines")),
        rows=('{"minutes": 1, "plan": "no"}',),
    )
    names = {broken.name for broken in robustness.requests(lines)}
    assert {"a line cut in the middle", "a row with a key too few", "a row with an unknown key"} <= names
    assert "a header line" not in names
