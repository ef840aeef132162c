"""Endpoints on this machine: a detached supervisor for each, with its state in `root/<environment>/<model>/`."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from mlops_ci.adapters.local.describing import ANSWER_WITHIN, described, sockets_folder
from mlops_ci.errors import ProviderError
from mlops_ci.model.rollout import told
from mlops_ci.plan.deployed import Deployed
from mlops_ci.ports.endpoints import Answer, EndpointSpec, Package
from mlops_ci.ports.jobs import Image
from mlops_ci.ports.stores import ArtifactStore
from mlops_ci.runtime import control
from mlops_ci.runtime.control import Target, Timings
from mlops_ci.runtime.identity import Identity, is_alive

PASSED_ON = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
"""What serving code sees of our environment, with LC_*: no secret of ours is among it."""

REQUEST_WITHIN = 60.0
"""Seconds a prediction may take, as in SageMaker."""


class LocalEndpoints:
    """Implements `ports.endpoints.EndpointHost`.

    `python_for` gives the interpreter for an image. `packages` is where packages are unpacked (beside `root`); `python`
    runs the supervisors (this interpreter does); `sockets` is a short path to a folder of this user alone (in the
    system's folder for temporary files); `environ` is our environment.
    """

    def __init__(
        self,
        root: Path,
        artifacts: ArtifactStore,
        python_for: Callable[[Image], Path],
        *,
        packages: Path | None = None,
        python: Path | None = None,
        sockets: Path | None = None,
        environ: Mapping[str, str] | None = None,
        timings: Timings | None = None,
    ) -> None:
        self._root = root
        self._artifacts = artifacts
        self._python_for = python_for
        self._packages = packages or root.with_name("packages")
        self._python = python or Path(sys.executable)
        self._sockets = sockets or sockets_folder()
        ours = os.environ if environ is None else environ
        self._environ = tuple(sorted((k, v) for k, v in ours.items() if k in PASSED_ON or k.startswith("LC_")))
        self._timings = timings or Timings()

    def describe(self) -> tuple[Deployed, ...]:
        """Return every endpoint there is, sorted by environment and model; a dead one is OutOfService."""
        return described(self._root, self._sockets)

    def apply(self, spec: EndpointSpec) -> None:
        """Start making the endpoint so; see the port.

        Raises:
            IntegrityError: an archive of the package has other bytes than its digest says; what served goes on.
            ProviderError: the port that is asked for is in use, or no supervisor can be started.

        """
        package = self.unpack(spec.package)
        target = Target(
            version=spec.version,
            name=f"{spec.model}/v{spec.version}",
            package=spec.package.digest,
            folder=str(package.resolve()),
            python=str(self._python_for(spec.package.image)),
            workers=spec.workers,
            joins=spec.batching,
            port=spec.port,
            environment=self._environ,
            instance=spec.instance,
            count=spec.count,
            autoscaling=told(spec.autoscaling),
            capture=told(spec.capture),
        )
        folder = self._folder(spec.environment, spec.model)
        answer = self._told(folder, {"do": "apply", "target": target.to_json()})
        if not answer.get("ok"):
            in_use = bool(answer.get("port"))
            raise ProviderError(
                f"`{spec.model}` on `{spec.environment}`: {answer.get('error', 'the supervisor refused')}",
                hint="end what listens there, or take `port` out of the environment's place in mlops-ci.yaml"
                if in_use
                else "type the command again",
            )

    def invoke(self, environment: str, model: str, body: bytes, content_type: str, accept: str) -> Answer:
        """Return what the endpoint answers; an empty `accept` sends no such header.

        Raises:
            ProviderError: nothing answers.

        """
        headers = {"Content-Type": content_type} | ({"Accept": accept} if accept else {})
        return self._asked(environment, model, "POST", "/invocations", body, headers)

    def ping(self, environment: str, model: str) -> int:
        """Return the HTTP status of the endpoint's `/ping`.

        Raises:
            ProviderError: nothing answers.

        """
        return self._asked(environment, model, "GET", "/ping", None, {}).status

    def _asked(
        self, environment: str, model: str, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> Answer:
        import http.client

        folder = self._folder(environment, model)
        address = str(control.known(folder / control.SERVING).get("url", "")).removeprefix("http://")
        if not address:
            raise ProviderError(f"`{model}` has no endpoint on `{environment}`", hint=f"mlops-ci deploy {environment}")
        connection = http.client.HTTPConnection(address, timeout=REQUEST_WITHIN)
        began = time.perf_counter()
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as cause:
            raise ProviderError(
                f"nothing answers for `{model}` on `{environment}` at {address}: {cause}",
                hint=f"mlops-ci deploy {environment} {model}",
            ) from cause
        finally:
            connection.close()
        kind, version = response.headers.get("content-type", ""), response.headers.get("x-mlops-ci-version", "")
        return Answer(response.status, content, kind, version, time.perf_counter() - began)

    def delete(self, environment: str, model: str) -> None:
        """End the endpoint and forget it; answers what is under way first. Does nothing where there is none."""
        folder = self._folder(environment, model)
        if not folder.is_dir():
            return
        supervisor, *_ = (*control.identities(folder / control.SUPERVISOR), None)
        try:
            control.ask(self._sockets, folder, {"do": "stop"}, timeout=ANSWER_WITHIN)
        except control.Silent:
            if supervisor is not None:
                _signal(supervisor, signal.SIGKILL)  # it does not listen; its workers drain when it is gone
        limit = self._timings.drain_limit + 5.0
        if supervisor is not None and not _gone((supervisor,), limit):
            _signal(supervisor, signal.SIGKILL)
        workers = control.identities(folder / control.SUPERVISOR)[1:]
        if not _gone(workers, self._timings.drain + 1.0):
            for worker in workers:
                _signal(worker, signal.SIGKILL)
        with _lock(folder) as is_ours:
            if is_ours:
                aside = folder.with_name(f".{folder.name}.deleted-{os.getpid()}")
                folder.rename(aside)
                shutil.rmtree(aside, ignore_errors=True)
        with suppress(OSError):
            folder.parent.rmdir()

    def logs(self, environment: str, model: str, *, tail: int) -> tuple[str, ...]:
        """Return the last lines of the endpoint's log."""
        from mlops_ci.runtime import rotating

        return rotating.tail(self._folder(environment, model) / control.LOG, tail)

    def unpack(self, package: Package) -> Path:
        """Return the folder of an unpacked package, as a transform job needs it too; see `packages.unpack`."""
        from mlops_ci.adapters.local.packages import unpack

        return unpack(package, self._artifacts, self._packages)

    def _folder(self, environment: str, model: str) -> Path:
        return self._root / environment / model

    def _told(self, folder: Path, question: dict[str, Any]) -> dict[str, Any]:
        """Return the supervisor's answer, having started one where none is."""
        answer: dict[str, Any] = {}
        for _ in range(50):
            try:
                answer = control.ask(self._sockets, folder, question, timeout=30.0)
            except control.Silent:
                self._launch(folder)
                continue
            if not answer.get("stopping"):
                return answer
            time.sleep(0.2)  # the one that is being ended frees its place
        return answer

    def _launch(self, folder: Path) -> None:
        import subprocess

        times = self._timings
        command = [str(self._python), "-P", "-m", "mlops_ci.runtime.launch"]
        command += ["--folder", str(folder.resolve()), "--sockets", str(self._sockets), "--start", str(times.start)]
        command += ["--drain", str(times.drain), "--drain-limit", str(times.drain_limit)]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                env=dict(self._environ),
                start_new_session=True,
            )
        except OSError as cause:
            raise ProviderError(f"no supervisor can be started: {cause}", hint="mlops-ci doctor") from cause
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise ProviderError(f"no supervisor can be started: {last}", hint="mlops-ci doctor", detail=done.stderr)


@contextmanager
def _lock(folder: Path) -> Iterator[bool]:
    """Hold the lock that a supervisor holds for life; gives False where one does."""
    try:
        descriptor = os.open(folder / control.LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _signal(who: Identity, number: signal.Signals) -> None:
    if is_alive(who):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(who.pid, number)


def _gone(processes: tuple[Identity, ...], within: float) -> bool:
    """Return whether all have ended, waiting for that at most so many seconds."""
    until = time.monotonic() + within
    while any(is_alive(who) for who in processes):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
