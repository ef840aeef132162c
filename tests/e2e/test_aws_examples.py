"""Every example that ships gives the same champion and the same accuracies here and in an account."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlops_ci.commands.init import examples
from mlops_ci.testing.aws.loopback import Loopback
from tests.e2e.clouds import NOTHING, in_cloud, prepared, standing
from tests.e2e.shipped import entries, fewer
from tests.e2e.tiny import Tiny, environment

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def aws(aws_server: Loopback) -> Loopback:
    return prepared(aws_server)


def told(made: Tiny) -> tuple[str, dict[str, Any]]:
    """Return the champion, and the metrics of each candidate."""
    return made.champion()["candidate"], {name: entry["metrics"] for name, entry in entries(made).items()}


QUICK = "digits"
"""The example that is played on every test run; the others are played by `make soak`."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name == QUICK else pytest.mark.soak) for name in examples()]
)
def test_an_example_has_the_same_champion_and_accuracies_on_both_targets(
    name: str, aws: Loopback, tmp_path: Path
) -> None:
    for place in ("here", "there"):
        (tmp_path / place).mkdir()
    here, there = fewer(name, tmp_path / "here"), in_cloud(fewer(name, tmp_path / "there"), aws, name)
    there.commit("train in our account")
    here.run("run")
    there.run("run")
    assert told(here) == told(there)
    assert there.changes() == []
    assert standing(aws) == NOTHING
    assert aws.traffic.refused == []


@pytest.mark.soak
@pytest.mark.parametrize("name", examples())
def test_a_whole_example_goes_to_production_on_both_targets(name: str, aws: Loopback, tmp_path: Path) -> None:
    found = []
    for place in ("here", "there"):
        Tiny(tmp_path, environment()).run("init", place, "--example", name)
        made = Tiny(tmp_path / place, environment())
        if place == "there":
            made = in_cloud(made, aws, f"whole-{name}")
            made.commit("train in our account")
        try:
            made.run("run")
            found.append(told(made))
            assert made.environment_of("production")["state"] == "InService"
            assert made.changes() == []
        finally:
            made.end()
    assert found[0] == found[1]
    assert standing(aws) == NOTHING
