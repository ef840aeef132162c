"""Notebooks of this machine: Jupyter in a candidate's environment, known by a file with its pid, port and token.

The process outlives us, is reached from this machine alone, and ends by itself where nothing runs in it.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_ci.adapters.faults import guarded
from mlops_ci.adapters.local.handing import handed_on
from mlops_ci.errors import ProviderError
from mlops_ci.ports.jobs import Image
from mlops_ci.ports.notebooks import Notebook, NotebookSpec, NotebookState
from mlops_ci.runtime.identity import Identity, identify, is_alive
from mlops_ci.runtime.jobfolder import read_json, write_json

HOST = "127.0.0.1"
CANDIDATE = "MLOPS_CI_NOTEBOOK"
"""The variable that names the file about the candidate, in the notebook."""

_STATE = "notebook.json"
_ABOUT = "candidate.json"
_LOG = "log"
_SERVERS = (("jupyterlab", "lab"), ("notebook", "tree"))
"""Modules that serve notebooks, the first that is there, and the page that each opens with."""
_GRACE = 10.0
_TAIL = 5


@dataclass(frozen=True, slots=True)
class LocalNotebooks:
    """Keeps a folder a model below `root`. `python_for` gives the interpreter of an image, `project` is opened."""

    root: Path
    project: Path
    environment: Mapping[str, str]
    python_for: Callable[[Image], Path]

    def start(self, spec: NotebookSpec) -> None:
        """Begin to start Jupyter; does nothing where it starts or runs.

        Raises:
            ProviderError: Jupyter is not installed in the candidate's environment, or that cannot be built.

        """
        if self._alive(spec.model) is not None:
            return
        python = self.python_for(spec.image)
        module, page = self._server(python, spec)
        folder = self.root / spec.model
        with guarded("start a notebook in", folder):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / _STATE).unlink(missing_ok=True)
            write_json(folder / _ABOUT, _about(spec))
            port, token = _free_port(), secrets.token_urlsafe(24)
            with (folder / _LOG).open("wb") as log:
                process = subprocess.Popen(
                    (str(python), "-m", module, *_options(port, self.project, spec.idle_minutes)),
                    cwd=self.project,
                    env=self._variables(spec, folder, token),
                    stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                )  # fmt: skip
            who = identify(process.pid)
            if who is not None:
                state = {"pid": who.pid, "started": who.started, "boot": who.boot, "port": port, "token": token,
                         "page": page, "candidate": spec.candidate}  # fmt: skip
                write_json(folder / _STATE, state)
                (folder / _STATE).chmod(0o600)  # it holds the token

    def status(self, model: str) -> Notebook | None:
        """Return the model's notebook; a process that ended by itself is one that stopped."""
        state = read_json(self.root / model / _STATE)
        if state is None:
            return None
        if self._alive(model) is None:
            return Notebook(model, NotebookState.STOPPED, state["candidate"], detail=self._last_words(model))
        base = f"http://{HOST}:{state['port']}"
        if not _answers(f"{base}/api/status", state["token"]):
            return Notebook(model, NotebookState.STARTING, state["candidate"])
        url = f"{base}/{state['page']}?token={state['token']}"
        return Notebook(model, NotebookState.RUNNING, state["candidate"], url=url)

    def stop(self, model: str) -> None:
        """End Jupyter with its kernels; what does not end in ten seconds is killed."""
        who = self._alive(model)
        if who is not None:
            _signal(who, signal.SIGTERM)
            end = time.monotonic() + _GRACE
            while is_alive(who) and time.monotonic() < end:
                _reap(who.pid)
                time.sleep(0.05)
            if is_alive(who):
                _signal(who, signal.SIGKILL)
        with guarded("forget a notebook in", self.root / model):
            (self.root / model / _STATE).unlink(missing_ok=True)

    def delete(self, model: str) -> None:
        """Remove what a notebook that stopped left here: its log, and the file about the candidate."""
        folder = self.root / model
        with guarded("remove a notebook in", folder):
            if self._alive(model) is None:
                for name in (_STATE, _ABOUT, _LOG):
                    (folder / name).unlink(missing_ok=True)

    def _server(self, python: Path, spec: NotebookSpec) -> tuple[str, str]:
        """Return the module that serves notebooks in an environment, and its page."""
        names = [name for name, _ in _SERVERS]
        code = f"from importlib.util import find_spec; print([n for n in {names!r} if find_spec(n)])"
        said = subprocess.run(
            (str(python), "-P", "-c", code), capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
        ).stdout
        for name, page in _SERVERS:
            if repr(name) in said:
                return name, page
        raise ProviderError(
            f"Jupyter is not installed in the environment of `{spec.candidate}`",
            hint=f"{python} -m pip install jupyterlab, or name it in the candidate's `requirements`",
        )

    def _variables(self, spec: NotebookSpec, folder: Path, token: str) -> dict[str, str]:
        """Return the variables of the process: those of a training, as far as they mean something here, and its own."""
        channels = {f"SM_CHANNEL_{one.name.upper()}": one.location for one in spec.channels}
        return {
            **handed_on(self.environment),
            "SM_HPS": json.dumps(dict(spec.hyperparameters)),
            **channels,
            **dict(spec.environment),
            CANDIDATE: str(folder / _ABOUT),
            "JUPYTER_TOKEN": token,  # the list of processes shows arguments to everybody
        }

    def _alive(self, model: str) -> Identity | None:
        """Return the process of a model's notebook while it runs."""
        state: dict[str, Any] | None = read_json(self.root / model / _STATE)
        if state is None:
            return None
        _reap(state["pid"])
        who = Identity(state["pid"], state["started"], state["boot"])
        return who if is_alive(who) else None

    def _last_words(self, model: str) -> str:
        try:
            said = (self.root / model / _LOG).read_text("utf-8", errors="replace").strip().splitlines()
        except OSError:
            return ""
        return " | ".join(said[-_TAIL:])


def _about(spec: NotebookSpec) -> dict[str, Any]:
    return {
        "model": spec.model,
        "candidate": spec.candidate,
        "commit": spec.commit,
        "hyperparameters": dict(spec.hyperparameters),
        "environment": dict(spec.environment),
        "channels": {one.name: one.location for one in spec.channels},
    }


def _options(port: int, project: Path, idle_minutes: int) -> tuple[str, ...]:
    """Return Jupyter's options: this machine alone, this port or none, and an end where nothing runs."""
    seconds = idle_minutes * 60
    return (
        "--no-browser",
        f"--ServerApp.ip={HOST}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.open_browser=False",
        "--ServerApp.allow_root=True",
        f"--ServerApp.root_dir={project}",
        f"--ServerApp.shutdown_no_activity_timeout={seconds}",
        # A kernel that is idle keeps the server up, so it goes first; one that is busy stays.
        f"--MappingKernelManager.cull_idle_timeout={seconds}",
        f"--MappingKernelManager.cull_interval={max(1, min(60, seconds // 4))}",
        "--MappingKernelManager.cull_connected=True",
        f"--TerminalManager.cull_inactive_timeout={seconds}",
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(url: str, token: str) -> bool:
    request = urllib.request.Request(url, headers={"Authorization": f"token {token}"})  # noqa: S310 - ours
    try:
        with urllib.request.urlopen(request, timeout=2) as answer:  # noqa: S310 - ours
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _signal(who: Identity, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(who.pid, number)  # it leads a session of its own: its kernels go with it


def _reap(pid: int) -> None:
    """Let a child of ours that ended go; of another command's child nothing is left to do."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
