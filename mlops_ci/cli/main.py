"""The command line: a verb is found, performed, and its errors are told in the house's words."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event
from types import FrameType

from mlops_ci import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code of the verb that was asked for."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        signal.signal(signal.SIGTERM, _interrupt)
        _make_writable()
        code = _perform(given)
        sys.stdout.flush()
    except KeyboardInterrupt:  # also while our own modules are being read
        _tell("error[interrupted]: stopped\nhint: type the command again to go on where it stopped\n")
        return 130
    except BrokenPipeError:  # nobody reads on: `mlops-ci --help | head -1`
        _let_go()
        return 0
    except OSError as error:  # the machine's own no, where no adapter stood between it and us
        return _refused(error)
    return code


def _perform(given: Sequence[str]) -> int:
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
    if getattr(parsed, "junit", None):
        from mlops_ci.cli.reporting import reported

        return guarded(lambda: reported(session, _verb(parsed.verb)), colored=session.ink(session.err) is Ink.COLOR)
    return guarded(lambda: _verb(parsed.verb)(session), colored=session.ink(session.err) is Ink.COLOR)


def _make_writable() -> None:
    """Have two streams that take any text: closed ones lead nowhere, and what an encoding lacks is escaped."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - open until the end
        elif isinstance(stream, io.TextIOWrapper):
            with suppress(OSError):  # a pipe in the place of a file that was there at the start
                stream.reconfigure(errors="backslashreplace")
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from mlops_ci.cli.unheard import Unheard

        sys.stderr = Unheard(sys.stderr)


def _tell(text: str) -> None:
    """Print on stderr; where nobody reads it the exit code still says it."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except BrokenPipeError:
        _let_go(2)


def _let_go(stream: int = 1) -> None:
    """Lead stdout, or another stream, nowhere, so that the interpreter's last flush fails no more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Treat a request to end like Ctrl-C: jobs are ended, and the next run continues."""
    raise KeyboardInterrupt


def guarded(perform: Callable[[], int], *, colored: bool) -> int:
    """Return the exit code of a verb, its errors told on stderr; a bug alone shows a traceback."""
    from mlops_ci.errors import ManifestError, MlopsError

    code = 0
    try:
        code = perform()
        sys.stdout.flush()
    except ManifestError as error:
        from mlops_ci.views.diagnostics import ANSI, PLAIN, render, tally

        _tell(render(error.diagnostics, style=ANSI if colored else PLAIN))
        if len(error.diagnostics) > 1:
            _tell(f"\n{tally(error.diagnostics)}\n")
        if len(error.diagnostics) > 1 or not error.diagnostics[-1].hint:  # each failure ends with what to type next
            _tell("hint: mend what is named, then type `mlops-ci validate`\n")
        return error.exit_code
    except MlopsError as error:
        lines = [f"error[{error.code}]: {error.summary}"]
        lines += [f"  {line}" for line in error.detail.splitlines()[-30:]]
        lines.append(f"hint: {error.hint or 'mlops-ci doctor'}")
        _tell("\n".join(lines) + "\n")
        return error.exit_code
    except BrokenPipeError:  # nobody reads on, which changes nothing of what the verb found
        _let_go()
    except OSError:
        raise
    except Exception:  # noqa: BLE001 - the last resort: anything else is a bug, and says so
        return _bug()

    return code


def _refused(error: OSError) -> int:
    """Return 69 for what a machine may refuse any program, told with the file's name; another error is a bug."""
    from mlops_ci.errors import REFUSALS

    if error.errno not in REFUSALS:
        return _bug()
    where = f" `{error.filename}`" if error.filename else ""
    _let_go()  # where the disk took nothing, the last flush would fail too
    _tell(f"error[provider-failed]: this machine says no{where}: {error.strerror}\nhint: mlops-ci doctor\n")
    return 69


def _bug() -> int:
    """Return 70, having shown the traceback of what is handled."""
    import traceback

    traceback.print_exc()
    _tell("error[bug]: this is a bug of mlops-ci; the traceback above tells where\n")
    _tell("hint: mlops-ci doctor, and report both\n")
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
    "train": "training", "evaluate": "working", "promote": "working", "run": "working",
    "deploy": "working", "test": "working", "gate": "working",
    "approve": "deciding", "rollback": "deciding", "release": "deciding", "destroy": "deciding",
    "store": "storing", "testing": "testing", "batch": "batching", "image": "imaging", "notebook": "noting",
    "data": "pinning", "ci": "integrating", "comment": "commenting",
}  # fmt: skip
