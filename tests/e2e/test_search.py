"""A search with real processes: scored on validation, killed in the middle, and continued to the same end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_faults import until
from tests.e2e.tiny import TRAINED, Tiny, make
from tests.faults.dying import runners

pytestmark = pytest.mark.e2e

SEARCH = """\
format: 1
script: src/train/seek.py
environment: {{MARK: "{mark}"}}
search:
  strategy: {strategy}
  budget: {{trials: 6, parallel: {parallel}}}
  seed: 4
  ranges:
    cut: {{min: 0.0, max: 1.0, type: float}}
    side: {{values: [left, right]}}
"""

SEEK = """\
import argparse
import json
import os
import time

parser = argparse.ArgumentParser()
parser.add_argument("--cut", type=float)
parser.add_argument("--side")
given = parser.parse_args()
assert os.environ["SM_CHANNELS"] == '["train", "validation"]'
with open(os.environ["MARK"], "a") as starts:
    starts.write(f"{given.cut}\\n")
time.sleep(0.2)
with open(os.path.join(os.environ["SM_MODEL_DIR"], "model.json"), "w") as out:
    json.dump({"cut": given.cut}, out)
with open(os.environ["MARK"] + ".ended", "a") as ends:
    ends.write(f"{given.cut}\\n")
"""


def searching(folder: Path, mark: Path, strategy: str = "bayesian", parallel: int = 1) -> Tiny:
    """Return a project whose only candidate searches; each training adds a line to `mark` when it starts."""
    made = make(folder)
    made.write("model.yaml", TRAINED.replace("validation: 0.1", "validation: 0.2").replace("test: 0.4", "test: 0.3"))
    for name in ("low", "middle"):
        (made.folder / f"pipelines/tiny/candidates/{name}.yaml").unlink()
    made.write("candidates/seek.yaml", SEARCH.format(mark=mark, strategy=strategy, parallel=parallel))
    made.write("src/train/seek.py", SEEK)
    made.push("search")
    return made


def lines(mark: Path) -> list[str]:
    return mark.read_text().split() if mark.exists() else []


def trials(tiny: Tiny) -> list[tuple[Any, ...]]:
    """Return the trials by their number, without times and fingerprints (the mark is in those)."""
    (found,) = tiny.run("leaderboard", "tiny", "--trials", "--json").json()["searches"]
    told = [(t["trial"], t["hyperparameters"], t["score"]) for t in found["trials"]]
    return sorted(told, key=lambda trial: trial[0])


def test_a_search_finds_on_validation_what_wins_on_test_and_is_not_made_again(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    tiny = searching(tmp_path / "tiny", mark)
    assert "search `seek`: 6 trials (bayesian)" in tiny.run("plan").out
    done = tiny.run("run")

    (found,) = tiny.run("leaderboard", "--trials", "--json").json()["searches"]
    best = found["trials"][0]
    assert found["stage"] == "ended"
    assert best["trial"] == found["best"]
    assert best["score"] == max(trial["score"] for trial in found["trials"])
    assert f"✓ tiny/train/seek: trial {best['trial']} of 6 is best" in done.err
    assert len(lines(mark)) == 6
    (entry,) = tiny.run("leaderboard", "--json").json()["models"][0]["entries"]
    assert entry["hyperparameters"] == best["hyperparameters"]
    assert entry["is_champion"]
    (held,) = (tiny.folder / ".mlops-ci/datasets").glob("*/.validation/labels.json")
    assert best["rows"] == len(json.loads(held.read_text())["labels"]) != entry["metrics"]["accuracy"]["rows"]
    assert "plan: nothing to do" in tiny.run("run").out + tiny.run("plan").out
    shown = tiny.run("show", "tiny").out
    assert f"{best['hyperparameters']['cut']}" in shown
    tiny.replace("candidates/seek.yaml", "parallel: 1", "parallel: 2")
    tiny.push("faster")
    assert tiny.changes() == [("metadata", "tiny")]
    assert len(lines(mark)) == 6


def test_without_the_library_a_search_is_refused_at_its_line_with_what_to_install(tmp_path: Path) -> None:
    tiny = searching(tmp_path / "tiny", tmp_path / "mark")
    code = (
        "import sys\nsys.modules['optuna'] = None\nfrom mlops_ci.cli.main import main\n"
        f"sys.exit(main(['-C', {str(tiny.folder)!r}, 'run']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=tiny.environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 65
    assert "error[cannot-run-here]: a search needs `optuna`, which is not installed" in done.stderr
    assert "pipelines/tiny/candidates/seek.yaml:5:3" in done.stderr
    assert "hint: pip install 'mlops-ci[search]'" in done.stderr
    assert lines(tmp_path / "mark") == []


@pytest.mark.parametrize(("strategy", "parallel", "whom"), [("bayesian", 1, "us"), ("random", 3, "all")])
def test_a_search_killed_in_the_middle_comes_to_the_same_end_and_trains_nothing_twice_that_ended(
    tmp_path: Path, strategy: str, parallel: int, whom: str
) -> None:
    whole, cut = tmp_path / "whole.mark", tmp_path / "cut.mark"
    undisturbed = searching(tmp_path / "whole", whole, strategy, parallel)
    undisturbed.run("run")
    tiny = searching(tmp_path / "cut", cut, strategy, parallel)
    command = subprocess.Popen(
        [sys.executable, "-m", "mlops_ci", "-C", str(tiny.folder), "run"],
        env=tiny.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    until(lambda: len(lines(cut)) >= 3 and bool(lines(Path(f"{cut}.ended"))))
    os.killpg(command.pid, signal.SIGKILL)  # first: whoever lives on would see the others die, and record that
    command.wait()
    if whom == "all":
        for pid in runners(str(tiny.folder)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    ended = lines(Path(f"{cut}.ended"))
    assert 0 < len(ended) < 6
    # A script may have ended, and its runner been killed before it could say so: that job did not end.
    jobs = [place.with_name("job.json").read_text() for place in (tiny.folder / ".mlops-ci/jobs").glob("*/exit.json")]
    done = [name for name in ended if any(name in job for job in jobs)]
    assert tiny.run("plan").out.count("attempt 1 has not ended; it is taken up again") == 1

    tiny.run("run")
    assert trials(tiny) == trials(undisturbed)
    started = Counter(lines(cut))
    assert {name: started[name] for name in done} == dict.fromkeys(done, 1)
    assert set(started) == set(lines(whole))
    if whom == "us":
        assert done
        assert set(started.values()) == {1}
    assert tiny.changes() == []
