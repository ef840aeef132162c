"""The same work on many items, on every core: children of this process that see what it has read, and end with it."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

WORTH = 24
"""Items for fewer of which a child costs more than it saves."""


def spread(work: Callable[[Item], Result], items: Sequence[Item], *, cores: int) -> list[Result]:
    """Return what `work` gives for each item, in their order; an exception is raised as it would be here.

    Children are forked, since what they work on is in memory already; where that is not safe, everything is done here.
    Must not be called while other threads run.
    """
    count = min(cores, len(items) // (WORTH // 2))
    if count < 2 or len(items) < WORTH or sys.platform != "linux":
        return [work(item) for item in items]
    children = [_fork(work, items[at::count]) for at in range(1, count)]
    found: list[Any] = [None] * len(items)
    try:
        found[0::count] = [work(item) for item in items[0::count]]
    finally:
        answers = [_answer(*child) for child in children]
    for at, answer in enumerate(answers, 1):
        # A child that was killed said nothing: its share is done here.
        found[at::count] = [work(item) for item in items[at::count]] if answer is None else _opened(answer)
    return found


def _fork(work: Callable[[Item], Result], items: Sequence[Item]) -> tuple[int, int]:
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    code = 1
    try:
        os.close(reading)
        try:
            said = pickle.dumps(([work(item) for item in items], None))
        except Exception as error:  # noqa: BLE001 - the parent raises it
            said = pickle.dumps((None, error))
        with os.fdopen(writing, "wb") as stream:
            stream.write(said)
        code = 0
    finally:
        os._exit(code)  # nothing of the parent's is flushed, closed or removed here


def _answer(child: int, reading: int) -> bytes | None:
    with os.fdopen(reading, "rb") as stream:
        said = stream.read()
    _, status = os.waitpid(child, 0)
    return said if status == 0 else None


def _opened(answer: bytes) -> list[Any]:
    """Return a child's results; the bytes are those of a process of our own, through a pipe that nobody else has."""
    results, error = pickle.loads(answer)  # noqa: S301
    if error is not None:
        raise error
    found: list[Any] = results
    return found
