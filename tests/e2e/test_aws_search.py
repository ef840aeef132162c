"""A search in an account is one tuning job: its trials are ours, however often the command is killed or stopped."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlops_ci.testing.aws.loopback import Loopback
from tests.e2e.clouds import NOTHING, client, in_cloud, prepared, rights_of, standing
from tests.e2e.slow import until
from tests.e2e.test_aws import documented
from tests.e2e.tiny import TRAINED, Tiny, make

pytestmark = pytest.mark.e2e

SEARCH = """\
format: 1
script: src/train/seek.py
environment: {{MARK: "{mark}"}}
metric_definitions: [{{name: gap, regex: 'gap=([0-9.e-]+)'}}]
search:
  strategy: random
  budget: {{trials: 5, parallel: 2}}
  seed: 4
  objective: gap
  goal: minimize
  ranges:
    cut: {{min: 0.0, max: 1.0, type: float}}
    side: {{values: [left, "true"]}}
"""
SEEK = """\
import argparse
import json
import os
import pathlib
import time

parser = argparse.ArgumentParser()
parser.add_argument("--cut", type=float)
parser.add_argument("--side", choices=["left", "true"])
given = parser.parse_args()
mark = pathlib.Path(os.environ["MARK"])
with mark.open("a") as starts:
    starts.write(f"{given.cut}\\n")
print("it seeks")
while len(mark.read_text().split()) > 2 and not mark.with_name("go").exists():
    time.sleep(0.05)
with open(os.path.join(os.environ["SM_MODEL_DIR"], "model.json"), "w") as out:
    json.dump({"cut": given.cut}, out)
