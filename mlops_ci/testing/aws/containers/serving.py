"""The container that serves a model: one process, at a port of this machine."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from mlops_ci.adapters.local.endpoints import PASSED_ON
from mlops_ci.errors import MlopsError
from mlops_ci.runtime.listening import HOST, listen, port_of
from mlops_ci.testing.aws.containers.software import python_for
from mlops_ci.testing.aws.containers.unpacking import unpack_model
from mlops_ci.testing.aws.failure import Failure
from mlops_ci.testing.aws.loopback import Loopback

LOG = "log"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class ServingContainer:
    """Serves `model_tar` with the variables of a SageMaker model; its files are below `folder`, which is its own.

    Its log is `folder/log`, so `logs.Follower(folder, stream)` can move it to CloudWatch.
    """

    def __init__(
        self, loopback: Loopback, model_tar: Path, environment: Mapping[str, str], folder: Path, *, image: str = ""
    ) -> None:
        self.folder = folder
        self.url = ""
        self._loopback = loopback
        self._model = model_tar
        self._environment = dict(environment)
        self._image = image
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def start(self, *, within: float = 300.0) -> None:
        """Unpack the model and serve it; returns when `/ping` answers, and `url` says where.

        Raises:
            Failure: it cannot be unpacked, its requirements cannot be installed, or it is not up within so many
                seconds; says why, and nothing runs.

        """
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self._say(f"image `{self._image}` is not pulled by the loopback: a process of this machine takes its place")
        package = self.folder / "ml"
        try:
            unpack_model(self._model, self._environment, package)
            python = python_for(self._loopback, package / "model" / "code")
        except MlopsError as cause:
            for line in cause.detail.splitlines():
                self._say(line)
            raise Failure(f"the serving container's requirements cannot be installed: {cause}") from cause
        until = time.monotonic() + within
        try:
            self._launch(python, package)
            self._expect("ready", until)
            self._order(b"serve\n")
            self._expect("serving", until)
        except Failure:
            self.kill()
            raise

    def ping(self) -> int:
        """Return the HTTP status of `/ping`; 0 where nothing answers."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=2)
        try:
            connection.request("GET", "/ping")
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def has_ended(self) -> bool:
        """Return whether nothing serves (any more)."""
        return self._process is None or self._process.poll() is not None

    def log(self) -> str:
        """Return what was printed so far."""
        with suppress(FileNotFoundError):
            return (self.folder / LOG).read_text("utf-8", "replace")
        return ""

    def stop(self, *, within: float = 5.0) -> None:
        """Answer what is under way, and end; after so many seconds it is killed."""
        self._order(b"stop\n")
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(within)
        self.kill()

    def kill(self) -> None:
        """End it now, with everything that came out of it."""
        process, self._process = self._process, None
        if self._control is not None:
            self._control.close()
            self._control = None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()  # its guard hears that, and kills
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _launch(self, python: Path, package: Path) -> None:
        listener = listen(0)
        ours, theirs = socket.socketpair()
        self._control, self.url = ours, f"http://{HOST}:{port_of(listener)}"
        command = [str(python), "-P", "-u", "-m", "mlops_ci.runtime.contained", str(package)]
        command += ["--listen", str(listener.fileno()), "--control", str(theirs.fileno())]
        command += ["--version", self.folder.name, "--drain", "1"]
        kept = {name: value for name, value in os.environ.items() if name in PASSED_ON or name.startswith("LC_")}
        environment = kept | dict.fromkeys(THREADS, "1") | self._loopback.environment() | self._environment
        with listener, theirs, (self.folder / LOG).open("ab") as log:
            self._process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=(listener.fileno(), theirs.fileno()),
                start_new_session=True,
            )

    def _expect(self, event: str, until: float) -> None:
        """Wait until the worker says this.

        Raises:
            Failure: it says why it cannot, ends, or takes too long.

        """
        assert self._control is not None  # noqa: S101 - it was launched
        while True:
            heard = b""
            while not heard.endswith(b"\n"):
                self._control.settimeout(max(until - time.monotonic(), 0.001))
                try:
                    block = self._control.recv(1)
                except TimeoutError:
                    raise Failure("the serving container did not pass its health check in time") from None
                if not block:
                    last = next((line for line in reversed(self.log().splitlines()) if line.strip()), "")
                    raise Failure(f"the serving container ended while it came up: {last}")
                heard += block
            told = json.loads(heard)
            if told["event"] == event:
                return
            if told["event"] == "failed":
                raise Failure(f"the model cannot be loaded: {told['reason']}")

    def _order(self, word: bytes) -> None:
        if self._control is not None:
            with suppress(OSError):
                self._control.sendall(word)

    def _say(self, text: str) -> None:
        with (self.folder / LOG).open("ab") as log:
            log.write(f"mlops-ci: {text}\n".encode())
