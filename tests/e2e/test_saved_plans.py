"""Plans that are saved, shown and run later, and plans beside what changed since a commit: whole commands."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.slow import serving, slow, starts, until
from tests.e2e.tiny import MODEL, PROJECT, TRAINED, Tiny, clone

pytestmark = pytest.mark.e2e


def kill_after(tiny: Tiny, lines: int, *arguments: str) -> int | None:
    """Start a command and kill -9 it once it told the end of so many steps; return its exit code if it was faster."""
    running = tiny.start(*arguments)
    assert running.stderr is not None
    for line in running.stderr:
        lines -= line.startswith("✓")
        if not lines:
            running.kill()
            break
    running.communicate()
    return None if running.returncode == -signal.SIGKILL else running.returncode


def digest_in(text: str) -> str:
    (found,) = re.findall(r"sha256 ([0-9a-f]{64})", text)
    return str(found)


def test_a_plan_that_is_killed_after_each_step_goes_on_and_trains_nothing_twice(tiny: Tiny, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    slow(tiny, mark)
    (tmp_path / "go").touch()
    said = tiny.run("plan", "-o", "plan.json")
    ends: list[int | None] = []
    while not ends or ends[-1] is None:
        ends.append(kill_after(tiny, 2 if len(ends) > 5 else 1, "run", "plan.json"))
        assert len(ends) < 15
    assert ends[-1] == 0
    assert len(ends) > 4
    assert starts(mark) == ["0.2", "0.45"]
    assert tiny.attempts() == 2
    assert tiny.git("log", "--format=%s", "origin/main").splitlines()[:3] == [
        "Deploy tiny v1 to production", "Deploy tiny v1 to staging", "Promote tiny v1: middle",
    ]  # fmt: skip
    assert tiny.ask("production")[2] == "tiny/v1"
    done = tiny.run("run", "plan.json")
    assert "nothing to do" in done.out
    assert digest_in(done.err) == digest_in(said.out)


def test_a_plan_that_is_killed_inside_its_training_adopts_the_job(tiny: Tiny, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    slow(tiny, mark)
    tiny.write("model.yaml", TRAINED)
    tiny.push("serve nowhere")
    tiny.run("plan", "-o", "plan.json")
    running = tiny.start("run", "plan.json")
    until(lambda: starts(mark) == ["0.2", "0.45"])
    running.kill()
    running.communicate()
    (tmp_path / "go").touch()
    tiny.run("run", "plan.json")
    assert starts(mark) == ["0.2", "0.45"]
    assert tiny.champion()["candidate"] == "middle"


BATCH = TRAINED.replace("  script: src/serve/inference.py\n", "  script: src/serve/inference.py\n  kind: batch\n")
"""A model that serves nobody, and so has pointers without endpoints."""


def test_commits_that_reached_the_remote_and_not_the_checkout_are_the_plans_own(tiny: Tiny) -> None:
    tiny.write("model.yaml", BATCH + "tests: {skip: [contract, metric, parity]}\nenvironments: {staging: {}}\n")
    tiny.push("serve files")
    start = tiny.git("rev-parse", "HEAD")
    tiny.run("plan", "-o", "plan.json")
    kill_after(tiny, 5, "run", "plan.json")
    tiny.git("reset", "-q", "--hard", start)
    tiny.run("run", "plan.json")
    log = tiny.git("log", "--format=%s", f"{start}..origin/main").splitlines()
    assert log == ["Deploy tiny v1 to staging", "Promote tiny v1: middle"]
    assert tiny.attempts() == 2


def test_a_world_that_moved_is_told_and_nothing_is_done(tiny: Tiny, tmp_path: Path) -> None:
    tiny.run("plan", "-o", "plan.json")
    table = tiny.read("data/tiny.csv")
    tiny.write("data/tiny.csv", table + "200,0.9,left,yes\n")
    done = tiny.run("run", "plan.json", code=75)
    assert "error[stale-plan]: the plan is stale: tiny: its data `data` is not as it was" in done.err
    assert done.err.splitlines()[-1] == "hint: mlops-ci plan -o plan.json"
    tiny.write("data/tiny.csv", table)
    tiny.replace("candidates/low.yaml", "cut: 0.2", "cut: 0.3")
    assert "candidate `low` is not as it was" in tiny.run("run", "plan.json", code=75).err
    tiny.replace("candidates/low.yaml", "cut: 0.3", "cut: 0.2")
    tiny.write("candidates/low.yaml", tiny.read("candidates/low.yaml") + "# a comment\n")
    assert "what is here is not on `main` now" in tiny.run("run", "plan.json", code=75).err
    tiny.git("checkout", "--", ".")
    other = clone(tiny, tmp_path / "other")
    (other.folder / "README.md").write_text("read me\n")
    other.push("Say more")
    done = tiny.run("run", "plan.json", code=75)
    assert "`main` moved on:" in done.err
    assert "(`Say more`) changes `README.md`" in done.err
    assert tiny.attempts() == 0
    tiny.git("pull", "-q", "--ff-only", "origin", "main")
    tiny.run("plan", "-o", "plan.json")
    tiny.git("commit", "-q", "--allow-empty", "-m", "nothing")
    assert "`HEAD` moved on:" in tiny.run("run", "plan.json", code=75).err


def test_an_endpoint_that_ended_makes_a_plan_without_a_step_for_it_stale(tiny: Tiny) -> None:
    tiny.write("model.yaml", MODEL.replace("  production: {promotes_from: staging}\n", ""))
    tiny.push("staging alone")
    tiny.run("run")
    tiny.run("plan", "-o", "plan.json")
    for pid in serving(tiny):
        os.kill(pid, signal.SIGKILL)
    assert "more to do now: deploy v1 to `staging` again" in tiny.run("run", "plan.json", code=75).err
    tiny.run("plan", "-o", "plan.json")
    tiny.run("run", "plan.json")
    assert tiny.ask("staging")[2] == "tiny/v1"


def test_a_saved_plan_shows_as_it_was_planned_wherever_it_lies(tiny: Tiny, tmp_path: Path) -> None:
    said = tiny.run("plan", "tiny", "-o", "plan.json")
    assert said.err.splitlines()[-2:] == ["saved in `plan.json`", "hint: mlops-ci run plan.json"]
    elsewhere = Tiny(tmp_path / "elsewhere", tiny.environment)
    elsewhere.folder.mkdir()
    shutil.copy(tiny.folder / "plan.json", elsewhere.folder / "plan.json")
    for project in (tiny, elsewhere):
        assert project.run("show", "plan.json").out == said.out
    data = json.loads((tiny.folder / "plan.json").read_text())
    shown = tiny.run("show", "plan.json", "--json").json()
    assert shown["digest"] == digest_in(said.out) == data["digest"]
    planned = tiny.run("plan", "--json").json()
    assert {key: value for key, value in shown.items() if key != "digest"} == planned
    assert f"digest: sha256 {data['digest']}" in tiny.run("show", "plan.json", "--md").out


def test_nothing_of_the_machine_or_its_environment_is_in_the_file(tiny: Tiny, tmp_path: Path) -> None:
    tiny.write("candidates/low.yaml", tiny.read("candidates/low.yaml") + 'environment: {API_TOKEN: "t0ken-1"}\n')
    tiny.push("a secret in git")
    tiny.run("run")
    tiny.replace("candidates/low.yaml", "t0ken-1", "t0ken-2")
    tiny.push("another")
    where = replace(tiny, environment={**tiny.environment, "AWS_SECRET_ACCESS_KEY": "s3cr3t", "SOME": "s0me-value"})
    where.run("plan", "-v", "-o", "plan.json")
    text = (tiny.folder / "plan.json").read_text()
    assert "`environment.API_TOKEN` changed" in text
    url = tiny.environment_of("staging")["url"]
    for secret in ("t0ken", "s3cr3t", "s0me", str(tmp_path), str(Path.home()), os.uname().nodename, url):
        assert secret not in text
    first = (tiny.folder / "plan.json").read_bytes()
    twin = clone(tiny, tmp_path / "twin")
    shutil.copytree(tiny.folder / ".mlops-ci/store", twin.folder / ".mlops-ci/store")
    shutil.copytree(tiny.folder / ".mlops-ci/endpoints", twin.folder / ".mlops-ci/endpoints")
    twin.run("plan", "-o", "plan.json")
    mine, theirs = (json.loads(content) for content in (first, (twin.folder / "plan.json").read_bytes()))
    assert mine["stands"] == theirs["stands"]


def test_names_that_a_plan_cannot_have_are_refused_and_no_file_is_lost(tiny: Tiny) -> None:
    (tiny.folder / "package.json").write_text("{}\n")
    for name, said in (
        ("mlops-ci.yaml", "ends with `.json`"),
        ("pipelines/tiny/plan.json", "lies in a model's folder"),
        ("package.json", "is no saved plan"),
    ):
        done = tiny.run("plan", "-o", name, code=64)
        assert said in done.err
        assert "hint: mlops-ci plan -o plan.json" in done.err
    assert (tiny.folder / "package.json").read_text() == "{}\n"
    assert "cannot write `no/plan.json`" in tiny.run("plan", "-o", "no/plan.json", code=69).err
    tiny.run("plan", "-o", "plan.json")
    tiny.run("plan", "-o", "plan.json")
    assert not [path for path in tiny.folder.iterdir() if path.name.startswith(".plan")]
    assert "there is no saved plan `no.json`" in tiny.run("run", "no.json", code=64).err
    assert "run alone" in tiny.run("run", "tiny", "plan.json", code=64).err
    assert "of target `local`" in tiny.run("run", "plan.json", "--target", "mine", code=64).err


def test_a_plan_that_was_edited_or_is_none_is_told_at_its_place(tiny: Tiny) -> None:
    tiny.run("plan", "-o", "plan.json")
    place = tiny.folder / "plan.json"
    place.write_text(place.read_text().replace('"candidate": "low"', '"candidate": "lower"', 1))
    for verb in ("show", "run"):
        done = tiny.run(verb, "plan.json", code=65)
        assert "error[plan-edited]" in done.err
        assert re.search(r"--> plan\.json:\d+:\d+", done.err)
    place.write_text("{}")
    assert "error[plan-foreign]" in tiny.run("show", "plan.json", code=65).err
    place.write_text('{"a": 1')
    assert "--> plan.json:1:8" in tiny.run("show", "plan.json", code=65).err


def test_a_plan_of_a_private_target_is_run_on_that_target(tiny: Tiny) -> None:
    tiny.write("model.yaml", TRAINED)
    tiny.push("serve nowhere")
    tip = tiny.git("rev-parse", "origin/main")
    tiny.run("plan", "--target", "mine", "-o", "plan.json")
    assert kill_after(tiny, 5, "run", "plan.json") in {None, 0}
    tiny.run("run", "plan.json")
    assert "nothing to do" in tiny.run("run", "plan.json").out
    assert tiny.run("status", "--json", "--target", "mine").json()["models"][0]["champion"]["candidate"] == "middle"
    tiny.git("fetch", "-q")
    assert tiny.git("rev-parse", "origin/main") == tip


def test_what_changed_since_a_commit_stands_beside_the_plan(tiny: Tiny, tmp_path: Path) -> None:
    tiny.git("checkout", "-q", "-b", "topic")
    tiny.replace("candidates/low.yaml", "cut: 0.2", "cut: 0.3")
    tiny.replace("model.yaml", "owner: ada", "owner: ada # of all")
    tiny.commit("raise it")
    (tiny.folder / "mlops-ci.yaml").write_text("# ours\n" + PROJECT)
    text = tiny.run("plan", "--base").out
    assert text.startswith("since `HEAD` left `main` (")
    assert "  ~  candidates/low.yaml  `hyperparameters.cut`: 0.2 -> 0.3\n       retrain `low`," in text
    assert "  `pipelines/tiny/model.yaml` changed, and nothing in it that counts" in text
    assert "  `mlops-ci.yaml` changed, and nothing in it that counts" in text
    assert text.endswith(tiny.run("plan").out)
    data = tiny.run("plan", "tiny", "--json", "--base=main").json()["base"]
    assert data["commit"] == tiny.git("rev-parse", "main")
    (line,) = data["models"][0]["differences"]
    assert {"on": "candidate", "name": "low", "effect": "retrain"} in line["effects"]
    assert data["changed_without_effect"] == ["pipelines/tiny/model.yaml", "mlops-ci.yaml"]
    assert "| `~` | `tiny` | `candidates/low.yaml` |" in tiny.run("plan", "--md", "--base").out
    # A build has a commit checked out and no branch; a thin one is told how to get what it lacks.
    tiny.git("checkout", "-q", "--detach", "-f")
    assert "`hyperparameters.cut`" in tiny.run("plan", "--base").out
    thin = Tiny(tmp_path / "thin", tiny.environment)
    tiny.git("clone", "-q", "--depth", "1", tiny.git("remote", "get-url", "origin"), str(thin.folder))
    done = thin.run("plan", "--base=HEAD~1", code=69)
    assert "hint: git fetch --unshallow" in done.err
    assert "fetch-depth: 0" in done.err
    assert "there is no commit `nope`" in tiny.run("plan", "--base", "nope", code=64).err
