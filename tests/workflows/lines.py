"""The lines that CI systems run: read out of workflows, actions and buildspecs, and held to our own parser.

A file of a CI system holds no logic: a line is one command, its values come through variables, quoted, and what it
calls is a verb with flags that exist.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mlops_ci.cli.parser import parse

GIVEN = frozenset(("RUNNER_TEMP", "GITHUB_ACTION_PATH", "GITHUB_WORKSPACE", "CODEBUILD_SRC_DIR"))
"""Variables that a CI system sets."""

SAMPLES: Mapping[str, str] = {"TRAIN": "never", "WAITING": "tiny@v1", "PR": "7"}
"""Values for variables whose place on the line takes no other; each of the rest is its own name."""

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_LOGIC = re.compile(r"[;|&<>`\n]|\$\(|\$\{\{")


@dataclass(frozen=True, slots=True)
class Line:
    """A command at a place in a file, and the variables that the file itself sets for it."""

    place: str
    command: str
    variables: frozenset[str] = frozenset()


def of_workflow(path: Path) -> Iterator[Line]:
    """Yield each `run` of a workflow or of a composite action."""
    file = _read(path)
    jobs = file["jobs"] if "jobs" in file else {"action": file["runs"]}
    for name, job in jobs.items():
        for step in job["steps"]:
            if "run" in step:
                names = {**file.get("env", {}), **job.get("env", {}), **step.get("env", {})}
                yield Line(f"{path.name}: {name}", step["run"], frozenset(names))


def of_buildspec(path: Path) -> Iterator[Line]:
    """Yield each command of a buildspec."""
    file = _read(path)
    environment = file.get("env", {})
    names = frozenset(name for kind in ("variables", "parameter-store", "secrets-manager")
                      for name in environment.get(kind, {}))  # fmt: skip
    for name, phase in file["phases"].items():
        for command in (*phase.get("commands", ()), *phase.get("finally", ())):
            yield Line(f"{path.name}: {name}", command, names)


def _read(path: Path) -> Any:  # noqa: ANN401 - a file of somebody else's format
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def problems(line: Line, besides: Collection[str] = ()) -> Iterator[str]:
    """Yield what is wrong with a line: logic in it, a bare or unknown variable, a verb or a flag that is not there.

    A line that is one of `besides`, to the letter, is let be.
    """
    if line.command in besides:
        return
    outside = re.sub(r'"[^"]*"', '""', line.command)
    if _LOGIC.search(line.command):
        yield f"{line.place}: more than one command: {line.command!r}"
        return
    if _VARIABLE.search(outside):
        yield f"{line.place}: a variable outside of quotes: {line.command!r}"
    used = {first or second for first, second in _VARIABLE.findall(line.command)}
    if unknown := used - line.variables - GIVEN:
        yield f"{line.place}: set nowhere: {sorted(unknown)}"
    match shlex.split(_VARIABLE.sub(lambda found: _sample(found[1] or found[2]), line.command)):
        case ["mlops-ci", "--version"] | ["python" | "python3", "-m", "pip", "install", *_]:
            return
        case ["python", "-P", "-m", "pip", "install", *_]:  # no `pip.py` of the repository is in its place
            return
        case ["mlops-ci", *arguments]:
            if told := _refusal(arguments):
                yield f"{line.place}: {line.command!r}: {told}"
        case _:
            yield f"{line.place}: no verb of ours: {line.command!r}"


def _sample(name: str) -> str:
    return SAMPLES.get(name, name)


def _refusal(arguments: list[str]) -> str:
    """Return what our parser says of these arguments, or nothing where it takes them."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        try:
            parse(arguments)
        except SystemExit:
            return said.getvalue().strip() or "it asks for more"
    return ""
