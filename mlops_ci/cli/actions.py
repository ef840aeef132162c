"""What a step of a CI system leaves: outputs for those after it, and in GitHub Actions its summary.

The forms are the runner's (`FileCommandManager.cs`): a line `key=value` in the file that `GITHUB_OUTPUT` names, and
Markdown in the one that `GITHUB_STEP_SUMMARY` names, which is shown up to 1 MiB a step and refused beyond. In
CodeBuild outputs are variables of the shell, which reads the file that `MLOPS_CI_EXPORTS` names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from shlex import quote

SUMMARY_LIMIT = 1024 * 1024
"""Bytes of a step's summary; what is larger is not shown at all."""

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_MORE = "\n\nThe rest does not fit into a summary.\n"


def write_outputs(environment: Mapping[str, str], outputs: Mapping[str, str]) -> None:
    """Append outputs of this step, in their order; for a shell `changes` is `MLOPS_CI_CHANGES`, and quoted.

    Raises:
        ValueError: a key is no name, or a value has more than one line; nothing is written then.

    """
    path = environment.get("GITHUB_OUTPUT", "")
    for key, value in outputs.items():
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is no name of an output")
        if "\n" in value or "\r" in value:
            raise ValueError(f"the output {key!r} has more than one line")
    if path:
        _append(Path(path), "".join(f"{key}={value}\n" for key, value in outputs.items()))
    if shell := environment.get("MLOPS_CI_EXPORTS", ""):
        _append(Path(shell), "".join(f"export {_variable(key)}={quote(value)}\n" for key, value in outputs.items()))


def write_summary(environment: Mapping[str, str], markdown: str) -> None:
    """Append to the summary of this step; what goes beyond the limit is cut at the end of a line, and this is said."""
    path = environment.get("GITHUB_STEP_SUMMARY", "")
    if not path:
        return
    file = Path(path)
    there = file.stat().st_size if file.is_file() else 0
    text = markdown if markdown.endswith("\n") else f"{markdown}\n"
    room = SUMMARY_LIMIT - there - 1
    if len(_bytes(text)) > room:
        start = _bytes(text)[: max(room - len(_bytes(_MORE)), 0)]
        text = start[: start.rfind(b"\n") + 1].decode() + _MORE if start else ""
    _append(file, text)


def is_actions(environment: Mapping[str, str]) -> bool:
    """Return whether a runner of GitHub Actions reads what is printed."""
    return environment.get("GITHUB_ACTIONS") == "true"


def _variable(key: str) -> str:
    return f"MLOPS_CI_{key.upper().replace('-', '_')}"


def _append(file: Path, text: str) -> None:
    with file.open("ab") as out:
        out.write(_bytes(text))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
