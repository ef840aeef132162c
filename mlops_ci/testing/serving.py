"""A loopback that serves until somebody ends it: its folder, its variables, its exit codes."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType


@dataclass(frozen=True, slots=True)
class Served:
    """What serves now: the variables that lead there, and a line for people."""

    variables: Mapping[str, str]
    told: str


def grammar(name: str) -> argparse.ArgumentParser:
    """Return the grammar that all loopbacks share; `name` is what follows `mlops-ci testing`."""
    parser = argparse.ArgumentParser(prog=f"mlops-ci testing {name}", allow_abbrev=False)
    parser.add_argument("action", choices=["start"], help="serve until Ctrl-C")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="the port (default: a free one)")
    parser.add_argument("--root", type=Path, metavar="DIR", help="where its files are (default: a folder that goes)")
    return parser


def given(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace | int:
    """Return the options, or the exit code of a command line that asks for no server: 64 for a wrong word."""
    try:
        return parser.parse_args(arguments)
    except SystemExit as end:
        return 64 if end.code else 0


def serve(what: str, asked: Path | None, start: Callable[[Path], AbstractContextManager[Served]]) -> int:
    """Return 0 when it was told to end, 69 where it cannot start; `asked` is its folder, else one that goes.

    The variables are printed on stdout as a shell reads them, the line for people on stderr.
    """
    signal.signal(signal.SIGTERM, _end)
    try:
        with _root(asked) as root, start(root) as served:
            for name, value in served.variables.items():
                sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
            sys.stdout.flush()
            sys.stderr.write(f"{served.told}; Ctrl-C ends it\n")
            signal.pause()
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        sys.stderr.write(f"error[provider-failed]: {what} cannot start: {error}\nhint: another `--port`\n")
        return 69
    return 0


@contextmanager
def _root(asked: Path | None) -> Iterator[Path]:
    if asked is not None:
        asked.mkdir(parents=True, exist_ok=True)
        yield asked.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="mlops-ci-loopback-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
