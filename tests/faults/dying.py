"""The command line in a process that dies, or is told no, at a boundary: `python dying.py AT DO WHEN LOG ARGUMENTS...`.

A boundary is a moment at which the world is about to change: a file or folder gets its name, or a process is started
that changes something. The interpreter announces each to its audit hooks before it happens, so nothing of the product
is replaced. AT counts from 1 (0: never), or is a piece of text: the first boundary that has it. DO is `us`, `group` or
`runner` (who is killed), or the name of an `errno` that the operating system answers with. WHEN is `before`, or
`after`: a moment later, while it happens or has happened; or `always`: at each such boundary.
LOG gets a line a boundary.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

READS = {"rev-parse", "symbolic-ref", "ls-files", "config", "cat-file", "ls-tree", "status", "version", "var", "log",
         "diff", "merge-base", "for-each-ref", "rev-list", "diff-tree"}  # fmt: skip
MOMENT = 0.004
"""Seconds between a boundary and a death after it."""


def boundary(event: str, arguments: tuple[object, ...]) -> str:
    """Return what is about to change, or an empty string where an event changes nothing that lasts."""
    if event in {"os.link", "os.rename"}:
        return f"{event} {arguments[1]}"
    if event == "subprocess.Popen" and isinstance(arguments[1], list):
        words = [str(word) for word in arguments[1]]
        if not words[0].endswith("git"):
            return f"start {' '.join(words)}"
        verb = next((w for at, w in enumerate(words[1:], 1) if not w.startswith("-") and words[at - 1] != "-c"), "")
        return "" if verb in READS else f"git {' '.join(words[1:])}"
    return ""


def runners(folder: str) -> list[int]:
    """Return the processes that run jobs below a project's folder, as the jobs' own folders say."""
    places = (place for place in Path(folder).glob(".mlops-ci/jobs/*/runner.json"))
    return [json.loads(place.read_bytes())["pid"] for place in places if not place.with_name("exit.json").exists()]


def watch(at: str, do: str, when: str, log: Path, folder: str) -> None:
    """Have this process meet its fate at the boundary of that number."""
    count, is_done, lock, inside = 0, False, threading.Lock(), threading.local()

    def strike() -> None:
        match do:
            case "us":
                os.kill(os.getpid(), signal.SIGKILL)
            case "group":
                os.killpg(0, signal.SIGKILL)
            case _:
                for pid in runners(folder):
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)

    def later() -> None:
        time.sleep(MOMENT)
        strike()

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count, is_done
        if getattr(inside, "hook", False) or not (what := boundary(event, arguments)):
            return
        inside.hook = True
        try:
            with lock:
                count += 1
                mine = (when == "always" or not is_done) and (count == int(at) if at.isdecimal() else at in what)
                is_done = is_done or mine
                with log.open("a") as lines:
                    lines.write(what + "\n")
            if mine and do in errno.errorcode.values():
                number = getattr(errno, do)
                raise OSError(number, os.strerror(number), str(arguments[1]))
            if mine and when == "before":
                strike()
            elif mine:
                threading.Thread(target=later, daemon=True).start()
        finally:
            inside.hook = False

    sys.addaudithook(hook)


if __name__ == "__main__":
    from mlops_ci.cli.main import main

    given = sys.argv[1:]
    watch(given[0], given[1], given[2], Path(given[3]), given[5])
    sys.exit(main(given[4:]))
