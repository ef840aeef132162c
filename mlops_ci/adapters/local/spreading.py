"""The same work on many items, on every core: children of this process that see what it has read.

None of them outlives the call: where it ends with an exception, an interrupt among them, they are ended. Where this
process is killed, they end when they have nobody to answer to.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
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
    children: list[_Child] = []
    found: list[Any] = [None] * len(items)
    try:
        with _uninterrupted():  # a child that is forked is a child that is known
            for at in range(1, count):
                children.append(_forked(work, items[at::count]))  # noqa: PERF401 - those before one that fails, too
        found[0::count] = [work(item) for item in items[0::count]]
        answers = [child.answer() for child in children]
    finally:
        for child in children:
            child.end()
    for at, answer in enumerate(answers, 1):
        # A child that was killed said nothing: its share is done here.
        found[at::count] = [work(item) for item in items[at::count]] if answer is None else _opened(answer)
    return found


@dataclass(slots=True)
class _Child:
    pid: int
    reading: int

    def answer(self) -> bytes | None:
        """Return what the child says, when it has ended; None where it was killed."""
        with os.fdopen(self.reading, "rb", closefd=False) as stream:
            said = stream.read()
        pid, self.pid = self.pid, 0
        return said if os.waitpid(pid, 0)[1] == 0 else None

    def end(self) -> None:
        """End a child that has not answered, and let go of its pipe."""
        os.close(self.reading)
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(self.pid, 0)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Have Ctrl-C, and a request to end, come at the end."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _forked(work: Callable[[Item], Result], items: Sequence[Item]) -> _Child:
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return _Child(child, reading)
    code = 1
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)  # nothing here is worth a last word
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))
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


def _opened(answer: bytes) -> list[Any]:
    """Return a child's results; the bytes are those of a process of our own, through a pipe that nobody else has."""
    results, error = pickle.loads(answer)  # noqa: S301
    if error is not None:
        raise error
    found: list[Any] = results
    return found
