"""The user's own tests as a pytest process on this machine."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from mlops_ci.adapters.local.handing import handed_on
from mlops_ci.adapters.local.junit import meaning, read_counts
from mlops_ci.errors import Interrupted, ProviderError
from mlops_ci.ports.suites import SuiteResult

TAIL_LINES, TAIL_BYTES = 40, 65_536
GRACE = 5.0
"""Seconds between SIGTERM and SIGKILL."""
POLL = 0.05
_CONFIGS = {
    "pytest.ini": "",
    ".pytest.ini": "",
    "pytest.toml": "",
    "pyproject.toml": "[tool.pytest",
    "tox.ini": "[pytest]",
    "setup.cfg": "[tool:pytest]",
}
"""Where pytest's settings may be, and the section that says that they are there."""


class LocalUserTests:
    """`UserTests` in the project's folder, by an interpreter that has mlops-ci and pytest.

    The tests see of `environment` what a job sees, and what `passed` names, so that what they say does not depend on
    the caller's shell; and the pytest settings of the project's own git repository, never those of a folder above it.
    They leave no caches behind.
    After `max_seconds`, or when `is_cancelled` turns true, they are ended with all that they started in their group.
    """

    def __init__(
        self,
        project: Path,
        python: Path,
        environment: Mapping[str, str],
        *,
        passed: tuple[str, ...] = (),
        max_seconds: float = 600.0,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self._project = project
        self._python = python
        self._environment = handed_on(environment, passed=passed)
        self._max_seconds = max_seconds
        self._is_cancelled = is_cancelled

    def run(self, paths: tuple[str, ...], *, model: str, environment: str, version: int, url: str) -> SuiteResult:
        """Return what the tests at these paths (relative to the project) said of the endpoint at `url`.

        Raises:
            ProviderError: they could not be run or collected, or took longer than the limit.
            Interrupted: everything is to end.

        """
        with tempfile.TemporaryDirectory(prefix="mlops-ci-tests-") as scratch:
            report, output = Path(scratch, "report.xml"), Path(scratch, "output")
            command = self._command(paths, report, model, environment)
            code = self._wait(command, self._seen(model, environment, version, url), output)
            lines = _tail(output)
            return meaning(code, read_counts(report), paths, lines)

    def _command(self, paths: tuple[str, ...], report: Path, model: str, environment: str) -> list[str]:
        config = settings(self._project, paths) or Path(os.devnull)
        own = [f"--rootdir={self._project}", f"--confcutdir={self._project}", "-c", str(config)]
        asked = [f"--mlops-ci-env={environment}", f"--mlops-ci-model={model}"]
        quiet = ["-p", "no:cacheprovider", "--color=no", f"--junit-xml={report}"]
        return [str(self._python), "-m", "pytest", *own, *quiet, *asked, "--", *paths]

    def _seen(self, model: str, environment: str, version: int, url: str) -> dict[str, str]:
        """Return the environment variables of the tests."""
        about = {"MLOPS_CI_ENV": environment, "MLOPS_CI_MODEL": model, "PYTHONDONTWRITEBYTECODE": "1"}
        about["PYTHONUNBUFFERED"] = "1"  # what is printed and what is complained stay in order
        if url:
            about |= {"MLOPS_CI_ENDPOINT_URL": url, "MLOPS_CI_ENDPOINT_VERSION": f"{model}/v{version}"}
        return {**self._environment, **about}

    def _wait(self, command: list[str], environment: Mapping[str, str], output: Path) -> int:
        """Return the exit code, negative for a signal."""
        deadline = time.monotonic() + self._max_seconds
        try:
            with output.open("wb") as log:
                process = subprocess.Popen(
                    command,
                    cwd=self._project,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as cause:
            raise ProviderError(f"pytest could not be started: {cause}") from cause
        try:
            while process.poll() is None:
                if self._is_cancelled():
                    raise Interrupted("stopped", hint="type the command again to go on where it stopped")
                if time.monotonic() > deadline:
                    summary = f"the tests took longer than {self._max_seconds:g} s and were ended"
                    raise ProviderError(summary, detail="\n".join(_tail(output)))
                time.sleep(POLL)
        finally:
            if process.poll() is None:
                _end(process)
        return process.returncode


def settings(project: Path, paths: tuple[str, ...]) -> Path | None:
    """Return the file with pytest's settings for these tests: the nearest one from their first path upwards to the top
    of the git repository that the project is in (or the project's folder), or None.
    """
    start = (project / (paths[0] if paths else ".")).resolve()
    top = next((folder for folder in (project, *project.parents) if (folder / ".git").exists()), project).resolve()
    for folder in (start, *start.parents):
        for name, section in _CONFIGS.items():
            file = folder / name
            if file.is_file() and section in file.read_text(encoding="utf-8", errors="replace"):
                return file
        if folder == top:
            break
    return None


def _tail(output: Path) -> tuple[str, ...]:
    with output.open("rb") as log:
        log.seek(max(0, log.seek(0, os.SEEK_END) - TAIL_BYTES))
        return tuple(log.read().decode("utf-8", errors="replace").splitlines()[-TAIL_LINES:])


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and its group; it leads its own session, so nobody else is in it."""
    for signal_, seconds in ((signal.SIGTERM, GRACE), (signal.SIGKILL, GRACE)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal_)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            return
