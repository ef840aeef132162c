"""What jobs and endpoints of the loopback run in: this interpreter, and what their requirements put on top."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.local.environments import Environments
from mlops_ci.adapters.local.installed import site_folders
from mlops_ci.adapters.local.launching import work_spec
from mlops_ci.adapters.local.work import Work
from mlops_ci.adapters.local.workshop import Workshop
from mlops_ci.ports.jobs import Image
from mlops_ci.runtime import jobfolder
from mlops_ci.testing.aws.loopback import Loopback


def python_for(loopback: Loopback, code: Path) -> Path:
    """Return the interpreter for a code folder: this one, or one with the folder's `requirements.txt` on top.

    Raises:
        ProviderError: pip could not install them.

    """
    file = code / "requirements.txt"
    text = file.read_text("utf-8", "replace") if file.is_file() else ""
    base = Path(sys.executable)
    environments = Environments(loopback.root / "environments", os.environ, base, site_folders(sys.path))
    return environments.python_for(Image(requirements=text))


def write_job(loopback: Loopback, folder: Path, work: Work, *, image: str, python: Path) -> None:
    """Write the `job.json` of a container's folder; `python` is what `python` and `python3` are there."""
    workshop = Workshop(
        folder.parent,
        FolderArtifacts(loopback.root / "store"),
        os.environ,
        threads=loopback.settings.threads,
        stop_grace=loopback.settings.stop_grace,
    )
    spec: dict[str, Any] = work_spec(work, workshop, folder)
    spec["greeting"] = f"image `{image}` is not pulled by the loopback: this runs in {python}"
    spec["environment"]["PATH"] = f"{python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    (folder / jobfolder.TMP).mkdir(exist_ok=True)
    (folder / jobfolder.ML).mkdir(exist_ok=True)
    jobfolder.write_fleeting_json(folder / jobfolder.JOB, spec)
