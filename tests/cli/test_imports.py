"""Start-up time: what a verb does not need is not imported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.tiny import Tiny, environment, make

HEAVY = ("rich", "git", "jsonschema", "sklearn", "scipy", "numpy", "boto3", "uvicorn", "yaml", "importlib.metadata")
LIGHT = tuple(name for name in HEAVY if name != "yaml")

PROBE = """
import json, sys
from mlops_ci.cli.main import main
code = main(json.loads(sys.argv[1]))
sys.stderr.write("@@" + json.dumps([code, sorted(set(sys.modules) & set(json.loads(sys.argv[2])))]))
"""


def probe(arguments: list[str], names: tuple[str, ...]) -> list[object]:
    """Return the exit code of a command and which of these modules it imported."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps(arguments), json.dumps(names)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env=environment(),
    )  # fmt: skip
    found: list[object] = json.loads(done.stderr.rpartition("@@")[2])
    return found


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """Return a project that was looked at once, so that what a snapshot keeps is kept."""
    made = make(tmp_path_factory.mktemp("imports") / "tiny")
    made.run("plan")
    return made


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["plan", "--help"]])
def test_words_about_ourselves_import_nothing_heavy(arguments: list[str]) -> None:
    assert probe(arguments, HEAVY) == [0, []]


def test_an_unchanged_plan_imports_nothing_heavy_and_no_floor_that_it_does_not_stand_on(project: Tiny) -> None:
    ours = ("mlops_ci.executor.world", "mlops_ci.manifest.loading", "mlops_ci.records.facts", "mlops_ci.ports.jobs")
    assert probe(["-C", str(project.folder), "plan"], HEAVY + ours) == [0, []]


@pytest.mark.parametrize("verb", [["plan"], ["plan", "--json"], ["status", "--json"], ["leaderboard"], ["history"],
                                  ["comment", "-o", "/dev/null"]])  # fmt: skip
def test_a_reading_verb_imports_nothing_heavy(project: Tiny, verb: list[str]) -> None:
    assert probe(["-C", str(project.folder), *verb], LIGHT) == [0, []]


def test_a_wrong_manifest_is_told_without_rich(tmp_path: Path) -> None:
    made = make(tmp_path / "tiny")
    made.replace("model.yaml", "owner: ada", "ownr: ada")
    assert probe(["-C", str(made.folder), "validate"], ("rich", "git", "sklearn", "numpy")) == [65, []]
