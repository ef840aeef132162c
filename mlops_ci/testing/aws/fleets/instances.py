"""A variant's serving process, as traffic sees it: nobody stops it while a request is under way in it."""

from __future__ import annotations

import http.client
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from mlops_ci.testing.aws.containers.serving import LOG, ServingContainer
from mlops_ci.testing.aws.failure import Failure
from mlops_ci.testing.aws.fleets.configs import Variant
from mlops_ci.testing.aws.fleets.places import Place
from mlops_ci.testing.aws.logs import Follower, LogStream
from mlops_ci.testing.aws.loopback import Loopback

DRAIN = 65.0
"""Seconds that a request may still take when its process is to be stopped: a little more than SageMaker gives it."""


PAUSE = 1.0
"""Seconds between two starts of a process that dies again and again."""


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
        self.flush: Callable[[], None] = lambda: None
        """What is done with what was captured, before the last of the log is told."""
        self.accept = ""
        """What the container answers with where a client does not say."""
        group, stream = f"/aws/sagemaker/Endpoints/{endpoint}", f"{variant.name}/{self.name}"
        self.log_arn = place.arn("logs", f"log-group:{group}:log-stream:{stream}")
        self._stream = LogStream(place.account, place.region, group, stream)
        self._make: Callable[[Path], ServingContainer] | None = None
        self._container: ServingContainer | None = None
        self._follower: Follower | None = None
        self._following = threading.Lock()
        self._lock = threading.Condition()
        self._under_way = 0
        self._idle: list[http.client.HTTPConnection] = []
        self._starts = 0
        self._started = 0.0
        self._is_ending = False

    def start(self, loopback: Loopback, model_tar: Path, environment: Mapping[str, str]) -> None:
        """Start the process, and return when it answers its ping.

        Raises:
            NotHealthy: it ended, took longer than its variant allows, or was ended; its log says why.

        """
        image, own = self.variant.container.image, dict(environment)
        self._make = lambda folder: ServingContainer(loopback, model_tar, own, folder, image=image)
        self._bring_up(self._make)
        files = self._files / "ml" / "model"
        if (files / "xgboost-model").is_file() and not own.get("SAGEMAKER_PROGRAM"):
            self.accept = "text/csv"

    @property
    def _files(self) -> Path:
        return self.folder / str(self._starts)

    def _bring_up(self, make: Callable[[Path], ServingContainer]) -> None:
        with self._following:
            if self._follower is not None:
                self._follower.finish()
            self._starts += 1
            self._started = time.monotonic()
            self._files.mkdir(parents=True)
            self._follower = Follower(self._files, self._stream)
        with self._lock:
            if self._is_ending:
                raise NotHealthy("it was ended before it started")
            self._container = make(self._files)
        try:
            self._container.start(within=self.variant.patience)
        except (Failure, OSError) as cause:  # OSError where it is killed meanwhile
            self.note(str(cause))
            raise NotHealthy(str(cause)) from cause

    def follow(self) -> None:
        """Move what was printed since to CloudWatch."""
        with self._following:
            if self._follower is not None:
                self._follower.follow()

    def revive(self) -> None:
        """Start a process again that died after it had come up, as SageMaker does."""
        container, make = self._container, self._make
        if container is None or make is None or self._is_ending or not container.has_ended():
            return
        if time.monotonic() - self._started < PAUSE:
            return
        self.note("the container ended, and is started again")
        with self._lock:
            self._drop_connections()
        with suppress(NotHealthy):
            self._bring_up(make)

    def abort(self) -> None:
        """End it now, whatever it does."""
        with self._lock:
            self._is_ending = True
            container = self._container
        if container is not None:
            container.kill()

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
        if self._container is None:
            raise ConnectionRefusedError("the container was never started")
        yield http.client.HTTPConnection(self._container.url.removeprefix("http://"))

    def _drop_connections(self) -> None:
        for connection in self._idle:
            connection.close()
        self._idle.clear()

    def note(self, text: str) -> None:
        """Write a line of ours to its log."""
        with (self._files / LOG).open("a", encoding="utf-8") as log:
            log.write(f"mlops-ci: {text}\n")

    def stop(self, patience: float = DRAIN) -> None:
        """End the process once nothing is under way in it, or after so many seconds; nothing of it is left but logs."""
        with self._lock:
            self._is_ending = True
            self._lock.wait_for(lambda: not self._under_way, patience)
            self._drop_connections()
        if self._container is not None:
            self._container.stop()
        self.flush()
        with self._following:
            if self._follower is not None:
                self._follower.finish()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def entered(instance: Instance) -> Iterator[Instance]:
    """Count a request, that was counted in already, out at the end."""
    try:
        yield instance
    finally:
        instance.leave()
