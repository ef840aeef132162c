"""The user's own tests: pytest in a process of its own, told which endpoint it is about."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from mlops_ci.errors import ProviderError
from mlops_ci.ports.suites import SuiteResult

_TAIL = 40
"""How many of the last lines of pytest's output are kept."""


@dataclass(frozen=True, slots=True)
class LocalUserTests:
    """Implements `ports.suites.UserTests`. `patience` in seconds; tests that take longer are ended."""

    project: Path
    python: Path
    environment: Mapping[str, str]
    patience: float = 900.0

    def run(self, paths: tuple[str, ...], *, model: str, environment: str, version: int, url: str) -> SuiteResult:
        """Return what pytest said; see the port."""
        with tempfile.TemporaryDirectory(prefix="mlops-ci-") as folder:
            report = Path(folder, "report.xml")
            options = ("-q", "-p", "no:cacheprovider", "--rootdir", ".", f"--junitxml={report}")
            mine = (f"--mlops-ci-env={environment}", f"--mlops-ci-model={model}")
            told = {"MLOPS_CI_ENDPOINT_URL": url, "MLOPS_CI_ENDPOINT_VERSION": f"{model}/v{version}"}
            try:
                done = subprocess.run(
                    [str(self.python), "-m", "pytest", *options, *mine, *paths],
                    cwd=self.project,
                    env=dict(self.environment) | told,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    errors="replace",
                    timeout=self.patience,
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                raise ProviderError(
                    f"the tests in {', '.join(paths)} did not end within {self.patience:g} s",
                    hint=f"pytest --mlops-ci-env {environment} {' '.join(paths)}",
                ) from error
            lines = tuple(done.stdout.splitlines()[-_TAIL:])
            return _result(report, done.returncode, lines)


def _result(report: Path, code: int, lines: tuple[str, ...]) -> SuiteResult:
    try:
        suite = ET.parse(report).getroot().find("testsuite")  # noqa: S314 - our own pytest wrote it
    except (OSError, ET.ParseError):
        suite = None
    if suite is None:
        last = next((line for line in reversed(lines) if line.strip()), "it said nothing")
        raise ProviderError(f"pytest could not run (exit code {code}): {last}", detail="\n".join(lines))
    bad = [case for case in suite.iter("testcase") if case.find("failure") is not None or case.find("error") is not None]
    total, skipped = int(suite.get("tests", "0")), int(suite.get("skipped", "0"))
    passed = total - skipped - len(bad)
    if bad:
        reason = bad[0].find("failure") if bad[0].find("failure") is not None else bad[0].find("error")
        said = " ".join((reason.get("message") or "").split()) if reason is not None else ""
        sentence = f"{len(bad)} of {total} tests failed, first `{bad[0].get('name')}`: {said[:200]}"
        return SuiteResult(passed, len(bad), sentence, lines)
    if not passed:
        return SuiteResult(0, 0, f"no test ran ({skipped} skipped)", lines)
    return SuiteResult(passed, 0, f"{passed} tests passed" + (f", {skipped} skipped" if skipped else ""), ())
