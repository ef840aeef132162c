"""What others offer for the same work, in projects of the same size, their telemetry and update checks off.

A DVC stage stands for a whole model, so their work is a third of ours. Its lock file and cache are written here as a
real `dvc repro` leaves them (thousands of stages take it twenty minutes), and `dvc status` is asked whether they are.
"""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.estate.history import Commit, add, begin
from bench.installing import installed
from bench.timing import plain_environment

TOP = Path(__file__).resolve().parents[1]
QUIET = {"DVC_NO_ANALYTICS": "true", "ITERATIVE_DO_NOT_TRACK": "1", "GTO_NO_ANALYTICS": "true"}

SCRIPT = """\
import sys

with open(f"models/{sys.argv[1]}/model.json", "w") as out:
    out.write(f"{sys.argv[1]}: 0.45")
"""
CONFIG = "[core]\n    analytics = false\n    check_update = false\n"
FILES = ("data.csv", "fit.py")


@dataclass(frozen=True, slots=True)
class Peers:
    """The programs of DVC and GTO, and the environment that they run in."""

    dvc: str
    gto: str
    environment: dict[str, str]


def peers() -> Peers:
    """Return DVC and GTO, installed where nothing of ours is."""
    programs = installed(TOP / "build/bench-peers", "dvc", "gto").parent
    return Peers(str(programs / "dvc"), str(programs / "gto"), {**plain_environment(), **QUIET})


def dvc_project(folder: Path, stages: int, using: Peers) -> None:
    """Make a DVC project in which every stage is up to date.

    Raises:
        RuntimeError: DVC does not say so.

    """
    begin(folder)
    names = [f"m{number:05d}" for number in range(stages)]
    files = {
        f".dvc/{name}": text for name, text in (("config", CONFIG), (".gitignore", "/config.local\n/tmp\n/cache\n"))
    }
    files |= {".dvcignore": "", "dvc.yaml": "stages:\n" + "".join(map(_stage, names))}
    for name in names:
        files[f"models/{name}/data.csv"] = f"x,large\n0.1,{name}\n"
        files[f"models/{name}/fit.py"] = SCRIPT
        files[f"models/{name}/params.yaml"] = "cut: 0.45\n"
        files[f"models/{name}/.gitignore"] = "/model.json\n"
    files["dvc.lock"] = "schema: '2.0'\nstages:\n" + "".join(_locked(name, files) for name in names)
    add(folder, (Commit(tuple((path, text.encode()) for path, text in files.items()), "Begin"),))
    for name in names:
        (folder / f"models/{name}/model.json").write_text(_trained(name))
        known = _md5(_trained(name))
        cached = folder / ".dvc/cache/files/md5" / known[:2] / known[2:]
        cached.parent.mkdir(parents=True, exist_ok=True)
        cached.write_text(_trained(name))
    done = subprocess.run(
        [using.dvc, "status"], cwd=folder, env=using.environment, capture_output=True, text=True, check=False
    )
    if "up to date" not in done.stdout:
        raise RuntimeError(f"dvc finds work in {folder}:\n{(done.stdout + done.stderr)[-2000:]}")


def gto_registry(folder: Path, versions: int) -> None:
    """Make a GTO registry with so many versions of one artifact, each in staging and then in production."""
    begin(folder)
    commits = (
        Commit(
            (("artifacts.yaml", f"m00000:\n  type: model\n  path: model-{number}\n".encode()),),
            f"Version {number}",
            (f"m00000@v0.0.{number}", f"m00000#staging#{2 * number - 1}", f"m00000#production#{2 * number}"),
        )
        for number in range(1, versions + 1)
    )
    add(folder, commits)


def _trained(name: str) -> str:
    return f"{name}: 0.45"


def _command(name: str) -> str:
    return f"python models/{name}/fit.py {name}"


def _stage(name: str) -> str:
    deps = "".join(f"    - models/{name}/{file}\n" for file in FILES)
    return (
        f"  {name}:\n    cmd: {_command(name)}\n    deps:\n{deps}"
        f"    params:\n    - models/{name}/params.yaml:\n      - cut\n    outs:\n    - models/{name}/model.json\n"
    )


def _locked(name: str, files: dict[str, str]) -> str:
    deps = "".join(_hashed(f"models/{name}/{file}", files[f"models/{name}/{file}"]) for file in FILES)
    out = _hashed(f"models/{name}/model.json", _trained(name))
    return (
        f"  {name}:\n    cmd: {_command(name)}\n    deps:\n{deps}"
        f"    params:\n      models/{name}/params.yaml:\n        cut: 0.45\n    outs:\n{out}"
    )


def _hashed(path: str, text: str) -> str:
    return f"    - path: {path}\n      hash: md5\n      md5: {_md5(text)}\n      size: {len(text)}\n"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
