"""The command line in a process that is killed at a call of AWS: `python dying.py AT WHEN LOG ARGUMENTS...`.

http.client announces what it sends to the interpreter's audit hooks, so nothing of the product is replaced. AT counts
from 1 the calls that change something (0: never), or is a piece of text: the first such call that has it. WHEN is
`before` it is sent; `sent`, a moment later, while AWS acts on it or has acted; or `answered`: when the answer was read,
and something else is about to be asked. LOG gets a line a call that changes something.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import time
from pathlib import Path

MOMENT = 0.004
"""Seconds between a call and a death while it is acted on."""
_TARGET = re.compile(rb"X-Amz-Target: [\w.]*?(\w+)\r\n", re.IGNORECASE)
_READS = ("Describe", "List", "Get", "Search", "BatchGet")


def call(data: bytes) -> str:
    """Return what a request changes, such as `CreateEndpoint` or `PUT /models/...`; empty where it only reads."""
    line = data.partition(b"\r\n")[0].decode("latin-1")
    if not line.endswith("HTTP/1.1"):
        return ""  # the body of a request whose head was seen
    verb, path, _ = line.split(" ", 2)
    found = _TARGET.search(data)
    if found:
        name = found[1].decode()
        return "" if name.startswith(_READS) else name
    return "" if verb in {"GET", "HEAD"} or path.endswith("/invocations") else f"{verb} {path}"


def watch(at: str, when: str, log: Path) -> None:
    """Have this process be killed at the call of that number."""
    count, is_done, lock = 0, False, threading.Lock()

    def strike() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def later() -> None:
        time.sleep(MOMENT)
        strike()

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count, is_done
        if event != "http.client.send" or not isinstance(arguments[1], bytes):
            return
        with lock:
            if is_done and when == "answered":
                strike()
            if not (what := call(arguments[1])):
                return
            count += 1
            mine = not is_done and (count == int(at) if at.isdecimal() else at in what)
            is_done = is_done or mine
            with log.open("a") as lines:
                lines.write(f"{what}\n")
        if mine and when == "before":
            strike()
        elif mine and when == "sent":
            threading.Thread(target=later, daemon=True).start()

    sys.addaudithook(hook)


if __name__ == "__main__":
    from mlops_ci.cli.main import main

    given = sys.argv[1:]
    watch(given[0], given[1], Path(given[2]))
    sys.exit(main(given[3:]))
