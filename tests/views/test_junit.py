"""JUnit reports: what is in them, and that nothing that stands in a manifest or a log breaks one."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mlops_ci.adapters.local.junit import read_counts
from mlops_ci.diagnostics import Diagnostic, Severity, Span
from mlops_ci.errors import ManifestError, ProviderError
from mlops_ci.plan.gate import Evidence, Found
from mlops_ci.plan.gates import Gates, ModelGate, Says
from mlops_ci.plan.leaderboard import leaderboard
from mlops_ci.records.ledger import fold
from mlops_ci.views.junit import (
    Case,
    Ended,
    board_cases,
    check_cases,
    end_case,
    error_cases,
    gate_cases,
    junit,
    validation_cases,
)
from mlops_ci.views.validation import Validation
from tests.factories import a_model, checked, desire, evaluated, package_of, trained

HOSTILE = 'a]]>"&<b>\x00\x1b[31m\ud800\n`$(true)` ${{ x }}'


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - ours


def outcomes(text: str) -> list[tuple[str | None, str | None, str]]:
    """Return class, name and outcome of each case."""
    cases = parsed(text).iter("testcase")
    return [(c.get("classname"), c.get("name"), next((e.tag for e in c if e.tag != "system-out"), "")) for c in cases]


def test_a_suite_counts_its_cases_by_how_they_ended() -> None:
    cases = [Case("a", str(ended), ended, "why", "more", 1.5) for ended in Ended]
    (suite,) = parsed(junit("test", cases))
    told = {key: suite.get(key) for key in ("name", "tests", "failures", "errors", "skipped", "time")}
    assert told == {
        "name": "mlops-ci test", "tests": "4", "failures": "1", "errors": "1", "skipped": "1", "time": "6.000",
    }  # fmt: skip


@pytest.mark.parametrize("ended", list(Ended))
def test_no_text_breaks_a_report(ended: Ended) -> None:
    text = junit(HOSTILE, [Case(HOSTILE, HOSTILE, ended, HOSTILE, HOSTILE)])
    text.encode()
    (case,) = parsed(text).iter("testcase")
    assert case.get("name") == 'a]]>"&<b>[31m\n`$(true)` ${{ x }}'


def test_our_own_reader_of_junit_counts_the_same(tmp_path: Path) -> None:
    place = tmp_path / "report.xml"
    place.write_text(junit("gate", [Case("a", "one"), Case("a", "two", Ended.FAILED, "no"), end_case("gate", 1)]))
    counts = read_counts(place)
    assert counts is not None
    assert (counts.passed, counts.failed, counts.skipped, counts.first) == (1, 2, 0, "`two`: no")


def test_an_exit_code_is_a_case_and_a_failure_is_never_hidden() -> None:
    assert end_case("test", 0).ended is Ended.PASSED
    assert end_case("test", 1).ended is Ended.FAILED
    assert end_case("test", 69).ended is Ended.ERRORED
    assert "provider" in end_case("test", 69).sentence


def test_files_that_are_wrong_are_a_case_each_beside_models_that_are_right() -> None:
    wrong = tuple(
        Diagnostic("unknown-key", Span("pipelines/b/model.yaml", line, 1), f"problem {line}", hint="mend it")
        for line in (1, 2)
    )
    warning = Diagnostic("w", Span("pipelines/a/model.yaml", 1, 1), "mind", severity=Severity.WARNING)
    cases = validation_cases(Validation((("a", ("one",)),), (*wrong, warning), is_valid=False))
    assert [(case.about, case.ended) for case in cases] == [
        ("a", Ended.PASSED),
        ("pipelines/b/model.yaml", Ended.FAILED),
    ]
    assert "pipelines/b/model.yaml:2:1: problem 2 [unknown-key]\nhint: mend it" in cases[1].detail
    assert error_cases("validate", ManifestError(wrong))[0] == cases[1]


def test_an_error_is_told_with_its_hint() -> None:
    (case,) = error_cases("test", ProviderError("no answer", hint="mlops-ci doctor", detail="the log"))
    assert (case.ended, case.sentence, case.detail) == (Ended.ERRORED, "no answer", "the log\nhint: mlops-ci doctor")


def test_each_candidate_is_a_case_that_passes_where_it_is_evaluated() -> None:
    desired = desire(a_model())
    name, other = (candidate.name for candidate in desired.candidates[:2])
    ledger = fold((*trained(desired, name), evaluated(desired, name, 0.9)))
    cases = {case.name: case for case in board_cases(leaderboard((desired,), ledger))}
    assert (cases[name].ended, cases[other].ended) == (Ended.PASSED, Ended.SKIPPED)
    assert "accuracy: 0.9" in cases[name].detail


def test_each_check_is_a_case() -> None:
    desired = desire(a_model())
    run = checked(desired, "staging", package_of(desired, desired.candidates[0].name))
    cases = check_cases("staging", [run])
    assert [(case.about, case.name) for case in cases] == [(f"{run.model}.staging", r.check) for r in run.results]


def test_evidence_is_a_case_and_what_waits_for_a_person_is_none_that_failed() -> None:
    evidence = (
        Evidence("latency", Found.PASSED, "fast"), Evidence("parity", Found.MISSING, "not run"),
        Evidence("approval", Found.WAITING, "nobody yet"),
    )  # fmt: skip
    found = Gates("production", (ModelGate("a", 2, Says.CLOSED, evidence), ModelGate("b", 1, Says.IN)))
    assert outcomes(junit("gate", gate_cases(found))) == [
        ("a.production", "latency", ""), ("a.production", "parity", "failure"), ("a.production", "approval", "skipped"),
        ("b.production", "gate", ""),
    ]  # fmt: skip
