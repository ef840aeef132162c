"""The workers that serve one package: started together, watched, drained together."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

from mlops_ci.runtime.control import Target, Timings
from mlops_ci.runtime.identity import Identity
from mlops_ci.runtime.package import read
from mlops_ci.runtime.workerprocess import NotUp, Worker, Write, died

ATTEMPTS = 3
"""Times a worker may die silently while it comes up."""

QUICK = 10.0
"""Seconds: a worker that dies younger than this died immediately."""

QUICK_DEATHS = 5
"""Immediate deaths in a row after which nobody tries again."""

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
"""Set to 1 unless the package says otherwise: a request is a row or a few, and threads that wait for each other cost
more than they bring. Histogram boosting, a row a request, two shared cores: 1,000 a second with one, 90 with two."""


class Fleet:
    """The workers of one target. `on_change` is called when their number or their `failure` changes."""

    def __init__(
        self, target: Target, listener: socket.socket, timings: Timings, write: Write, on_change: Callable[[], None]
    ) -> None:
        self.target = target
        self.failure = ""
        self.workers: list[Worker] = []
        self.doors_closed = asyncio.Event()
        self.listener = listener
        self._timings = timings
        self._write = write
        self._on_change = on_change
        self._is_leaving = False
        self._watchers: list[asyncio.Task[None]] = []
        self._deaths = 0

    @property
    def members(self) -> tuple[Identity, ...]:
        """Return who the workers are."""
        return tuple(worker.who for worker in self.workers if worker.who is not None)

    async def start(self) -> None:
        """Bring every worker up and warm, without accepting yet.

        Raises:
            NotUp: one of them did not; by then all have ended.

        """
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self.target.workers):
                    group.create_task(self._bring_up())
        except BaseExceptionGroup as several:
            await self.leave(patience=0)
            problem = several.exceptions[0]
            raise problem if isinstance(problem, NotUp) else several from several
        except asyncio.CancelledError:
            await self.leave(patience=0)
            raise

    async def serve(self) -> None:
        """Have every worker accept, and watch over them.

        Raises:
            NotUp: one of them died meanwhile.

        """
        for worker in self.workers:
            worker.order(b"serve")
        for worker in self.workers:
            await worker.expect("serving", within=30.0)
        self._watchers = [asyncio.create_task(self._watch(worker)) for worker in self.workers]

    async def leave(self, *, patience: float | None = None) -> None:
        """Drain: no worker accepts any more, what is under way is answered; `patience` 0 closes silent connections.

        `doors_closed` is set as soon as new connections meet others alone.
        """
        self._is_leaving = True
        for watcher in self._watchers:
            watcher.cancel()
        for worker in self.workers:
            if patience == 0:
                worker.order(b"stop")
            worker.signal(signal.SIGTERM)
        for worker in tuple(self.workers):
            with contextlib.suppress(NotUp):  # one that is gone accepts nothing either
                await worker.expect("closed", within=5.0)
        self.doors_closed.set()
        await asyncio.gather(*(worker.ended(self._timings.drain_limit) for worker in self.workers))
        self.workers.clear()

    async def _bring_up(self) -> Worker:
        for attempt in range(1, ATTEMPTS + 1):
            worker = await self._spawn()
            self.workers.append(worker)
            try:
                await worker.expect("ready", within=self._timings.start)
            except NotUp as problem:
                self.workers.remove(worker)
                worker.signal(signal.SIGKILL)
                await worker.ended(5.0)
                if problem.final or attempt == ATTEMPTS:
                    raise
                await asyncio.sleep(0.1 * 2**attempt)
            else:
                return worker
        raise AssertionError

    async def _spawn(self) -> Worker:
        target, (ours, theirs) = self.target, socket.socketpair()
        ours.setblocking(False)
        command = [target.python, "-P", "-u", "-m", "mlops_ci.runtime.worker", "--package", target.folder]
        command += ["--listen", str(self.listener.fileno()), "--control", str(theirs.fileno())]
        command += ["--version", target.name, "--drain", str(self._timings.drain)]
        command += ["--joins"] if target.joins else []
        try:
            environment = self._environment()
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                pass_fds=(self.listener.fileno(), theirs.fileno()),
                env=environment,
                process_group=0,
            )
        except (OSError, ValueError) as cause:
            ours.close()
            raise NotUp(f"no worker could be started: {cause}", final=True) from cause
        except Exception as cause:
            ours.close()
            raise NotUp(str(cause), final=True) from cause
        finally:
            theirs.close()
        return Worker(process, ours, self._write)

    def _environment(self) -> dict[str, str]:
        """Return what a worker sees: ours, its share of the cores, one thread a prediction, the package's own."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        share = max(1, cores // self.target.workers)
        own = dict(read(Path(self.target.folder)).environment)
        threads = {**dict.fromkeys(THREADS, "1"), "SM_NUM_CPUS": str(share), **own}
        said = f"{cores} cores, {self.target.workers} workers, OMP_NUM_THREADS={threads[THREADS[0]]}"
        self._write(f"{self.target.name}: {said} (`serving.environment` sets it)\n".encode())
        return {**dict(self.target.environment), **threads}

    async def _watch(self, worker: Worker) -> None:
        while not self._is_leaving:
            status = await worker.process.wait()
            self.workers.remove(worker)
            worker.signal(signal.SIGKILL)  # what user code started in its group must not live on
            await worker.ended(1.0)
            self._deaths = self._deaths + 1 if worker.age < QUICK else 1
            reason = f"a worker {died(status)} after {worker.age:.1f} s"
            self._write(f"{self.target.name}: {reason}, death {self._deaths}\n".encode())
            if self._deaths >= QUICK_DEATHS:
                self._give_up(f"{reason}, {self._deaths} times in a row")
                return
            self._on_change()
            await asyncio.sleep(0 if self._deaths == 1 else 0.1 * 2**self._deaths)
            try:
                worker = await self._bring_up()
            except NotUp as problem:
                self._give_up(f"{reason} and did not come up again: {problem}")
                return
            worker.order(b"serve")  # should it die before it does, that is its next death
            self._on_change()

    def _give_up(self, failure: str) -> None:
        self.failure = failure
        self._on_change()
