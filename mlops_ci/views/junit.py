"""What a verb found, as a JUnit report: the form that CodeBuild and other CI systems read.

There is no standard; this is what pytest writes and CodeBuild documents: `testsuites`, `testsuite`, `testcase` with a
`failure`, `error` or `skipped`. Nothing in it is believed to be harmless: texts are escaped, and what XML 1.0 has no
form for is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from xml.sax.saxutils import escape, quoteattr

from mlops_ci.diagnostics import Diagnostic, Severity
from mlops_ci.errors import ManifestError, MlopsError
from mlops_ci.judging.scores import Measurement
from mlops_ci.plan.gate import Found
from mlops_ci.plan.gates import Gates, Says
from mlops_ci.plan.leaderboard import Leaderboard, State
from mlops_ci.records.facts import Tested
from mlops_ci.views.run import MEANINGS
from mlops_ci.views.validation import Validation

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Ended(Enum):
    """How a case ended, by the element that says so; a passed one has none."""

    PASSED = ""
    FAILED = "failure"
    ERRORED = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Case:
    """One line of a report: of which model (or file), what, how it ended, a sentence, more lines, and seconds."""

    about: str
    name: str
    ended: Ended = Ended.PASSED
    sentence: str = ""
    detail: str = ""
    seconds: float = 0.0


def junit(verb: str, cases: Iterable[Case]) -> str:
    """Return the report of a verb."""
    told = tuple(cases)
    counts = " ".join(
        f'{name}="{sum(case.ended is ended for case in told)}"'
        for name, ended in (("failures", Ended.FAILED), ("errors", Ended.ERRORED), ("skipped", Ended.SKIPPED))
    )
    seconds = sum(case.seconds for case in told)
    suite = f'<testsuite name={_attribute("mlops-ci " + verb)} tests="{len(told)}" {counts} time="{seconds:.3f}">'
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<testsuites>", suite]
    for case in told:
        lines += _case(case)
    return "\n".join([*lines, "</testsuite>", "</testsuites>"]) + "\n"


def _case(case: Case) -> list[str]:
    about, name = _attribute(case.about), _attribute(case.name)
    head = f'<testcase classname={about} name={name} time="{case.seconds:.3f}"'
    if case.ended is Ended.PASSED:
        told = case.sentence + (f"\n{case.detail}" if case.detail else "")
        return [f"{head}><system-out>{_text(told)}</system-out></testcase>"] if told else [f"{head}/>"]
    element = case.ended.value
    inner = f"<{element} message={_attribute(case.sentence)}>{_text(case.detail)}</{element}>"
    return [f"{head}>{inner}</testcase>"]


def _text(text: str) -> str:
    return escape(_NO_XML.sub("", text))


def _attribute(text: str) -> str:
    return quoteattr(_NO_XML.sub("", text))


def end_case(verb: str, code: int) -> Case:
    """Return what the verb's exit code means; no report is without a case, and none hides a failure."""
    name = f"mlops-ci {verb}"
    if code == 0:
        return Case(verb, name)
    ended = Ended.FAILED if code in {1, 65} else Ended.ERRORED
    return Case(verb, name, ended, f"exit {code}: {MEANINGS.get(code, 'unknown')}")


def error_cases(verb: str, error: MlopsError) -> tuple[Case, ...]:
    """Return what ended a verb: each file that is wrong, or the error."""
    if isinstance(error, ManifestError):
        return (*_wrong(error.diagnostics), end_case(verb, error.exit_code))
    detail = "\n".join(part for part in (error.detail, f"hint: {error.hint}" if error.hint else "") if part)
    return (Case(verb, f"mlops-ci {verb}", Ended.ERRORED, error.summary, detail),)


def validation_cases(validation: Validation) -> tuple[Case, ...]:
    """Return a case a valid model, and one a file that is wrong."""
    return (*(Case(name, "manifests") for name, _ in validation.models), *_wrong(validation.diagnostics))


def _wrong(diagnostics: tuple[Diagnostic, ...]) -> tuple[Case, ...]:
    errors = [d for d in diagnostics if d.severity is Severity.ERROR]
    files = dict.fromkeys(d.span.path for d in errors)
    return tuple(_file(path, [d for d in errors if d.span.path == path]) for path in files)


def _file(path: str, errors: list[Diagnostic]) -> Case:
    lines = [f"{d.span}: {d.summary} [{d.code}]" + (f"\nhint: {d.hint}" if d.hint else "") for d in errors]
    return Case(path, "manifests", Ended.FAILED, errors[0].summary, "\n".join(lines))


def board_cases(board: Leaderboard) -> tuple[Case, ...]:
    """Return a case a candidate: passed where it is evaluated, with its metrics."""
    found = {State.EVALUATED: Ended.PASSED, State.FAILED: Ended.FAILED}
    return tuple(
        Case(
            one.model,
            entry.candidate,
            found.get(entry.state, Ended.SKIPPED),
            entry.detail or entry.state.value,
            "\n".join(_measured(m) for m in entry.metrics if not m.slice),
        )
        for one in board.boards
        for entry in one.entries
    )


def _measured(found: Measurement) -> str:
    return f"{found.metric}: {found.value}"


def check_cases(environment: str, runs: Iterable[Tested]) -> tuple[Case, ...]:
    """Return a case a check of the last tests of each model in an environment."""
    return tuple(
        Case(
            f"{run.model}.{environment}",
            result.check,
            {"passed": Ended.PASSED, "failed": Ended.FAILED}.get(result.verdict, Ended.ERRORED),
            f"{result.verdict}: {result.evidence}",
        )
        for run in runs
        for result in run.results
    )


def gate_cases(found: Gates) -> tuple[Case, ...]:
    """Return a case a piece of evidence; what waits for a person is skipped, and so is a model that asks for none."""
    how = {
        Found.PASSED: Ended.PASSED,
        Found.FAILED: Ended.FAILED,
        Found.MISSING: Ended.FAILED,
        Found.WAITING: Ended.SKIPPED,
    }
    cases: list[Case] = []
    for model in found.models:
        about = f"{model.model}.{found.environment}"
        cases += [Case(about, item.asked, how[item.found], item.sentence) for item in model.evidence]
        if not model.evidence:
            ended = Ended.PASSED if model.says in {Says.IN, Says.OPEN} else Ended.SKIPPED
            cases.append(Case(about, "gate", ended, model.says.value))
    return tuple(cases)
