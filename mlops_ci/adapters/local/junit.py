"""What a pytest process meant, by its exit code and its JUnit report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from mlops_ci.errors import ProviderError
from mlops_ci.ports.suites import SuiteResult


@dataclass(frozen=True, slots=True)
class Counts:
    """What a JUnit report counts, and a sentence on the first test that did not pass or did not run."""

    passed: int
    failed: int
    skipped: int
    first: str


def meaning(code: int, counts: Counts | None, paths: tuple[str, ...], lines: tuple[str, ...]) -> SuiteResult:
    """Return what an exit code (https://docs.pytest.org/en/stable/reference/exit-codes.html) and a report mean.

    Raises:
        ProviderError: they mean that the tests did not run to their end.

    """
    where = ", ".join(f"`{path}`" for path in paths)
    if code == 5:
        return SuiteResult(0, 0, f"no tests were found in {where}", lines)
    if code in {0, 1} and counts is not None:
        total = counts.passed + counts.failed
        if code == 0 and not counts.failed:
            skipped = f", {counts.skipped} skipped" if counts.skipped else ""
            if counts.passed:
                return SuiteResult(counts.passed, 0, f"{counts.passed} of {total} tests passed{skipped}", lines)
            return SuiteResult(0, 0, f"no test ran, {counts.skipped} skipped; first {counts.first}", lines)
        if code == 1 and counts.failed:
            sentence = f"{counts.failed} of {total} tests failed; first {counts.first}"
            return SuiteResult(counts.passed, counts.failed, sentence, lines)
    if code == 2 and counts is not None and counts.failed:
        raise ProviderError(f"the tests could not be collected: {counts.first}", detail="\n".join(lines))
    last = next((line for line in reversed(lines) if line.strip()), "it said nothing")
    ended = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
    raise ProviderError(f"pytest {ended}: {last}", detail="\n".join(lines))


def read_counts(report: Path) -> Counts | None:
    """Return what the report says; None where there is none, or it was not written to its end."""
    try:
        cases = list(ET.parse(report).getroot().iter("testcase"))  # noqa: S314 - written by the process above
    except (OSError, ET.ParseError):
        return None
    # A test that fails, and whose teardown fails too, is two cases in a report and one test.
    by_name: dict[tuple[str, str], list[ET.Element]] = {}
    for case in cases:
        by_name.setdefault((case.get("classname", ""), case.get("name", "")), []).append(case)
    outcomes = [_outcome(group) for group in by_name.values()]
    bad = [told for kind, told in outcomes if kind == "failed"]
    skipped = [told for kind, told in outcomes if kind == "skipped"]
    first = next(iter(bad or skipped), "")
    return Counts(len(outcomes) - len(bad) - len(skipped), len(bad), len(skipped), first)


def _outcome(cases: list[ET.Element]) -> tuple[str, str]:
    """Return `failed`, `skipped` or `passed`, and a sentence that names the test."""
    name = cases[0].get("name") or cases[0].get("classname") or "a test"
    for tags, kind in ((("failure", "error"), "failed"), (("skipped",), "skipped")):
        for element in (e for case in cases for e in case if e.tag in tags):
            message = element.get("message", "")
            # "collection failure" says nothing; the last line of the traceback does.
            if message == "collection failure":
                message = next((text for text in reversed((element.text or "").splitlines()) if text.strip()), message)
            return kind, f"`{name}`: {' '.join(message.split())[:300]}"
    return "passed", f"`{name}`"
