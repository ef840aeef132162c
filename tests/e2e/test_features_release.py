"""Releases: rollback and hold, destroy and back, three environments; and all that looks back at them."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.e2e.tiny import CANDIDATE, Tiny

pytestmark = pytest.mark.e2e

THREE = """\
  dev: {}
  staging: {promotes_from: dev, requires: [contract]}
  production: {promotes_from: staging, requires: [contract, metric]}
"""


def test_a_held_environment_stays_while_later_champions_reach_the_others(tiny: Tiny) -> None:
    tiny.run("run")
    tiny.replace("candidates/low.yaml", "0.2", "0.49")
    tiny.push("a better cut")
    tiny.run("run")
    tiny.run("rollback", "production", "tiny", "--to", "v1", "--why", "complaints")
    held = tiny.environment_of("production")
    assert (held["version"], held["held"]["why"]) == (1, "complaints")
    assert "v9" in tiny.run("rollback", "production", "tiny", "--to", "v9", code=64).err
    again = tiny.run("rollback", "production", "tiny", code=64)  # v2 was rolled back: it is no way back
    assert "served no other version" in again.err
    assert tiny.environment_of("production")["version"] == 1

    tiny.write("candidates/best.yaml", CANDIDATE.format(cut=0.5))
    tiny.push("the best cut")
    tiny.run("run")
    assert tiny.champion()["version"] == 3
    assert tiny.ask("staging")[2] == "tiny/v3"
    assert tiny.ask("production")[2] == "tiny/v1"
    assert "held" in tiny.run("plan").out
    tiny.run("release", "production", "tiny")
    assert tiny.run("release", "production", "tiny", code=64).err
    tiny.run("run")
    assert tiny.ask("production")[2] == "tiny/v3"

    tiny.run("destroy", "production", "tiny", code=64)  # nobody can be asked
    tiny.run("destroy", "production", "tiny", "--yes")
    assert tiny.environment_of("production")["state"] == "NotDeployed"
    assert ("new", "production") in tiny.changes()
    tiny.run("run")
    assert tiny.ask("production")[2] == "tiny/v3"
    assert tiny.changes() == []


def test_three_environments_follow_each_other_and_every_view_tells_of_it(tiny: Tiny, tmp_path: Path) -> None:
    tiny.replace("model.yaml", "  staging: {}\n  production: {promotes_from: staging}\n", THREE)
    tiny.write("tests/test_never.py", "def test_never(endpoint):\n    assert endpoint.version == 'tiny/v0'\n")
    tiny.push("three environments, and a test that nothing requires")
    try:
        done = tiny.run("run", code=1)
        assert "pytest" in done.err
        for name in ("dev", "staging", "production"):
            assert tiny.ask(name)[2] == "tiny/v1", name
        assert tiny.changes() == []
        looks(tiny, tmp_path)
    finally:
        tiny.run("destroy", "dev", "--all", "--yes")


def looks(tiny: Tiny, tmp_path: Path) -> None:
    """Look at the release in every way there is."""
    history = tiny.run("history", "tiny").out
    for word in ("dev", "staging", "production", "v1", "middle"):
        assert word in history
    assert len(tiny.run("history", "--json").json()["models"][0]["happenings"]) >= 8
    assert len(tiny.run("history", "tiny", "--limit", "1").out.splitlines()) < len(history.splitlines())
    one, two = tiny.run("show", "tiny").out, tiny.run("show", "tiny@v1").out
    assert one == two
    assert tiny.run("show", "tiny@production").out == one
    for word in ("fit.py", "inference.py", "accuracy", "contract", "hyperparameters", "cut", "gate"):
        assert word in one, word
    assert "v7" in tiny.run("show", "tiny@v7", code=64).err
    commit = tiny.run("show", "tiny", "--json").json()["training"]["intent"]["commit"]
    forward = tiny.run("show", commit[:8]).out
    assert commit in forward
    assert "tiny v1" in forward
    assert "production" in forward
    assert "no commit" in tiny.run("show", "f" * 12, code=64).err
    for name in ("history", "show", "status", "plan", "leaderboard"):
        assert tiny.run(name, *(("tiny",) if name == "show" else ()), "--md").out.strip()

    log = tiny.run("logs", "tiny", "--candidate", "low").out
    assert "train:rows=" in log
    assert tiny.run("logs", "tiny", "--candidate", "low", "--tail", "1").out == log.splitlines()[-1] + "\n"
    assert "tiny/v1" in tiny.run("logs", "tiny", "--environment", "staging").out
    assert tiny.run("logs", "tiny", "--candidate", "nobody", code=64).err
    assert tiny.run("logs", "nobody", code=64).err
    assert tiny.run("logs", "tiny", "--environment", "nowhere", code=64).err

    place = tmp_path / "pulled"
    tiny.run("pull", "tiny@v1", "--output", str(place))
    assert json.loads((place / "package.json").read_text())["version"] == 1
    with tarfile.open(place / "model.tar.gz") as model, tarfile.open(place / "code.tar") as code:
        model.extractall(place / "model", filter="data")
        code.extractall(place / "code", filter="data")
    load = (
        "import inference\nmodel = inference.model_fn('../model')\n"
        "print(inference.predict_fn(inference.input_fn('0.9,left', 'text/csv'), model))"
    )
    said = subprocess.run(
        [sys.executable, "-c", load], cwd=place / "code", capture_output=True, text=True, check=True
    ).stdout
    assert said == "[1.0]\n"
    assert "not empty" in tiny.run("pull", "tiny@v1", "--output", str(place), code=64).err
    assert "v5" in tiny.run("pull", "tiny@v5", code=64).err
