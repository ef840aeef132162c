"""The examples that ship: each works from an empty folder, and its accuracies are told with what they are worth."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.commands.init import examples
from tests.e2e.shipped import entries, fewer
from tests.e2e.tiny import Tiny, environment

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("name", examples())
def test_every_example_is_valid_in_an_empty_folder(name: str, tmp_path: Path) -> None:
    Tiny(tmp_path, environment()).run("init", "new", "--example", name)
    made = Tiny(tmp_path / "new", environment())
    assert "valid: 1 model, 4 candidates." in made.run("validate").out
    assert [action for action, _ in made.changes()] == ["new"] * 4


@pytest.mark.parametrize(("name", "winner"), [("diamonds", "log-boosting"), ("digits", "neighbours")])
def test_an_example_trains_and_promotes_its_best_and_tells_how_sure_that_is(
    name: str, winner: str, tmp_path: Path
) -> None:
    made = fewer(name, tmp_path)
    made.run("run")
    assert made.champion()["candidate"] == winner
    assert made.changes() == []
    found = entries(made)
    for entry in found.values():
        for measured in (*entry["metrics"].values(), *entry["slices"]):
            assert measured["low"] <= measured["value"] <= measured["high"]
    (loser,) = (entry for entry in found.values() if not entry["is_champion"])
    apart = loser["difference"]
    assert apart["low"] < apart["value"] < apart["high"]
    assert 0 < apart["p_value"] <= 1
    assert found[winner]["difference"] is None
    text = made.run("leaderboard", "-v").out
    assert "to champion (95 %)" in text
    assert "the same for all: commit" in text
    assert f"by `{'cut' if name == 'diamonds' else 'stroke'}`" in text

    compared = made.run("leaderboard", "--compare", "linear", "--json").json()
    assert [side["asked"] for side in compared["sides"]] == ["champion", "linear"]
    assert compared["metrics"][0]["differences"] == [apart]
    assert all(row["differences"][0]["p_value"] is not None for row in compared["metrics"])
    assert "script" in {field["path"] for field in compared["fields"]}
    told = made.run("leaderboard", name, "--compare", "v1", "linear")
    assert f"`linear` compared with `v1 ({winner})`" in told.out
    if name == "digits":
        assert "are one and the same" in made.run("leaderboard", "--compare", "champion", "v1", code=64).err
        assert "| --- |" in made.run("leaderboard", "--compare", "linear", "--md").out
