"""Looking after the store as a user does: check, merge, gc, and what an older or newer mlops-ci left."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from tests.e2e.tiny import CANDIDATE, Tiny, clone

pytestmark = pytest.mark.e2e

STORE = ".mlops-ci/store"


def age(tiny: Tiny) -> None:
    """Have everything that happened and was written so far be of six years ago, in the same order."""
    for base, _, names in os.walk(tiny.folder / ".mlops-ci"):
        for name in names:
            place = Path(base, name)
            if "/records/" in str(place):
                text = re.sub(r'(at": ")20\d\d-', r"\g<1>2020-", place.read_text())
                place.chmod(0o644)
                place.write_text(text)
            if not place.is_symlink():
                os.utime(place, (1.6e9, 1.6e9))
        os.utime(base, (1.6e9, 1.6e9))


def candidates(tiny: Tiny) -> set[str]:
    folder = tiny.folder / STORE / "records/tiny"
    return {json.loads(place.read_bytes())["candidate"] for place in folder.glob("attempts~training-*~intent")}


def gc(tiny: Tiny, *arguments: str) -> set[tuple[str, str]]:
    """Return (kind, name) of what may go."""
    return {(r["kind"], r["name"]) for r in tiny.run("store", "gc", "--json", *arguments).json()["removals"]}


def test_gc_keeps_what_is_released_or_may_be_rolled_back_to_and_takes_the_rest(tiny: Tiny) -> None:
    tiny.run("run")
    tiny.replace("candidates/low.yaml", "0.2", "0.5")
    tiny.push("raise the cut")
    tiny.run("run")
    tiny.git("checkout", "-q", "-b", "trial")
    tiny.write("candidates/trial.yaml", CANDIDATE.format(cut=0.7))
    tiny.commit("a trial")
    tiny.run("run")
    tiny.git("checkout", "-q", "main")
    assert gc(tiny, "--older-than", "1h") == set(), "nothing is old"
    assert "0 things may go" in tiny.run("store", "gc").out
    age(tiny)
    told = tiny.run("store", "gc", "--older-than", "30d")
    assert "this was a dry run; mlops-ci store gc --older-than 30d --yes takes it out" in told.err
    assert candidates(tiny) == {"low", "middle", "trial"}
    going = gc(tiny, "--older-than", "30d")
    assert {kind for kind, _ in going} >= {"record", "artifact", "job", "dataset"}
    tiny.run("store", "gc", "--older-than", "30d", "--yes")
    assert candidates(tiny) == {"low", "middle"}
    assert tiny.attempts() == 2, "the first of low lost, and so did the trial: neither is released, or asked for"
    assert gc(tiny, "--older-than", "30d") == set()
    assert "clean" in tiny.run("store", "check").out
    assert not list((tiny.folder / ".mlops-ci/jobs").glob("training-*"))
    assert tiny.changes() == [], "nothing that is desired, released or served is missing"
    tiny.run("rollback", "production", "tiny", "--why", "to see that it can be")
    assert tiny.ask("production")[:3] == (200, "[1.0]", "tiny/v1")
    tiny.run("test", "staging")
    assert tiny.attempts() == 2


def test_a_store_is_checked_merged_brought_up_to_date_and_refused_when_it_is_newer(tiny: Tiny, tmp_path: Path) -> None:
    tiny.run("run")
    found = tiny.run("store", "check", "--json").json()
    assert found["clean"]
    assert found["orphans"]["artifacts"] == 0
    assert "records" in tiny.run("store", "check", "--md").out
    other = clone(tiny, tmp_path / "other")
    source = str(tiny.folder / STORE)
    assert "0 left" in other.run("store", "merge", source, "--dry-run").out
    assert not (other.folder / STORE / "records").exists()
    assert other.run("store", "merge", source, "--json").json()["records"] == found["records"]
    assert {action for action, _ in other.changes()} == {"redeploy"}
    place = next((other.folder / STORE / "artifacts/sha256").glob("*/*"))
    place.chmod(0o644)
    place.write_bytes(b"damaged")
    said = other.run("store", "check", code=1).out
    assert said.count("damaged-artifact: ") == 1
    assert "hint: " in said
    place.unlink()
    assert "0 records and 1 artifact" in other.run("store", "merge", source).out
    assert "clean" in other.run("store", "check").out
    for verb in (["merge", source], ["gc"]):
        assert "nothing for a pull request" in tiny.run("store", *verb, "--pull-request", "7", code=64).err
    assert "no age" in tiny.run("store", "gc", "--older-than", "old", code=64).err

    nest(tiny.folder / STORE)
    assert tiny.changes() == [], "the first layout is read"
    assert re.search(r"brought the store up to date: \d+ records moved", tiny.run("run").err)
    assert not (tiny.folder / STORE / "records/tiny/attempts").exists()
    assert "brought" not in tiny.run("run").err
    (tiny.folder / STORE / "format.json").chmod(0o644)
    (tiny.folder / STORE / "format.json").write_text('{"format": 3}\n')
    for name in ("plan", "run", "leaderboard"):
        assert "upgrade mlops-ci" in tiny.run(name, code=69).err
    (tiny.folder / STORE / "format.json").write_text('{"format": 2}\n')


def nest(store: Path) -> None:
    """Have a store be as the first version of mlops-ci left it."""
    (store / "format.json").unlink()
    for place in list((store / "records/tiny").iterdir()):
        old = place.parent.joinpath(*place.name.split("~"))
        old.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(place, old)
