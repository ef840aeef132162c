"""A serving container: processes that answer `/ping` and `/invocations` from what a model.tar.gz holds.

The image is not pulled. With `SAGEMAKER_PROGRAM` that script of the archive's `code/` answers, in this machine's own
Python with the `requirements.txt` of the code on top; without, an `xgboost-model` is answered for as the built-in
algorithm's container does.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mlops_ci.adapters.unpacking import unpack
from mlops_ci.errors import ProviderError
from mlops_ci.runtime import package

KEEPER = "mlops_ci.testing.aws.containers.keeper"
WORKER = "mlops_ci.runtime.worker"
XGBOOST = "mlops_ci.testing.aws.containers.xgboost"
LOG = "log"

PASSED_ON = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
"""What a container sees of this machine's environment."""


class NotServed(Exception):  # noqa: N818 - named after what happened
    """The archive holds nothing that could serve, or its environment cannot be built."""


class ServingContainer:
    """One container, started by making one; `url` is where it answers, at once or when it is up.

    All its processes end with `stop`, and with this process, however that ends.
    """

    def __init__(self, model_tar: Path, environment: Mapping[str, str], folder: Path) -> None:
        """Start it; `folder` is its own, made here.

        Raises:
            NotServed: it cannot start; says why.

        """
        self._log = folder / LOG
        folder.mkdir(parents=True)
        try:
            server, python = _prepared(model_tar, dict(environment), folder)
        except (ProviderError, OSError) as cause:
            self._log.write_text(f"{cause}\n", encoding="utf-8")
            raise NotServed(str(cause)) from cause
        about = {"server": server, "python": str(python), "environment": _seen(environment)}
        (folder / "container.json").write_text(json.dumps(about), encoding="utf-8")
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", KEEPER, str(folder.resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log.open("ab"),
            start_new_session=True,
        )
        self._address = _line(self._process)
        if not self._address:
            self.stop()
            raise NotServed(f"its keeper did not start; see {self._log}")

    @property
    def url(self) -> str:
        """Return where it answers."""
        return f"http://{self._address}"

    @property
    def has_ended(self) -> bool:
        """Return whether it gave up, so that no ping will ever be answered."""
        return self._process.poll() is not None

    def ping(self, within: float = 2.0) -> bool:
        """Return whether `/ping` is answered with 200 within so many seconds."""
        connection = http.client.HTTPConnection(self._address, timeout=within)
        try:
            connection.request("GET", "/ping")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        """End it: what is under way is answered first. Of one that ended already nothing is left either."""
        if self._process.stdin is not None:
            with suppress(OSError, ValueError):
                self._process.stdin.write(b"stop\n")
                self._process.stdin.close()
        try:
            self._process.wait(100.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def log(self) -> str:
        """Return what its processes printed so far."""
        return self._log.read_text("utf-8", "replace") if self._log.is_file() else ""


def _prepared(model_tar: Path, environment: dict[str, str], folder: Path) -> tuple[str, Path]:
    """Unpack the model to `folder/ml/model`; return the module that serves it, and the interpreter."""
    root = folder / "ml"
    files = {f"model/{file.path}": (file.size, file.sha256) for file in unpack(model_tar, root / "model")}
    entry = environment.get("SAGEMAKER_PROGRAM", "")
    (root / "model" / "code").mkdir(exist_ok=True)
    if not entry and not (root / "model" / "xgboost-model").is_file():
        raise ProviderError("there is neither `SAGEMAKER_PROGRAM` nor a file `xgboost-model`, so nothing can serve")
    # What names /opt/ml is placed by the keeper, who knows whether there is one.
    known = tuple(sorted((name, value) for name, value in environment.items() if "/opt/ml" not in value))
    package.write(root, digest="", entry=entry, features=(), environment=known, files=files)
    if not entry:
        return XGBOOST, Path(sys.executable)
    return WORKER, _python(root / "model" / "code", folder)


def _python(code: Path, folder: Path) -> Path:
    """Return the interpreter that has the code's requirements."""
    if not (code / "requirements.txt").is_file():
        return Path(sys.executable)
    from mlops_ci.adapters.local.environments import Environments, wanted
    from mlops_ci.adapters.local.installed import site_folders
    from mlops_ci.ports.jobs import Image

    built = Environments(folder.parent / "environments", dict(os.environ), Path(sys.executable), site_folders(sys.path))
    return built.python_for(wanted(Image(), code))


def _seen(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ} | dict(environment)


def _line(process: subprocess.Popen[bytes]) -> str:
    """Return the address that the keeper says as its first line; empty where it ended without a word."""
    stream: Any = process.stdout
    return str(stream.readline().decode().strip())


def discard(folder: Path) -> None:
    """Remove a stopped container's folder."""
    shutil.rmtree(folder, ignore_errors=True)
