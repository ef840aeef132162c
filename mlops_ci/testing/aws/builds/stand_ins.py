"""Commands on a build's PATH in the place of what this machine lacks: `docker`, and `aws` where there is none."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

import mlops_ci

STATE = "MLOPS_CI_STAND_IN"
"""The variable that names the folder in which the stand-ins keep what they built."""


def place(folder: Path) -> dict[str, str]:
    """Make the commands in a folder, and return the variables that a build needs to find them and its Python."""
    names = ["docker"] if shutil.which("aws") else ["docker", "aws"]
    house = Path(mlops_ci.__file__).parent.parent
    commands = folder / "bin"
    commands.mkdir(parents=True)
    for name in names:
        module = f"mlops_ci.testing.aws.builds.{name}_command"
        start = f'exec {shlex.quote(sys.executable)} -P -m {module} "$@"'
        path = commands / name
        path.write_text(f"#!/bin/sh\nPYTHONPATH={shlex.quote(str(house))} {start}\n")
        path.chmod(0o755)
    python = str(Path(sys.executable).parent)
    return {"PATH": os.pathsep.join([str(commands), python, os.environ.get("PATH", os.defpath)]), STATE: str(folder)}
