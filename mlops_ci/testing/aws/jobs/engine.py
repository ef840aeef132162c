"""Jobs that run: a thread each, ended with the server."""

from __future__ import annotations

import shutil
import sys
import threading
import time
import traceback
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlops_ci.testing.aws.buckets import Buckets
from mlops_ci.testing.aws.containers.container import Container
from mlops_ci.testing.aws.failure import Failure
from mlops_ci.testing.aws.instances import types_in
from mlops_ci.testing.aws.jobs.events import emit
from mlops_ci.testing.aws.jobs.kinds import Kind
from mlops_ci.testing.aws.jobs.record import LONGEST_REASON, Record, StopAsked
from mlops_ci.testing.aws.jobs.states import first_state, last_state
from mlops_ci.testing.aws.logs import Follower, LogStream
from mlops_ci.testing.aws.loopback import Loopback

_LOOK = 0.05
"""Seconds between two looks at a job's log, its end, and wishes to stop it."""


class TakenBack(Exception):  # noqa: N818 - named after what happened
    """The instances of a job are gone, as spot instances may be."""


@dataclass(slots=True)
class Job:
    """A job while it runs: what it was asked for, and where its files are."""

    record: Record
    loopback: Loopback
    backend: Any
    folder: Path
    closing: threading.Event
    began: int = field(default_factory=lambda: int(time.time() * 1000))
    """Milliseconds since the epoch: the names of its log streams end with it."""

    @property
    def account(self) -> str:
        """Return whose it is."""
        found: str = self.backend.account_id
        return found

    @property
    def region(self) -> str:
        """Return where it runs."""
        found: str = self.backend.region_name
        return found

    @property
    def request(self) -> dict[str, Any]:
        """Return what Create was sent."""
        return self.record.request

    @property
    def buckets(self) -> Buckets:
        """Return the S3 that it reads and writes."""
        return Buckets(self.account)

    def stream(self, host: str, *, part: str = "") -> LogStream:
        """Return the log stream of a host, such as `algo-1`, or a part of its."""
        name = f"{self.record.name}/{host}-{self.began}{part}"
        return LogStream(self.account, self.region, self.record.kind.log_group, name)

    def environment(self) -> dict[str, str]:
        """Return what an SDK inside the job needs to see this AWS, as a role's credentials let it."""
        return self.loopback.environment() | {"AWS_REGION": self.region, "AWS_DEFAULT_REGION": self.region}

    def check(self) -> None:
        """Raise StopAsked where somebody wants the job to end."""
        if self.closing.is_set() or self.record.stop_asked.is_set():
            raise StopAsked

    def attend(self, containers: dict[str, Container], *, within: float | None = None) -> tuple[str, dict[str, Any]]:
        """Start containers by host, move their logs while they run, and return a host and its ending.

        It is the first that failed, else the first; the others of one that failed are ended.

        Raises:
            TakenBack: they have not ended within so many seconds.

        """
        until = None if within is None else time.monotonic() + within
        followers = [Follower(container.folder, self.stream(host)) for host, container in containers.items()]
        is_told = False
        failed = ""
        try:
            for container in containers.values():
                container.start()
            while running := [host for host, container in containers.items() if not container.has_ended(0)]:
                containers[running[0]].has_ended(_LOOK)
                for follower in followers:
                    follower.follow()
                if self.closing.is_set():
                    raise StopAsked
                if until is not None and time.monotonic() > until:
                    raise TakenBack
                if self.record.stop_asked.is_set() and not is_told:
                    is_told = True
                    for container in containers.values():
                        container.stop()
                ended = [host for host in containers if host not in running]
                failed = failed or next((h for h in ended if containers[h].ending()["outcome"] == "failed"), "")
                if failed:
                    for host in running:
                        containers[host].kill()
        finally:
            for container in containers.values():
                container.kill()
            for follower in followers:
                follower.finish()
        host = failed or next((h for h in containers if containers[h].ending()["outcome"] != "succeeded"), "")
        host = host or next(iter(containers))
        return host, containers[host].ending()


class Engine:
    """The jobs of a server."""

    def __init__(self, loopback: Loopback) -> None:
        self._loopback = loopback
        self._closing = threading.Event()
        self._records: weakref.WeakKeyDictionary[object, Record] = weakref.WeakKeyDictionary()
        self._threads: list[threading.Thread] = []
        self.turn = threading.RLock()
        """Held while a job is made: moto's own object says of it that it is completed, until it has a record."""

    def start(
        self,
        kind: Kind,
        backend: Any,  # noqa: ANN401 - moto's class
        mirror: Any,  # noqa: ANN401 - moto's class
        request: dict[str, Any],
        run: Callable[[Job], None],
    ) -> Record:
        """Return the record of a job that runs from now on; `mirror` is moto's own object for it."""
        account, region = backend.account_id, backend.region_name
        record = Record(kind, mirror.arn, request, mirror=mirror, tell=lambda told: emit(told, account, region))
        record.set(**first_state(record))
        self._records[mirror] = record
        folder = self._loopback.root / f"{kind.noun}-jobs" / region / record.name
        shutil.rmtree(folder, ignore_errors=True)  # moto was reset, and the name is free again
        folder.mkdir(parents=True)
        job = Job(record, self._loopback, backend, folder, self._closing)
        thread = threading.Thread(target=_run, args=(job, run), name=f"{kind.noun} job {record.name}", daemon=True)
        self._threads = [other for other in self._threads if other.is_alive()] + [thread]
        emit(record, account, region)
        thread.start()
        return record

    def record(self, mirror: object) -> Record | None:
        """Return the record of moto's object; None for one that was not made here."""
        with self.turn:
            return self._records.get(mirror)

    def end(self) -> None:
        """End every job, and wait until nothing of any runs."""
        self._closing.set()
        for thread in self._threads:
            thread.join(30)


def _provide(job: Job) -> None:
    """Raise Failure where a fault says that there is no machine for the job."""
    if any(job.loopback.faults.no_capacity(one) for one in types_in(job.request)):
        raise Failure(
            "CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML "
            "instance type."
        )


def _run(job: Job, run: Callable[[Job], None]) -> None:
    record = job.record
    kind = record.kind
    try:
        _provide(job)
        run(job)
    except Failure as failure:
        finish(record, "Failed", FailureReason=str(failure)[:LONGEST_REASON])
    except StopAsked:
        finish(record, "Stopped")
    except Exception as error:  # noqa: BLE001 - nobody waits for this thread: the job says what happened
        traceback.print_exc(file=sys.stderr)
        last = "".join(traceback.format_exception_only(error)).strip()
        finish(record, "Failed", FailureReason=f"InternalServerError: the loopback failed: {last}"[:LONGEST_REASON])
    if not record.ended.is_set():
        raise AssertionError(f"the {kind.noun} job {record.name} did not end")


def finish(record: Record, status: str, **state: Any) -> None:  # noqa: ANN401 - whatever the API has
    """Give a job its last status, with the time of its end."""
    record.turn(status, **last_state(record, status, state))
