"""Estates that are kept between measurements: thousands of models take minutes to make."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from bench.estate.history import environment
from bench.estate.making import Size, make


def kept(top: Path, size: Size) -> Path:
    """Return the estate of that size below `top`; one in which today's product finds work is made anew.

    Raises:
        RuntimeError: the product finds work in one that was just made.

    """
    folder = top / f"models-{size.models}-records-{size.records}-versions-{size.versions}"
    if folder.exists() and not _is_settled(folder):
        shutil.rmtree(folder)
    if not folder.exists():
        making = folder.with_name(f"{folder.name}.making")
        shutil.rmtree(making, ignore_errors=True)
        print(f"making {folder.name} ...", file=sys.stderr, flush=True)
        make(making, size)
        making.rename(folder)
        if not _is_settled(folder):
            raise RuntimeError(f"`plan` finds work in {folder}")
    return folder


def _is_settled(folder: Path) -> bool:
    command = [sys.executable, "-m", "mlops_ci", "-C", str(folder), "plan", "--detailed-exitcode"]
    return subprocess.run(command, env=environment(), capture_output=True, check=False).returncode == 0


def forget(folder: Path) -> None:
    """Delete all that was derived below `.mlops-ci`: the store, jobs and endpoints alone stay."""
    for place in (folder / ".mlops-ci").iterdir():
        if place.name not in {"store", "jobs", "endpoints"}:
            shutil.rmtree(place) if place.is_dir() else place.unlink()
