"""The checks run in order, each to a verdict, whatever happens to the others."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from mlops_ci.errors import Interrupted, ProviderError
from mlops_ci.executor.checks import Subject, run_checks
from mlops_ci.model import CHECKS, Checks, Latency
from mlops_ci.ports.suites import SuiteResult
from mlops_ci.records.facts import CheckResult
from tests.executor.checks.small_endpoint import Response, batch, live, refused, serving, subject, well

QUICK = Latency(max_ms=30_000, percentile=90, requests=12)


@dataclass(frozen=True, slots=True)
class Suite:
    """User tests that say what they are told to say."""

    result: SuiteResult | ProviderError

    def run(self, paths: tuple[str, ...], *, model: str, environment: str, version: int, url: str) -> SuiteResult:
        assert (paths, model, environment, version) == (("pipelines/churn/tests",), "churn", "staging", 3)
        if isinstance(self.result, ProviderError):
            raise self.result
        return self.result


PASSING = Suite(SuiteResult(2, 0, "2 of 2 tests passed", ()))


def run(it: Subject, suite: Suite = PASSING) -> tuple[CheckResult, ...]:
    return run_checks(it, suite, tell=lambda _: None, is_cancelled=lambda: False)


def verdicts(results: tuple[CheckResult, ...]) -> dict[str, str]:
    return {result.check: result.verdict for result in results}


def test_a_good_endpoint_passes_every_check_in_order() -> None:
    with serving(well) as url:
        results = run(subject(live(url), Checks(latency=QUICK, pytest=("tests",))))
    assert tuple(result.check for result in results) == CHECKS
    assert {result.verdict for result in results} == {"passed"}, results
    assert all(result.seconds >= 0 for result in results)
    assert all("\n" not in result.evidence for result in results)


def test_skipped_checks_do_not_run_nor_does_pytest_without_files() -> None:
    with serving(well) as url:
        results = run(subject(live(url), Checks(skip=("latency", "robustness"))))
    assert tuple(verdicts(results)) == ("contract", "metric", "parity")


def test_a_dead_endpoint_gives_errors_and_no_check_keeps_another_from_running() -> None:
    with serving(well) as url:
        dead = live(url)
    said = verdicts(run(subject(dead, Checks(latency=QUICK, pytest=("tests",)))))
    assert said == {
        "contract": "errored",
        "metric": "errored",
        "parity": "errored",
        "latency": "failed",  # requests that get no answer are what it is about
        "robustness": "errored",
        "pytest": "passed",
    }


def test_an_unexpected_answer_is_an_error_with_a_sentence() -> None:
    with serving(lambda r: Response(200, b"<html>") if r.path != "/ping" else well(r)) as url:
        results = run(subject(live(url), Checks(skip=("latency", "robustness"))))
    assert verdicts(results) == {"contract": "failed", "metric": "errored", "parity": "errored"}
    assert results[1].evidence.startswith("the answer is not JSON: ")
    assert results[1].evidence.endswith("(<html>)")


def test_a_batch_model_has_no_latency_and_no_robustness() -> None:
    results = run(subject(batch(), Checks(pytest=("tests",))))
    assert verdicts(results) == dict.fromkeys(("contract", "metric", "parity", "pytest"), "passed")


def test_what_the_users_tests_say_is_the_verdict() -> None:
    it = subject(batch(), Checks(skip=("contract", "metric", "parity"), pytest=("tests",)))
    said = [
        run(it, Suite(SuiteResult(1, 1, "1 of 2 tests failed; first `test_x`: no", ()))),
        run(it, Suite(SuiteResult(0, 0, "no tests were found", ()))),
        run(it, Suite(ProviderError("pytest could not be started"))),
    ]
    assert [(r.verdict, r.evidence) for (r,) in said] == [
        ("failed", "1 of 2 tests failed; first `test_x`: no"),
        ("errored", "no tests were found"),
        ("errored", "pytest could not be started"),
    ]


def test_no_test_rows_are_an_error_and_never_a_pass() -> None:
    it = replace(subject(batch()), rows=(), labels=(), recorded=())
    assert set(verdicts(run(it)).values()) == {"errored"}


def test_what_goes_on_is_told_with_the_lines_of_what_did_not_pass() -> None:
    told: list[str] = []
    it = subject(batch(), Checks(skip=("metric", "parity"), pytest=("tests",)))
    failing = Suite(SuiteResult(0, 1, "1 of 1 tests failed; first `test_x`: no", ("E   assert 1 == 2",)))
    run_checks(it, failing, tell=told.append, is_cancelled=lambda: False)
    assert told == [
        "`contract` runs",
        "`contract` passed: batch runs of 1 row and 5 rows are answered",
        "`pytest` runs",
        "`pytest` failed: 1 of 1 tests failed; first `test_x`: no",
        "E   assert 1 == 2",
    ]


def test_ctrl_c_ends_the_run_before_the_next_check() -> None:
    told: list[str] = []
    with pytest.raises(Interrupted):
        run_checks(subject(batch()), PASSING, tell=told.append, is_cancelled=lambda: len(told) > 1)
    assert told[-1].startswith("`contract` passed")


def test_a_refusing_endpoint_fails_what_it_should_and_passes_nothing() -> None:
    with serving(lambda _: refused(500, "boom")) as url:
        results = run(subject(live(url), Checks(latency=QUICK)))
    assert "passed" not in verdicts(results).values()
