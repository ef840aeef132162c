"""A container of a job: a process group with an /opt/ml of its own, which ends with this process at the latest."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import mlops_ci
from mlops_ci.runtime import jobfolder


class Container:
    """One host of a job. `folder` holds `job.json` and `ml`, which the job sees as /opt/ml."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the command of `job.json`."""
        house = Path(mlops_ci.__file__).parent.parent
        with (self.folder / jobfolder.RUNNER_LOG).open("ab") as log:
            self._process = subprocess.Popen(
                # Without `site` it starts twice as fast; it needs nothing but the standard library and us.
                [sys.executable, "-S", "-s", "-P", "-m", "mlops_ci.runtime.attached", str(self.folder)],
                env={"PYTHONPATH": str(house), "PATH": os.defpath},
                cwd="/",
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def has_ended(self, within: float) -> bool:
        """Return whether it has ended, waiting for that at most so many seconds."""
        if self._process is None:
            return True
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(within)
        return self._process.returncode is not None

    def ending(self) -> dict[str, Any]:
        """Return what `exit.json` says; a runner that died without one counts as killed."""
        found = jobfolder.read_json(self.folder / jobfolder.EXIT)
        said = self.folder / jobfolder.RUNNER_LOG
        why = said.read_text("utf-8", "replace").strip().splitlines()[-1:] if said.exists() else []
        detail = "".join(why) or "its runner was killed"
        return found or {"outcome": "failed", "cause": "lost", "detail": detail, "code": 137, "metrics": []}

    def stop(self) -> None:
        """Ask for the end: SIGTERM, and SIGKILL after the grace that `job.json` names."""
        (self.folder / jobfolder.STOP).touch()

    def kill(self) -> None:
        """End it now, with everything that came out of it."""
        if self._process is None:
            return
        if self._process.stdin is not None:
            self._process.stdin.close()  # its guard hears that, and kills
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
