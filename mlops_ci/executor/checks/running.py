"""Running the checks that a model asks for, each to a verdict."""

from __future__ import annotations

from collections.abc import Callable

from mlops_ci.errors import Interrupted, MlopsError, ProviderError
from mlops_ci.executor.checks import contract, latency, metric, parity, robustness, user_tests
from mlops_ci.executor.checks.finding import ERRORED, PASSED, Finding
from mlops_ci.executor.checks.subject import Live, Subject
from mlops_ci.ports.suites import UserTests
from mlops_ci.records.facts import CheckResult


def run_checks(
    subject: Subject, suites: UserTests, *, tell: Callable[[str], None], is_cancelled: Callable[[], bool]
) -> tuple[CheckResult, ...]:
    """Return the result of each check that `subject.model.tests` wants, in the order of `CHECKS`.

    For a batch model, checks of an endpoint are left out. A check that the world keeps from its verdict is `errored`,
    with the reason; the others go on. `tell` is given a sentence as each begins and ends, and what a person may want
    to read of one that did not pass.

    Raises:
        Interrupted: `is_cancelled` turned true.

    """
    results = []
    for name in subject.model.checks():
        if is_cancelled():
            raise Interrupted("stopped", hint="type the command again to go on where it stopped")
        tell(f"`{name}` runs")
        started = subject.clock.seconds()
        found = _safely(subject, name, suites)
        results.append(CheckResult(name, found.verdict, found.evidence, subject.clock.seconds() - started))
        tell(f"`{name}` {found.verdict}: {found.evidence}")
        if found.verdict != PASSED:
            for line in found.lines:
                tell(line)
    return tuple(results)


def _safely(subject: Subject, name: str, suites: UserTests) -> Finding:
    try:
        if not subject.rows:
            raise ProviderError("there are no test rows to send")
        return _check(subject, name, suites)
    except Interrupted:
        raise
    except MlopsError as error:
        return Finding(ERRORED, error.summary, tuple(error.detail.splitlines()))


def _check(subject: Subject, name: str, suites: UserTests) -> Finding:
    match name, subject.service:
        case "contract", _:
            return contract.check(subject)
        case "metric", _:
            return metric.check(subject)
        case "parity", _:
            return parity.check(subject)
        case "latency", Live() as live:
            return latency.check(subject, live)
        case "robustness", Live() as live:
            return robustness.check(subject, live)
        case "pytest", _:
            return user_tests.check(subject, suites)
        case _:
            raise AssertionError(f"there is no check `{name}` of {subject.model.name}")
