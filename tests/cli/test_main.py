"""What a command answers with: exit codes, and words on stderr."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import mlops_ci.cli.main as cli
from mlops_ci.cli.main import _MODULES, _verb, guarded, main
from mlops_ci.cli.parser import make_parser
from mlops_ci.diagnostics import Diagnostic, Span
from mlops_ci.errors import (
    InputsMoved,
    IntegrityError,
    Interrupted,
    ManifestError,
    MlopsError,
    ProviderError,
    TryAgain,
    UsageError,
)


def raising(error: BaseException) -> Callable[[], int]:
    def perform() -> int:
        raise error

    return perform


@pytest.mark.parametrize(
    ("error", "code", "word"),
    [
        (UsageError("there is no such model", hint="mlops-ci status"), 64, "error[usage]"),
        (ProviderError("the disk is full", hint="make room"), 69, "error[provider-failed]"),
        (IntegrityError("a byte changed", hint="fetch it again"), 69, "error[damaged]"),
        (TryAgain("somebody was faster", hint="again"), 75, "error[try-again]"),
        (InputsMoved("a file changed", hint="again"), 75, "error[inputs-moved]"),
        (Interrupted("stopped", hint="again"), 130, "error[interrupted]"),
    ],
)
def test_an_error_is_told_with_its_code_its_hint_and_its_exit_code(
    error: MlopsError, code: int, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(raising(error), colored=False) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"{word}: {error.summary}\n")
    assert f"hint: {error.hint}\n" in said.err
    assert "Traceback" not in said.err


def test_every_problem_of_a_manifest_is_told_at_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    found = tuple(Diagnostic("unknown-key", Span(f"{name}.yaml"), f"{name} is wrong") for name in ("a", "b"))
    assert guarded(raising(ManifestError(found)), colored=False) == 65
    said = capsys.readouterr().err
    assert "a.yaml" in said
    assert "b.yaml" in said


def test_ctrl_c_is_130_and_no_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # pytest's own handlers stay
    monkeypatch.setattr(cli, "_perform", lambda _: raising(KeyboardInterrupt())())
    assert cli.main(["plan"]) == 130
    assert "type the command again" in capsys.readouterr().err


def test_anything_else_is_a_bug_with_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(raising(ZeroDivisionError("by nothing")), colored=False) == 70
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert "ZeroDivisionError" in said
    assert "error[bug]" in said


def test_every_verb_of_the_grammar_has_its_function() -> None:
    (actions,) = [action for action in make_parser()._actions if action.dest == "verb"]
    verbs = set(actions.choices or ())
    assert verbs == set(_MODULES)
    assert all(callable(_verb(name)) for name in verbs)


def test_outside_of_a_project_it_says_how_to_begin_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-C", str(tmp_path), "plan"]) == 65
    assert "mlops-ci init" in capsys.readouterr().err


SHUT = """
import os, sys
reader, writer = os.pipe()
os.close(reader)
os.dup2(writer, 1)
from mlops_ci.cli.main import main
sys.exit(main(sys.argv[1:]))
"""

LATE = """
import argparse, os, sys
from pathlib import Path
from threading import Event
from mlops_ci.cli.main import guarded
from mlops_ci.cli.session import Session
reader, writer = os.pipe()
os.close(reader)
os.dup2(writer, 1)
session = Session(argparse.Namespace(quiet=False), os.environ, Path(), sys.stdout, sys.stderr, Event())

def perform():
    session.say("data")
    session.out.write("more, not yet flushed")
    return 1

sys.exit(guarded(perform, colored=False))
"""


@pytest.mark.parametrize(("script", "code"), [(SHUT, 0), (LATE, 1)])
def test_a_reader_that_went_away_changes_no_exit_code_and_is_no_noise(tmp_path: Path, script: str, code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", script, "-C", str(tmp_path), "doctor"],
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False,
        env={**os.environ, "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org"},
    )  # fmt: skip
    assert done.stderr == ""
    assert done.returncode == code
