"""A serving process: `python -m mlops_ci.runtime.worker --package DIR --listen FD --control FD --version NAME/vN`.

It verifies the package, loads the model, says `ready` on its control socket, and waits. Told `serve`, it accepts on the
listening socket it inherited. SIGTERM, or the end of its supervisor, means drain: accept no more (others share the
socket), answer what is under way, and let keep-alive clients go one by one: each answer says `Connection: close`, and
a connection is only closed when it was silent for `--drain` seconds, so that no request meets a closing door. Told
`stop`, it does the same without that patience.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import os
import socket
import sys
import traceback
from pathlib import Path

from mlops_ci.runtime.draining import loop_factory, serve, tell
from mlops_ci.runtime.handlers import Handler, NoHandlers, load
from mlops_ci.runtime.package import Damaged, verify

SWITCH = 0.0005
"""Seconds after which the predicting thread lets the event loop have the interpreter, if it asks."""


def main(arguments: list[str]) -> int:
    """Return 0 after a drain; 1 where the package does not load, having told why on the control socket."""
    parser = argparse.ArgumentParser(prog="worker")
    parser.add_argument("--package", type=Path, required=True)
    parser.add_argument("--listen", type=int, required=True)
    parser.add_argument("--control", type=int, required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--drain", type=float, default=10.0)
    parser.add_argument("--joins", action="store_true")
    options = parser.parse_args(arguments)
    control = socket.socket(fileno=options.control)
    for descriptor in (options.listen, options.control):
        os.set_inheritable(descriptor, False)  # a process that user code starts shall not keep our port
    handler = _load(options.package, control)
    if handler is None:
        return 1
    tell(control, "ready")
    if control.recv(64) != b"serve\n":
        return 0  # not needed after all, or nobody is left who needs us
    listener = socket.socket(fileno=options.listen)
    sys.setswitchinterval(SWITCH)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(
            serve(handler, listener, control, version=options.version, joins=options.joins, patience=options.drain)
        )
    return 0


def _load(package: Path, control: socket.socket) -> Handler | None:
    try:
        verify(package)
        handler = load(package)
    except (NoHandlers, Damaged) as problem:
        print(f"error: {problem}", flush=True)
        tell(control, "failed", str(problem))
    except BaseException as problem:
        print("".join(traceback.format_exception(problem)), end="", flush=True)
        last = "".join(traceback.format_exception_only(problem)).strip()
        frames = [f for f in traceback.extract_tb(problem.__traceback__) if str(package.resolve()) in f.filename]
        where = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
        tell(control, "failed", last + where)
    else:
        gc.collect()
        gc.freeze()  # the model is here to stay: no collection need walk it again
        return handler
    return None


if __name__ == "__main__":
    code = main(sys.argv[1:])
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    os._exit(code)  # threads that user code left running must not keep a drained worker
