"""What this machine must have, may have, and has."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from mlops_ci.ports.findings import Finding


def examine(folder: Path, environment: Mapping[str, str]) -> tuple[Finding, ...]:
    """Return every finding about this machine, in a fixed order; nothing is changed."""
    return (*_machine(), *_git(folder, environment), *_jobs(), *_room(folder))


def worst(findings: tuple[Finding, ...]) -> str:
    """Return `failed` where anything failed, else `ok`."""
    return "failed" if any(f.verdict == "failed" for f in findings) else "ok"


def _machine() -> Iterator[Finding]:
    system, release = platform.system(), platform.release()
    if system == "Windows":
        yield Finding("system", "failed", "Windows", "use WSL: wsl --install, and work in its own file system")
    elif "microsoft" in release.lower():
        here = Path.cwd()
        slow = str(here).startswith("/mnt/")
        hint = "a project below /mnt/c is slow and loses file modes; keep it in the Linux home folder" if slow else ""
        yield Finding("system", "note" if slow else "ok", f"Linux in WSL, {release}", hint)
    else:
        yield Finding("system", "ok", f"{system} {release}")
    version = platform.python_version()
    is_new = sys.version_info >= (3, 11)
    yield Finding("python", "ok" if is_new else "failed", version, "" if is_new else "install Python 3.11 or later")
    import yaml

    fast = hasattr(yaml, "CSafeLoader")
    hint = "" if fast else "pip install --force-reinstall --no-binary :none: PyYAML"
    yield Finding("yaml", "ok" if fast else "note", "with libyaml" if fast else "pure Python, five times slower", hint)


def _git(folder: Path, environment: Mapping[str, str]) -> Iterator[Finding]:
    if shutil.which("git") is None:
        yield Finding("git", "failed", "not installed", "install git")
        return
    yield Finding("git", "ok", _said(["git", "--version"], folder, environment).removeprefix("git version "))
    who = _said(["git", "var", "GIT_COMMITTER_IDENT"], folder, environment)
    hint = "git config --global user.name 'Your Name' && git config --global user.email you@example.org"
    yield Finding("identity", "ok" if who else "failed", who.rsplit(" ", 2)[0] or "not known", "" if who else hint)


def _jobs() -> Iterator[Finding]:
    flags = ["-m"] if hasattr(os, "geteuid") and os.geteuid() == 0 else ["-Urm"]
    tool = shutil.which("unshare")
    works = (
        tool is not None and subprocess.run([tool, *flags, "true"], capture_output=True, check=False).returncode == 0
    )
    found = "jobs see their own /opt/ml" if works else "no mount namespaces: jobs find their folders by SM_* alone"
    yield Finding("namespaces", "ok" if works else "note", found)
    engine = next((name for name in ("docker", "podman") if shutil.which(name)), None)
    running = engine is not None and subprocess.run([engine, "info"], capture_output=True, check=False).returncode == 0
    found = f"{engine} answers" if running else "none answers: candidates with `image` cannot run here"
    yield Finding("containers", "ok" if running else "note", found)
    searches = find_spec("optuna") is not None
    found = "optuna chooses hyperparameters" if searches else "no optuna: candidates with `search` can only try a grid"
    yield Finding("search", "ok" if searches else "note", found, "" if searches else "pip install 'mlops-ci[search]'")


def _room(folder: Path) -> Iterator[Finding]:
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(nearest).free / 2**30
    yield Finding("disk", "ok" if free > 1 else "failed", f"{free:.0f} GiB free", "" if free > 1 else "free some space")
    writes = os.access(nearest, os.W_OK)
    yield Finding("folder", "ok" if writes else "failed", str(nearest), "" if writes else "this folder is read-only")


def _said(command: list[str], folder: Path, environment: Mapping[str, str]) -> str:
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    done = subprocess.run(command, cwd=nearest, env=dict(environment), capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
