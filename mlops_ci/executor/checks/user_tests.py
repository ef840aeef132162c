"""The check `pytest`: the user's own tests pass."""

from __future__ import annotations

from typing import assert_never

from mlops_ci.executor.checks.finding import ERRORED, FAILED, PASSED, Finding
from mlops_ci.executor.checks.subject import Batch, Live, Subject
from mlops_ci.ports.suites import UserTests


def check(subject: Subject, suites: UserTests) -> Finding:
    """Return what the tests that `tests.pytest` names say; none at all that ran is an error, never a success.

    Raises:
        ProviderError: they could not be run.

    """
    match subject.service:
        case Live(url=url):
            pass
        case Batch():
            url = ""
        case _:
            assert_never(subject.service)
    model = subject.model
    paths = tuple(f"{model.folder}/{path}" for path in model.tests.pytest)
    said = suites.run(paths, model=model.name, environment=subject.environment, version=subject.version, url=url)
    verdict = FAILED if said.failed else PASSED if said.passed else ERRORED
    return Finding(verdict, said.sentence, said.lines)
