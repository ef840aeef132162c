"""The pages of "your own model in ten minutes" are followed to the letter: they are the test."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import TUTORIAL, blocks
from tests.docs.walk import Walk, reader

pytestmark = pytest.mark.e2e

LAST = "13. Clean up"


def test_who_follows_the_tutorial_gets_what_it_shows(tmp_path: Path) -> None:
    walk = Walk(tmp_path, reader())
    steps = tuple(block for page in TUTORIAL for block in blocks(page.read_text(encoding="utf-8")))
    assert any(block.section == LAST for block in steps)
    try:
        for block in steps:
            if block.section != LAST:
                walk.do(block)
        found = _status(walk)
        assert (found["champion"]["candidate"], found["champion"]["version"]) == ("forest", 2)
        row = urllib.request.Request(
            f"{found['environments']['production']['url']}/invocations", b"650,12.5,5,0", {"Content-Type": "text/csv"}
        )
        with urllib.request.urlopen(row, timeout=10) as answer:
            assert answer.headers["x-mlops-ci-version"] == "parcels/v2"
            assert 0.5 < json.load(answer)[0] <= 1
    finally:
        for block in steps:
            if block.section == LAST:
                walk.do(block)
    assert {e["state"] for e in _status(walk)["environments"].values()} == {"NotDeployed"}


def _status(walk: Walk) -> Any:  # noqa: ANN401 - parsed JSON
    done = subprocess.run(
        ["mlops-ci", "status", "--json"], cwd=walk.folder, env=walk.environment, capture_output=True, check=True
    )
    return json.loads(done.stdout)["models"][0]