print(f"gap={abs(given.cut - 0.5)}")
"""


@pytest.fixture(scope="module")
def aws(aws_server: Loopback) -> Loopback:
    return prepared(aws_server)


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "marks" / "starts"


@pytest.fixture
def seeking(tmp_path: Path, mark: Path, aws: Loopback) -> Iterator[Tiny]:
    """Give a project whose only candidate searches; the third trial and those after it wait for the file `go`."""
    mark.parent.mkdir()
    tiny = in_cloud(searching(tmp_path / "tiny", mark), aws, tmp_path.name)
    tiny.push("search in our account")
    yield tiny
    mark.with_name("go").touch()
    assert standing(aws) == NOTHING


def searching(folder: Path, mark: Path) -> Tiny:
    made = make(folder)
    made.write("model.yaml", TRAINED.replace("validation: 0.1", "validation: 0").replace("test: 0.4", "test: 0.5"))
    for name in ("low", "middle"):
        (made.folder / f"pipelines/tiny/candidates/{name}.yaml").unlink()
    made.write("candidates/seek.yaml", SEARCH.format(mark=mark))
    made.write("src/train/seek.py", SEEK)
    made.push("search")
    return made


def search_of(tiny: Tiny) -> Any:  # noqa: ANN401 - parsed JSON
    (found,) = tiny.run("leaderboard", "tiny", "--trials", "--json").json()["searches"]
    return found


def tuning_jobs(aws: Loopback) -> list[tuple[str, str]]:
    listed = client(aws, "sagemaker").list_hyper_parameter_tuning_jobs(MaxResults=100)
    return [
        (job["HyperParameterTuningJobName"], job["HyperParameterTuningJobStatus"])
        for job in listed["HyperParameterTuningJobSummaries"]
    ]


def starts(mark: Path) -> list[str]:
    return mark.read_text().split() if mark.exists() else []


def test_sagemaker_chooses_and_all_its_trials_are_on_the_leaderboard(tiny_go: Tiny, aws: Loopback, mark: Path) -> None:
    before = tuning_jobs(aws)
    assert "search `seek`: 5 trials (random)" in tiny_go.run("plan").out
    aws.traffic.reset()
    done = tiny_go.run("train")
    known = documented()
    steps = ("every one", "every one that works (`run` has all of these)", "`train`", "`train` with `search.objective`")
    assert rights_of(aws) - {right for step in steps for right in known[step]} == set()
    assert known["`train` with `search.objective`"] - rights_of(aws) == {"sagemaker:StopHyperParameterTuningJob"}
    assert aws.traffic.refused == []

    found = search_of(tiny_go)
    best = found["trials"][0]
    assert (found["stage"], found["metric"], found["goal"]) == ("ended", "gap", "minimize")
    assert found["scored_by"] == "training log"
    assert best["score"] == pytest.approx(abs(best["hyperparameters"]["cut"] - 0.5))
    assert sorted(trial["trial"] for trial in found["trials"]) == [1, 2, 3, 4, 5]
    assert {trial["hyperparameters"]["side"] for trial in found["trials"]} <= {"left", "true"}
    assert f"✓ tiny/train/seek: trial {best['trial']} of 5 is best: `gap` {best['score']:.4f} in its log" in done.err
    tiny_go.run("run")
    (entry,) = tiny_go.run("leaderboard", "--json").json()["models"][0]["entries"]
    assert entry["hyperparameters"] == best["hyperparameters"]
    assert entry["is_champion"]
    assert "it seeks" in tiny_go.run("logs", "tiny", "--candidate", f"seek#{best['trial']}").out
    assert "by `gap` in the training log (lower is better)" in tiny_go.run("leaderboard", "--trials").out

    (new,) = set(tuning_jobs(aws)) - set(before)
    assert new[1] == "Completed"
    assert tiny_go.changes() == []
    tiny_go.run("run")
    assert len(starts(mark)) == 5


@pytest.fixture
def tiny_go(seeking: Tiny, mark: Path) -> Tiny:
    """Give the same, in which nobody waits."""
    mark.with_name("go").touch()
    return seeking


def test_killed_while_trials_run_it_takes_the_job_up_and_nothing_is_trained_twice(
    seeking: Tiny, aws: Loopback, mark: Path
) -> None:
    before = tuning_jobs(aws)
    command = seeking.start("run")
    until(lambda: len(starts(mark)) >= 3 and len(search_of(seeking)["trials"]) >= 1)
    command.send_signal(signal.SIGKILL)
    command.communicate()
    assert "attempt 1 has not ended; it is taken up again" in seeking.run("plan").out
    assert "it seeks" in seeking.run("logs", "tiny", "--candidate", "seek").out

    mark.with_name("go").touch()
    seeking.run("run")
    assert set(Counter(starts(mark)).values()) == {1}
    assert len(starts(mark)) == 5
    assert [status for _, status in set(tuning_jobs(aws)) - set(before)] == ["Completed"]
    found = search_of(seeking)
    assert (found["stage"], len(found["trials"])) == ("ended", 5)
    assert found["trials"][0]["score"] == min(trial["score"] for trial in found["trials"])
    assert seeking.changes() == []


def test_interrupted_it_stops_the_job_and_its_trials(seeking: Tiny, aws: Loopback, mark: Path) -> None:
    before = tuning_jobs(aws)
    command = seeking.start("run")
    until(lambda: len(starts(mark)) >= 3)
    command.send_signal(signal.SIGINT)
    _, err = command.communicate(timeout=120)
    assert command.returncode == 130, err
    assert "another search begins" in err
    assert [status for _, status in set(tuning_jobs(aws)) - set(before)] == ["Stopped"]
    assert standing(aws) == NOTHING


def test_on_this_machine_the_same_manifest_scores_trials_by_their_log_too(tmp_path: Path) -> None:
    mark = tmp_path / "starts"
    mark.with_name("go").touch()
    tiny = searching(tmp_path / "tiny", mark)
    tiny.run("run")
    found = search_of(tiny)
    best = found["trials"][0]
    assert best["score"] == pytest.approx(abs(best["hyperparameters"]["cut"] - 0.5))
    assert len(starts(mark)) == len(found["trials"]) == 5
    assert {trial["rows"] for trial in found["trials"]} == {0}
