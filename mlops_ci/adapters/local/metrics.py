"""The user's own metrics, each in a process of its own, in the environment of the package that is judged."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlops_ci
from mlops_ci.adapters.faults import guarded
from mlops_ci.adapters.local.environments import Environments
from mlops_ci.adapters.local.handing import handed_on
from mlops_ci.adapters.local.placing import place_code
from mlops_ci.adapters.local.threads import thread_variables
from mlops_ci.errors import JobFailed, ProviderError
from mlops_ci.model import Json, Tree
from mlops_ci.ports.jobs import Code, Image

_TAIL = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalMetrics:
    """Implements `ports.metrics.CustomMetrics`. `tree` gives the files that code is copied from.

    A function that has not returned after `timeout` seconds is ended, with all that it started. It sees PATH, HOME and
    the language of `environments.environment`, and no more of it.
    """

    environments: Environments
    tree: Callable[[], Tree]
    timeout: float = 600.0

    def compute(self, function: str, code: Code, image: Image, rows: tuple[Json, ...]) -> float:
        """Return the function's number for these rows; finite.

        Raises:
            ProviderError: the function is not there, failed, took too long, or returned no number; the end of its
                traceback is the detail. A metric that cannot be computed is never left out of the scores.
            InputsMoved: its code has other bytes than those of its digest.

        """
        python = self.environments.python_for(image)
        with tempfile.TemporaryDirectory(prefix="mlops-ci-metric-") as scratch:
            folder = Path(scratch).resolve()
            with guarded("write", folder):
                (folder / "code").mkdir()
                place_code(code, self.tree, folder / "code")
                lines = "".join(f"{json.dumps(row)}\n" for row in rows)
                (folder / "rows.jsonl").write_text(lines, encoding="utf-8")
            return self._run(function, python, folder)

    def _run(self, function: str, python: Path, folder: Path) -> float:
        out = folder / "out.json"
        command = [
            str(python), "-m", "mlops_ci.runtime.metric", "--code", str(folder / "code"), "--function", function,
            "--rows", str(folder / "rows.jsonl"), "--out", str(out),
        ]  # fmt: skip
        with (folder / "log").open("wb") as log:
            try:
                process = subprocess.Popen(
                    command,
                    env=self._variables(folder),
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise ProviderError(f"cannot start `{python}`: {error.strerror}") from error
            try:
                process.wait(self.timeout)
            except subprocess.TimeoutExpired as error:
                raise JobFailed(
                    f"metric `{function}` took longer than {self.timeout:g} seconds",
                    detail=_end(folder / "log", folder),
                ) from error
            finally:
                _end_group(process)
            said = _end(folder / "log", folder)
        found = _result(out)
        if isinstance(found.get("value"), float):
            return float(found["value"])
        reason = str(found.get("error") or f"it exited with {process.returncode} and left no number")
        trace = str(found.get("traceback") or said)[-_TAIL:]
        raise JobFailed(
            f"metric `{function}` failed: {reason}",
            detail=trace.replace(f"{folder / 'code'}/", "").strip(),
            hint="it is called with a list of rows: `label`, `prediction`, `probabilities`, and the slice columns",
        )

    def _variables(self, folder: Path) -> dict[str, str]:
        ours = self.environments.environment
        return {
            "LANG": "C.UTF-8",
            **handed_on(ours),
            **thread_variables(1),
            "PYTHONPATH": str(Path(mlops_ci.__file__).parent.parent),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "TMPDIR": str(folder),
        }


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End the process with all that it started, where it has not ended by itself."""
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _end(log: Path, folder: Path) -> str:
    with log.open("rb") as lines:
        lines.seek(max(0, log.stat().st_size - _TAIL))
        return lines.read().decode(errors="replace").replace(f"{folder}/", "").strip()


def _result(out: Path) -> dict[str, Any]:
    try:
        found = json.loads(out.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
