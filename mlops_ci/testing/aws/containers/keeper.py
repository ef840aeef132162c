"""Keeps a serving container: `python -m mlops_ci.testing.aws.containers.keeper FOLDER`.

It gives the container its own /opt/ml, listens, says where on its first line, and has workers answer there; one that
dies is started again. Told `stop` it has them answer what is under way. When its standard input ends without that, its
starter died: it leaves at once. Either way it takes everything with it that ever came out of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlops_ci.runtime.control import Target, Timings
from mlops_ci.runtime.fleet import Fleet
from mlops_ci.runtime.identity import is_alive
from mlops_ci.runtime.listening import HOST, listen, port_of
from mlops_ci.runtime.namespace import enter
from mlops_ci.runtime.processes import adopt_orphans, descendants
from mlops_ci.runtime.workerprocess import NotUp

OPT_ML = Path("/opt/ml")

STOP = "stop"
"""What is said on standard input."""


def main(arguments: list[str]) -> int:
    """Return 0 when told to leave, 1 when the container could not be kept up."""
    folder = Path(arguments[0])
    about = json.loads((folder / "container.json").read_bytes())
    adopt_orphans()
    reason = enter(folder / "ml")
    root = folder / "ml" if reason else OPT_ML
    with (folder / "log").open("ab", buffering=0) as log:
        note = f", but no /opt/ml of its own ({reason})" if reason else ""

        def write(block: bytes) -> None:
            log.write(block)

        write(f"mlops-ci: no image is pulled here: `{about['python']}` serves{note}\n".encode())
        code = asyncio.run(_keep(_target(about, root), write))
    _kill_descendants()
    return code


def _target(about: dict[str, Any], root: Path) -> Target:
    placed = {name: value.replace(str(OPT_ML), str(root)) for name, value in about["environment"].items()}
    workers = placed.get("SAGEMAKER_MODEL_SERVER_WORKERS", "")
    return Target(
        version=0,
        name="container",
        package="",
        folder=str(root),
        python=about["python"],
        workers=int(workers) if workers.isdecimal() and int(workers) else 1,
        joins=False,
        port=0,
        environment=tuple(sorted(placed.items())),
        server=about["server"],
    )


async def _keep(target: Target, write: Callable[[bytes], None]) -> int:
    leaving: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), _heard, leaving)
    listener = listen(0)
    sys.stdout.write(f"{HOST}:{port_of(listener)}\n")
    sys.stdout.flush()

    def changed() -> None:
        if fleet.failure and not leaving.done():
            leaving.set_result(fleet.failure)

    fleet = Fleet(target, listener, Timings(), write, changed)
    starting = asyncio.create_task(_start(fleet))
    waited: set[asyncio.Future[Any]] = {starting, leaving}
    await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        return 0
    try:
        starting.result()
    except NotUp as problem:
        write(f"mlops-ci: the container did not come up: {problem}\n".encode())
        return 1
    why = await leaving
    if why == STOP:
        await _leave(fleet)
    elif fleet.failure:
        write(f"mlops-ci: {fleet.failure}\n".encode())
    return 1 if fleet.failure else 0


async def _start(fleet: Fleet) -> None:
    await fleet.start()
    await fleet.serve()


async def _leave(fleet: Fleet) -> None:
    """Have the workers end, and with the last of them whatever they started: it may hold their output open."""
    members = fleet.members
    leaving = asyncio.create_task(fleet.leave(patience=0))
    while not leaving.done():
        await asyncio.wait({leaving}, timeout=0.05)
        if not any(is_alive(who) for who in members):
            _kill_descendants()
    await leaving


def _heard(leaving: asyncio.Future[str]) -> None:
    told = os.read(sys.stdin.fileno(), 64)
    asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
    if not leaving.done():
        leaving.set_result(STOP if told else "")


def _kill_descendants(patience: float = 5.0) -> None:
    until = time.monotonic() + patience
    while (found := descendants(os.getpid())) and time.monotonic() < until:
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.005)


if __name__ == "__main__":
    end = main(sys.argv[1:])
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    os._exit(end)
