"""Which git processes a command starts: a `git` of ours comes first on its PATH, writes itself down, and hands on."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

_SHIM = """\
#!/bin/sh
printf '%s\\n' "$1" >> "$COUNTED_GIT"
exec "{git}" "$@"
"""


def git_processes(command: tuple[str, ...], folder: Path, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the git verbs that a command asked for, in their order; what git itself starts is not among them.

    Raises:
        RuntimeError: there is no git, or the command failed.

    """
    git = shutil.which("git")
    if git is None:
        raise RuntimeError("git is not installed")
    with tempfile.TemporaryDirectory() as place:
        shim, found = Path(place, "git"), Path(place, "verbs")
        shim.write_text(_SHIM.format(git=git))
        shim.chmod(0o755)
        found.touch()
        path = f"{place}{os.pathsep}{environment.get('PATH', os.defpath)}"
        counted = {**environment, "PATH": path, "COUNTED_GIT": str(found)}
        done = subprocess.run(command, cwd=folder, env=counted, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
        return tuple(found.read_text().split())
