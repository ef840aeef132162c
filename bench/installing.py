"""Virtual environments of their own for what only others need, so that ours stays as users have it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def installed(folder: Path, *names: str) -> Path:
    """Return the interpreter of a virtual environment with these distributions."""
    python = folder / "bin/python"
    if not (folder / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *names], check=True)
        (folder / "ready").touch()
    return python
