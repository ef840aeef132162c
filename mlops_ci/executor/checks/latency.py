"""The check `latency`: answers come fast enough while several clients ask at once."""

from __future__ import annotations

import http.client
import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event
from urllib.parse import urlsplit

from mlops_ci.executor.checks.answers import counted
from mlops_ci.executor.checks.asking import JSON, body
from mlops_ci.executor.checks.finding import FAILED, INCONCLUSIVE, PASSED, Finding, clipped
from mlops_ci.executor.checks.subject import Live, Subject
from mlops_ci.model import Latency
from mlops_ci.ports.clock import Clock

PATIENCE = 60.0
"""Seconds after which a request counts as unanswered, as on SageMaker."""


@dataclass(frozen=True, slots=True)
class Load:
    """What the clients saw: the seconds of each answered request, what went wrong, the seconds it took in all."""

    seconds: tuple[float, ...]
    errors: tuple[str, ...]
    elapsed: float


def check(subject: Subject, live: Live) -> Finding:
    """Return whether the percentile of single-row answer times lies below `latency.max_ms`.

    A request that is not answered with 200 fails the check, whatever the times. Too few requests for the percentile to
    exist among them (99 needs 100) are inconclusive.
    """
    wanted = subject.model.tests.latency
    bodies = [body((subject.rows[at % len(subject.rows)],)) for at in range(wanted.requests)]
    load = put_load(
        live.url,
        bodies,
        content_type=subject.model.serving.content_type,
        concurrency=wanted.concurrency,
        clock=subject.clock,
    )
    if load.errors:
        count = f"{counted(len(load.errors), 'request')} of {len(load.seconds) + len(load.errors)} failed"
        return Finding(FAILED, f"{count}, first: {load.errors[0]}", load.errors)
    reached = 1000 * percentile(load.seconds, wanted.percentile)
    evidence = _evidence(load, wanted, reached)
    least = requests_for(wanted.percentile)
    if wanted.requests < least:
        return Finding(INCONCLUSIVE, f"p{wanted.percentile:g} needs {least} requests or more: {evidence}")
    return Finding(PASSED if reached < wanted.max_ms else FAILED, evidence)


def percentile(seconds: Sequence[float], percent: float) -> float:
    """Return the smallest of the numbers that `percent` (above 0, up to 100) of them do not exceed (nearest rank)."""
    return sorted(seconds)[max(1, math.ceil(round(len(seconds) * percent / 100, 9))) - 1]


def requests_for(percent: float) -> int:
    """Return how many requests it takes for one of them to lie beyond a percentile; any number shows the longest."""
    # Rounded, because 100 / (100 - 99.9) is a little more than 1000.
    return math.ceil(round(100 / (100 - percent), 6)) if percent < 100 else 1


def put_load(url: str, bodies: Sequence[bytes], *, content_type: str, concurrency: int, clock: Clock) -> Load:
    """Return what `concurrency` clients, each on a connection that it keeps, saw of these requests.

    After the first request that goes wrong no client starts another, so that a hanging endpoint is not waited for
    once a request.
    """
    waiting: SimpleQueue[bytes] = SimpleQueue()
    for content in bodies:
        waiting.put(content)
    stop = Event()
    started = clock.seconds()
    with ThreadPoolExecutor(max_workers=concurrency) as pool:
        clients = [pool.submit(_client, url, waiting, content_type, clock, stop) for _ in range(concurrency)]
        results = [client.result() for client in clients]
    elapsed = clock.seconds() - started
    seconds = tuple(taken for times, _ in results for taken in times)
    return Load(seconds, tuple(error for _, error in results if error), elapsed)


def _client(
    url: str, waiting: SimpleQueue[bytes], content_type: str, clock: Clock, stop: Event
) -> tuple[list[float], str]:
    """Return the answer times of one client, and the error that ended it, or an empty string."""
    times: list[float] = []
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=PATIENCE)
    headers = {"Content-Type": content_type, "Accept": JSON}
    path = f"{parts.path.rstrip('/')}/invocations"
    try:
        connection.connect()
        while not stop.is_set():
            try:
                content = waiting.get_nowait()
            except Empty:
                break
            began = clock.seconds()
            connection.request("POST", path, body=content, headers=headers)
            response = connection.getresponse()
            answer = response.read()
            times.append(clock.seconds() - began)
            if response.status != 200:
                times.pop()
                stop.set()
                return times, f"HTTP {response.status}: {clipped(answer.decode('utf-8', errors='replace'))}"
    except (OSError, http.client.HTTPException) as error:
        stop.set()
        return times, f"no answer ({type(error).__name__}: {error})"
    finally:
        connection.close()
    return times, ""


def _evidence(load: Load, wanted: Latency, reached: float) -> str:
    shown = dict.fromkeys((50.0, 99.0, wanted.percentile))
    times = ", ".join(f"p{p:g} {1000 * percentile(load.seconds, p):.1f} ms" for p in shown)
    rate = f"{len(load.seconds) / load.elapsed:.0f} requests/s" if load.elapsed > 0 else "at once"
    clients = counted(wanted.concurrency, "client")
    limit = (
        f"p{wanted.percentile:g} {'stays below' if reached < wanted.max_ms else 'is not below'} {wanted.max_ms:g} ms"
    )
    return f"{limit}: {times} in {counted(len(load.seconds), 'request')} by {clients}, {rate}, no errors"
