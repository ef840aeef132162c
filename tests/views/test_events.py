"""Events as they are printed."""

from __future__ import annotations

import io
import re
import subprocess
import sys

import pytest

from mlops_ci.executor.events import Outcome, Progress, StepEnded, StepStarted
from mlops_ci.plan.steps import Train
from mlops_ci.views.events import LinePrinter, Volume
from mlops_ci.views.live import LivePrinter
from mlops_ci.views.printer import event_printer
from mlops_ci.views.terminal import Ink

ONE, OTHER = Train("churn", "one"), Train("churn", "other")


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give rich the same terminal wherever the tests run."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def shown(text: str) -> str:
    """Return what stays on a terminal's screen of lines that were cleared and written again."""
    bare = re.sub(r"\x1b\[\?25[lh]|\x1b\[\d*m", "", text)
    kept = [re.split(r"\r|\x1b\[2K|\x1b\[1A", line)[-1].rstrip() for line in bare.split("\n")]
    return "\n".join(line for line in kept if line)


def test_progress_is_told_every_30_seconds_of_each_step() -> None:
    stream = io.StringIO()
    printer = LinePrinter(stream)
    for seconds in range(0, 100, 5):
        printer.show(Progress(ONE, "one", float(seconds)))
    printer.show(Progress(OTHER, "other", 29.0))
    printer.show(Progress(OTHER, "other", 30.0))
    assert stream.getvalue().splitlines() == [
        "  churn/train/one: one (30 s)",
        "  churn/train/one: one (60 s)",
        "  churn/train/one: one (90 s)",
        "  churn/train/other: other (30 s)",
    ]


def test_quiet_says_nothing_of_what_went_well() -> None:
    stream = io.StringIO()
    printer = LinePrinter(stream, volume=Volume.QUIET)
    printer.show(StepStarted(ONE, "training", ""))
    printer.show(Progress(ONE, "going", 300.0))
    printer.show(StepEnded(ONE, Outcome.DONE, "trained", 301.0, lines=("x",)))
    printer.show(StepEnded(OTHER, Outcome.SKIPPED, "nothing to do", 0.0))
    assert stream.getvalue() == ""


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.REFUSED, Outcome.WAITING, Outcome.STOPPED])
def test_an_end_that_is_not_good_is_said_in_a_word_whatever_the_volume(outcome: Outcome) -> None:
    for volume in Volume:
        stream = io.StringIO()
        LinePrinter(stream, volume=volume).show(StepEnded(ONE, outcome, "so", 1.0, ("evidence",), "type this", 1))
        first, *rest = stream.getvalue().splitlines()
        assert f"{outcome.value}: so" in first
        assert rest == ["    evidence", "  hint: type this"]


def test_a_stream_that_cannot_encode_a_glyph_gets_another_one() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    LinePrinter(stream).show(StepEnded(ONE, Outcome.DONE, "trained", 1.0))
    assert raw.getvalue() == b"? churn/train/one: trained (1.0 s)\n"


def test_what_is_no_terminal_gets_plain_lines_and_loads_no_rich() -> None:
    code = (
        "import sys\n"
        "import mlops_ci.views.plan, mlops_ci.views.leaderboard, mlops_ci.views.status, mlops_ci.views.run\n"
        "import mlops_ci.views.history, mlops_ci.views.lineage\n"
        "from mlops_ci.views.printer import event_printer\n"
        "event_printer(sys.stderr)\n"
        "heavy = {'rich', 'git', 'jsonschema', 'yaml', 'numpy', 'sklearn'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_quiet_terminal_does_not_move() -> None:
    assert isinstance(event_printer(Terminal(), volume=Volume.QUIET), LinePrinter)


def test_on_a_terminal_what_ended_stays_and_what_moved_is_gone() -> None:
    stream = Terminal()
    with event_printer(stream) as printer:
        assert isinstance(printer, LivePrinter)
        printer.show(StepStarted(ONE, "training `one` [bold]", ""))
        printer.show(Progress(ONE, "[red]epoch 2", 4.0))
        printer.show(StepEnded(ONE, Outcome.DONE, "trained [red]`one`", 5.0))
        printer.show(StepEnded(OTHER, Outcome.FAILED, "exit code 3", 5.0, ("end of the log",), "mlops-ci logs", 1))
    assert shown(stream.getvalue()).splitlines() == [
        "✓ churn/train/one: trained [red]`one` (5.0 s)",
        "✗ churn/train/other: failed: exit code 3 (5.0 s)",
        "    end of the log",
        "  hint: mlops-ci logs",
    ]
    assert "training" not in stream.getvalue().partition("exit code 3")[2]
    assert stream.getvalue().rstrip().endswith("\x1b[?25h")


def test_a_terminal_gets_colour_only_where_it_is_asked_for() -> None:
    ended = StepEnded(ONE, Outcome.DONE, "trained", 5.0)
    plain, colored = Terminal(), Terminal()
    with event_printer(plain) as printer:
        printer.show(ended)
    with event_printer(colored, ink=Ink.COLOR) as printer:
        printer.show(ended)
    assert "\x1b[3" not in plain.getvalue()
    assert "\x1b[32m" in colored.getvalue()
