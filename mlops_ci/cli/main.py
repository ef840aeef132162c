"""The command line: a verb is found, performed, and its errors are told in the house's words."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event
from types import FrameType

from mlops_ci import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code of the verb that was asked for."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given == ["--version"]:  # the one answer that needs no grammar
        sys.stdout.write(f"mlops-ci {__version__}\n")
        return 0
    from mlops_ci.cli.parser import parse

    try:
        parsed = parse(given)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 64
    from mlops_ci.cli.session import Session
    from mlops_ci.views.terminal import Ink

    folder = Path(os.path.abspath(parsed.folder))  # noqa: PTH100 - links stay as they were typed
    session = Session(parsed, os.environ, folder, sys.stdout, sys.stderr, Event())
    signal.signal(signal.SIGTERM, _interrupt)
    return guarded(lambda: _verb(parsed.verb)(session), colored=session.ink(session.err) is Ink.COLOR)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Treat a request to end like Ctrl-C: jobs are ended, and the next run continues."""
    raise KeyboardInterrupt


def guarded(perform: Callable[[], int], *, colored: bool) -> int:
    """Return the exit code of a verb, its errors told on stderr; a bug alone shows a traceback."""
    from mlops_ci.errors import ManifestError, MlopsError

    try:
        return perform()
    except ManifestError as error:
        from mlops_ci.views.diagnostics import ANSI, PLAIN, render, tally

        sys.stderr.write(render(error.diagnostics, style=ANSI if colored else PLAIN))
        if len(error.diagnostics) > 1:
            sys.stderr.write(f"\n{tally(error.diagnostics)}\n")
        return error.exit_code
    except MlopsError as error:
        lines = [f"error[{error.code}]: {error.summary}"]
        lines += [f"  {line}" for line in error.detail.splitlines()[-30:]]
        lines += [f"hint: {error.hint}"] if error.hint else []
        sys.stderr.write("\n".join(lines) + "\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("error[interrupted]: stopped\nhint: type the command again to go on where it stopped\n")
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception:  # noqa: BLE001 - the last resort: anything else is a bug, and says so
        import traceback

        traceback.print_exc()
        sys.stderr.write("error[bug]: this is a bug of mlops-ci; the traceback above tells where\n")
        return 70


def _verb(name: str) -> Callable[..., int]:
    """Return the function of a verb; only its own module is imported."""
    from importlib import import_module

    module = _MODULES[name]
    found: Callable[..., int] = getattr(import_module(f"mlops_ci.cli.{module}"), f"{name}_verb")
    return found


_MODULES = {
    "init": "starting", "doctor": "starting",
    "validate": "reading", "plan": "reading", "leaderboard": "reading", "status": "reading",
    "history": "tracing", "show": "tracing", "logs": "tracing", "pull": "tracing",
    "train": "working", "evaluate": "working", "promote": "working", "run": "working",
    "deploy": "working", "test": "working", "gate": "working",
    "approve": "deciding", "rollback": "deciding", "release": "deciding", "destroy": "deciding",
}  # fmt: skip
