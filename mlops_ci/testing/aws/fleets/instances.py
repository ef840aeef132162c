"""A variant's serving process, as traffic sees it: nobody stops it while a request is under way in it."""

from __future__ import annotations

import http.client
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mlops_ci.testing.aws.containers.serving import LOG, NotServed, ServingContainer, discard
from mlops_ci.testing.aws.fleets.configs import Variant
from mlops_ci.testing.aws.fleets.logs import Follower
from mlops_ci.testing.aws.fleets.places import Place

DRAIN = 65.0
"""Seconds that a request may still take when its process is to be stopped: a little more than SageMaker gives it."""


class NotHealthy(Exception):  # noqa: N818 - named after what happened
    """A container did not answer its ping in time, or ended before."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a container answered; `headers` by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Instance:
    """One serving process of a variant. Its `name` is that of an EC2 instance, as log streams have it."""

    def __init__(self, endpoint: str, variant: Variant, place: Place, folder: Path) -> None:
        self.variant = variant
        self.name = f"i-{secrets.token_hex(9)[:17]}"
        self.folder = folder / self.name
        stream = f"{variant.name}/{self.name}"
        self.follower = Follower(self.folder / LOG, place, f"/aws/sagemaker/Endpoints/{endpoint}", stream)
        self.flush: Callable[[], None] = lambda: None
        """What is done with what was captured, before the last of the log is told."""
        self._container: ServingContainer | None = None
        self._lock = threading.Condition()
        self._under_way = 0
        self._idle: list[http.client.HTTPConnection] = []

    def start(self, model_tar: Path, environment: Mapping[str, str]) -> None:
        """Start the process, and return before it answers.

        Raises:
            NotHealthy: it cannot be started; its log says why.

        """
        try:
            self._container = ServingContainer(model_tar, environment, self.folder)
        except NotServed as cause:
            raise NotHealthy(str(cause)) from cause

    @property
    def container(self) -> ServingContainer:
        """Return the process; only one that was started has it."""
        if self._container is None:
            raise NotHealthy(f"{self.name} was not started")
        return self._container

    def wait(self, is_over: threading.Event) -> None:
        """Return when `/ping` is answered.

        Raises:
            NotHealthy: it ended, took longer than its variant allows, or `is_over` was set.

        """
        until = time.monotonic() + self.variant.patience
        while not self.container.ping():
            if self.container.has_ended or is_over.is_set() or time.monotonic() > until:
                raise NotHealthy("the container did not pass the ping health check")
            is_over.wait(0.02)

    def enter(self) -> None:
        """Count a request in; whoever decides on the way of a request does this before anybody may stop us."""
        with self._lock:
            self._under_way += 1

    def leave(self) -> None:
        """Count a request out."""
        with self._lock:
            self._under_way -= 1
            self._lock.notify_all()

    def ask(self, body: bytes, headers: Mapping[str, str], *, within: float) -> Answer:
        """Return what the container answers.

        Raises:
            TimeoutError: it took longer.
            OSError, http.client.HTTPException: nothing came back.

        """
        for connection in self._connections():
            is_fresh = connection.sock is None
            connection.timeout = within
            if connection.sock is not None:
                connection.sock.settimeout(within)
            try:
                connection.request("POST", "/invocations", body, dict(headers))
                response = connection.getresponse()
                answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
            except TimeoutError:
                connection.close()
                raise
            except (ConnectionError, http.client.RemoteDisconnected):
                connection.close()
                if is_fresh:
                    raise
                continue  # the door closed on a silent connection, before it took our request
            except BaseException:
                connection.close()
                raise
            if connection.sock is not None:
                with self._lock:
                    self._idle.append(connection)
            return answer
        raise AssertionError

    def _connections(self) -> Iterator[http.client.HTTPConnection]:
        """Give silent connections, and last a new one."""
        while True:
            with self._lock:
                if not self._idle:
                    break
                connection = self._idle.pop()
            yield connection
        yield http.client.HTTPConnection(self.container.url.removeprefix("http://"))

    def note(self, text: str) -> None:
        """Write a line of ours to its log."""
        with (self.folder / LOG).open("a", encoding="utf-8") as log:
            log.write(f"mlops-ci: {text}\n")

    def stop(self, patience: float = DRAIN) -> None:
        """End the process once nothing is under way in it, or after so many seconds; nothing of it is left but logs."""
        with self._lock:
            self._lock.wait_for(lambda: not self._under_way, patience)
            for connection in self._idle:
                connection.close()
            self._idle.clear()
        if self._container is not None:
            self._container.stop()
        self.flush()
        self.follower.finish()
        discard(self.folder)


@contextmanager
def entered(instance: Instance) -> Iterator[Instance]:
    """Count a request, that was counted in already, out at the end."""
    try:
        yield instance
    finally:
        instance.leave()
