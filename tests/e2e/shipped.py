"""The examples that ship, made small enough to be played in a test."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

from tests.e2e.tiny import Tiny, environment

TWO = {
    "churn": ("linear", "boosting"),
    "diamonds": ("linear", "log-boosting"),
    "digits": ("linear", "neighbours"),
}


def fewer(name: str, folder: Path) -> Tiny:
    """Return the example's project with two of its candidates, fewer rows of a large table, and no environments."""
    Tiny(folder, environment()).run("init", name, "--example", name)
    made = Tiny(folder / name, environment())
    root = made.folder / "pipelines" / name
    for place in (root / "candidates").iterdir():
        if place.stem not in TWO[name]:
            place.unlink()
    for table in (root / "data").glob("*.csv.gz"):
        with gzip.open(table, "rt") as lines:
            header, *rows = lines.readlines()
        table.write_bytes(gzip.compress("".join([header, *rows[::8]]).encode()))
    text = (root / "model.yaml").read_text()
    (root / "model.yaml").write_text(text.partition("tests:")[0])
    made.commit("two candidates, to be quick")
    return made


def entries(made: Tiny) -> dict[str, Any]:
    (board,) = made.run("leaderboard", "--json").json()["models"]
    return {entry["candidate"]: entry for entry in board["entries"]}
