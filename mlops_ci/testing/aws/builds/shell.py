"""The one shell of a build: its variables and its folder carry over from command to command."""

from __future__ import annotations

import os
import queue
import shlex
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

_LOOK = 0.05
"""Seconds between two looks at whether somebody wants the build to end."""


class Ended(Exception):  # noqa: N818 - named after what happened
    """The build was stopped, or its time is over. `status` is STOPPED or TIMED_OUT."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class Shell:
    """A shell that runs. What is printed goes to `tell`, line by line; `check` raises Ended where it must end.

    A command that leaves the shell (`exit 1`) fails, and the next one finds variables and folder as that left them.
    """

    def __init__(
        self,
        program: str,
        folder: Path,
        cwd: Path,
        environment: Mapping[str, str],
        *,
        tell: Callable[[str], None],
        check: Callable[[], None],
    ) -> None:
        self._program = program
        self._folder = folder
        self._state = folder / "state.sh"
        self._environment = dict(environment)
        self._tell = tell
        self._check = check
        self._mark = f"::{uuid.uuid4().hex}::"
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        self._process: subprocess.Popen[bytes] | None = None
        self._count = 0
        self._cwd = folder / "cwd"
        self._state.write_text("")
        self._cwd.write_text(f"{cwd}\n")

    def run(self, command: str) -> int:
        """Return a command's exit code."""
        process = self._running()
        self._count += 1
        script = self._folder / f"command-{self._count}.sh"
        script.write_text(command + "\n")
        line = f". {shlex.quote(str(script))} </dev/null; printf '%s%s\\n' '{self._mark}' \"$?\"\n"
        with suppress(BrokenPipeError):
            _pipe(process.stdin).write(line.encode())
            _pipe(process.stdin).flush()
        return self._code(process)

    def set(self, name: str, value: str) -> None:
        """Give a variable a value for all commands to come."""
        self.run(f"export {name}={shlex.quote(value)}")

    def value(self, name: str) -> str:
        """Return a variable's value, empty where it has none."""
        target = self._folder / "value"
        self.run(f"printf '%s' \"${{{name}:-}}\" >{shlex.quote(str(target))}")
        return target.read_text() if target.exists() else ""

    def close(self) -> None:
        """End the shell and all that came out of it."""
        process = self._process
        self._process = None
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        _pipe(process.stdin).close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        self._lines = queue.Queue()
        process = subprocess.Popen(
            [self._program],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        threading.Thread(target=_read, args=(_pipe(process.stdout), self._lines), daemon=True).start()
        # what a shell that is left had, the next one starts with
        leave = f'trap \'c=$?; export -p >"{self._state}"; pwd >"{self._cwd}"; exit $c\' EXIT'
        _pipe(process.stdin).write(f'. "{self._state}"; cd "$(cat "{self._cwd}")"; {leave}\n'.encode())
        self._process = process
        return process

    def _code(self, process: subprocess.Popen[bytes]) -> int:
        while True:
            try:
                line = self._lines.get(timeout=_LOOK)
            except queue.Empty:
                self._look()
                if process.poll() is None:
                    continue
                line = self._rest()
            if line is None:
                return self._waited(process)
            printed, marked, code = line.decode(errors="replace").rstrip("\r\n").partition(self._mark)
            if printed or not marked:
                self._tell(printed)
            if marked:
                return int(code)
            self._look()

    def _waited(self, process: subprocess.Popen[bytes]) -> int:
        while (code := process.poll()) is None:
            self._look()
            time.sleep(_LOOK)
        return code

    def _rest(self) -> bytes | None:
        """Return what the shell's last words were, waiting no longer than it takes to read them."""
        with suppress(queue.Empty):
            return self._lines.get(timeout=1)  # a process that it left behind may keep the pipe open
        return None

    def _look(self) -> None:
        try:
            self._check()
        except Ended:
            self.close()
            raise


def _read(stream: IO[bytes], lines: queue.Queue[bytes | None]) -> None:
    with stream:
        for line in stream:
            lines.put(line)
    lines.put(None)


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise AssertionError("the shell was started with pipes")
    return stream
