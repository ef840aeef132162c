"""The one thread that predicts. A model need not be thread-safe, and the event loop never waits for it.

One call a request. With `joins`, what queued while the last call ran becomes one call (no timer), for CSV and JSON
Lines of equal content type and accept; it is right only for functions that treat each row alone. Where the joined call
fails, or its answer has another count of values than rows, each request gets its own call after all.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
import traceback
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from mlops_ci.runtime.answers import split
from mlops_ci.runtime.decoding import BODY_LIMIT, Rows
from mlops_ci.runtime.handlers import Handler
from mlops_ci.runtime.media import CSV, JSON, Refused, is_json_lines

QUEUE_LIMIT = 1000
"""Requests that may wait; a further one is told to come again."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer without its framing."""

    status: int
    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class _Asked:
    body: bytes
    content_header: str
    accept_header: str
    future: asyncio.Future[Reply]


@dataclass(frozen=True, slots=True)
class _Ready:
    rows: Rows
    media: str
    wanted: str
    future: asyncio.Future[Reply]

    @property
    def key(self) -> tuple[str, str]:
        return self.media, self.wanted

    @property
    def joinable(self) -> bool:
        return self.rows.count is not None and (self.media == CSV or is_json_lines(self.media))


class Predictions:
    """Answers in the order asked; `ask` is for the event loop it was made with."""

    def __init__(self, handler: Handler, loop: asyncio.AbstractEventLoop, *, joins: bool) -> None:
        self._handler = handler
        self._loop = loop
        self._queue: SimpleQueue[_Asked] = SimpleQueue()
        self._apart: set[tuple[str, str]] = set()
        self._thread = threading.Thread(target=self._join if joins else self._one_by_one, name="predict", daemon=True)
        self._thread.start()

    def ask(self, body: bytes, content_header: str, accept_header: str) -> asyncio.Future[Reply]:
        """Return the reply to come; it never holds an exception."""
        future = self._loop.create_future()
        if self._queue.qsize() >= QUEUE_LIMIT:
            future.set_result(refusal(Refused(503, f"{QUEUE_LIMIT} requests wait already: try again")))
        else:
            self._queue.put(_Asked(body, content_header, accept_header, future))
        return future

    def _one_by_one(self) -> None:
        handler = self._handler
        while True:
            asked = self._queue.get()
            try:
                reply = Reply(200, *handler.invoke(asked.body, asked.content_header, asked.accept_header))
            except BaseException as problem:
                reply = _problem(problem)
            self._settle([(asked.future, reply)])

    def _join(self) -> None:
        waiting: deque[_Ready] = deque()
        while True:
            asked = [] if waiting else [self._queue.get()]
            waiting.extend(self._prepare([*asked, *_queued(self._queue)]))
            if waiting:
                group, waiting = self._group(waiting)
                self._settle(self._answers(group))

    def _group(self, waiting: deque[_Ready]) -> tuple[list[_Ready], deque[_Ready]]:
        """Return the first that waits with all that can share its call, and the others in their order."""
        first = waiting.popleft()
        group, others, size = [first], deque[_Ready](), len(first.rows.data)
        shares = first.joinable and first.key not in self._apart
        for item in waiting:
            size += len(item.rows.data)
            fits = shares and item.joinable and item.key == first.key and size < BODY_LIMIT
            (group if fits else others).append(item)
        return group, others

    def _prepare(self, asked: Iterable[_Asked]) -> list[_Ready]:
        ready, refused = [], []
        for item in asked:
            try:
                media, wanted = self._handler.media(item.content_header, item.accept_header)
                ready.append(_Ready(self._handler.rows(item.body, media), media, wanted, item.future))
            except BaseException as problem:
                refused.append((item.future, _problem(problem)))
        self._settle(refused)
        return ready

    def _answers(self, group: list[_Ready]) -> list[tuple[asyncio.Future[Reply], Reply]]:
        if len(group) > 1:
            joined = self._joined(group)
            if joined is not None:
                return [(item.future, reply) for item, reply in zip(group, joined, strict=True)]
        return [(item.future, self._single(item)) for item in group]

    def _joined(self, group: list[_Ready]) -> list[Reply] | None:
        """Return one reply a request; None where one call cannot answer them all."""
        first, counts = group[0], [item.rows.count or 0 for item in group]
        rows = Rows("\n".join(str(item.rows.data) for item in group), sum(counts))
        try:
            body, kind = self._handler.answer(rows, first.media, first.wanted)
        except BaseException:
            return None  # each gets its own call, and the one at fault its own traceback
        parts = split(body, kind, counts)
        if parts is None:
            self._apart.add(first.key)
            print(
                f"batching: an answer to {sum(counts)} rows does not hold {sum(counts)} values; "
                f"from here on each {first.media} request gets its own call",
                flush=True,
            )
            return None
        return [Reply(200, part, kind) for part in parts]

    def _single(self, item: _Ready) -> Reply:
        try:
            return Reply(200, *self._handler.answer(item.rows, item.media, item.wanted))
        except BaseException as problem:
            return _problem(problem)

    def _settle(self, replies: list[tuple[asyncio.Future[Reply], Reply]]) -> None:
        if replies:
            self._loop.call_soon_threadsafe(_set, replies)


def refusal(problem: Refused) -> Reply:
    """Return the 4xx (or 503) that a refusal becomes."""
    return Reply(problem.status, json.dumps(problem.about, default=str).encode(), JSON)


def _queued(queue: SimpleQueue[_Asked]) -> list[_Asked]:
    found = []
    try:
        while True:
            found.append(queue.get_nowait())
    except Empty:
        return found


def _set(replies: list[tuple[asyncio.Future[Reply], Reply]]) -> None:
    for future, reply in replies:
        if not future.done():
            future.set_result(reply)


def _problem(problem: BaseException) -> Reply:
    """Return a refusal's 4xx, or the 500 of an exception in user code, whose traceback goes to the log under an id.

    SystemExit and the like are exceptions of user code too: none may end the thread.
    """
    if isinstance(problem, Refused):
        return refusal(problem)
    name = os.urandom(6).hex()
    trace = "".join(traceback.format_exception(problem))
    print(f"error {name}: exception in the serving code\n{trace}", end="", flush=True)
    about = {"error": "the serving code raised an exception; the endpoint's log has its traceback", "id": name}
    return Reply(500, json.dumps(about).encode(), JSON)
