"""Models beside each other, candidates that come and go, and what each change causes."""

from __future__ import annotations

import pytest

from tests.e2e.tiny import CANDIDATE, TRAINED, Tiny, table

pytestmark = pytest.mark.e2e


def twin(tiny: Tiny, name: str) -> None:
    """Write the same model under another name."""
    for path in sorted((tiny.folder / "pipelines/tiny").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and path.name != "release.yaml":
            inside = path.relative_to(tiny.folder / "pipelines/tiny")
            tiny.write(f"../{name}/{inside}", path.read_text().replace("name: tiny", f"name: {name}"))


def champions(tiny: Tiny) -> dict[str, str]:
    """Return the champion's candidate by model."""
    found = tiny.run("status", "--json").json()["models"]
    return {model["name"]: model["champion"]["candidate"] if model["champion"] else "" for model in found}


def test_models_are_named_by_globs_and_released_apart(tiny: Tiny) -> None:
    tiny.write("model.yaml", TRAINED)
    for name in ("alpha", "beta"):
        twin(tiny, name)
    tiny.push("two more models")
    assert tiny.run("plan", "--json").json()["models"] == 3
    assert {c["model"] for c in tiny.run("plan", "a*", "--json").json()["changes"]} == {"alpha"}
    assert "nothing" in tiny.run("plan", "gamma", code=64).err + "nothing"
    tiny.run("run", "[ab]*")
    assert champions(tiny) == {"alpha": "middle", "beta": "middle", "tiny": ""}
    assert tiny.git("rev-parse", "alpha/v1", "beta/v1")
    before = tiny.read("../beta/release.yaml")

    tiny.write("../alpha/src/train/fit.py", "import sys\n\nsys.exit('alpha is broken')\n")
    tiny.write("../beta/candidates/low.yaml", CANDIDATE.format(cut=0.5))
    tiny.push("one breaks, one gets better")
    done = tiny.run("run", "-j", "1", code=1)
    assert "alpha is broken" in done.err
    assert "keep-going" in done.out + done.err
    assert tiny.read("../beta/release.yaml") == before
    assert not (tiny.folder / ".mlops-ci/store/records/tiny").exists() or tiny.attempts() == 0

    done = tiny.run("run", "-j", "1", "-k", code=1)
    assert champions(tiny) == {"alpha": "middle", "beta": "low", "tiny": "middle"}
    assert [c["model"] for c in tiny.run("plan", "--json").json()["changes"]] == ["alpha", "alpha"]


def test_candidates_added_on_two_branches_merge_and_train_once_each(tiny: Tiny) -> None:
    tiny.run("run")
    for branch, cut in (("one", 0.48), ("two", 0.5)):
        tiny.git("checkout", "-q", "-b", branch, "main")
        tiny.write(f"candidates/{branch}.yaml", CANDIDATE.format(cut=cut))
        tiny.commit(branch)
        assert tiny.changes() == [("new", branch)]
    tiny.git("checkout", "-q", "main")
    for branch in ("one", "two"):
        tiny.git("merge", "-q", "--no-edit", branch)
    tiny.git("push", "-q", "origin", "main")
    assert tiny.changes() == [("new", "one"), ("new", "two")]
    tiny.run("run")
    assert tiny.attempts() == 4
    assert tiny.champion()["candidate"] == "two"
    assert tiny.ask("production")[2] == "tiny/v2"

    # the champion's file goes: its package defends, serves on, and is evaluated first when the rows move
    tiny.git("rm", "-q", "pipelines/tiny/candidates/two.yaml", "pipelines/tiny/candidates/one.yaml")
    tiny.push("two candidates less")
    removed = [c for c in tiny.run("plan", "--json").json()["changes"] if c["action"] == "removed"]
    assert {c["subject"] for c in removed} == {"one", "two"}
    tiny.run("run")
    assert tiny.changes() == []
    assert tiny.champion()["candidate"] == "two"
    assert tiny.ask("production")[2] == "tiny/v2"
    board = tiny.run("leaderboard", "--every", "--json").json()["models"][0]
    assert {e["candidate"] for e in board["entries"]} == {"low", "middle", "one"}
    assert board["defending"]["candidate"] == "two"
    assert tiny.run("logs", "tiny", "--candidate", "two").out

    tiny.write("data/tiny.csv", "\n".join(table().splitlines()[:-9]) + "\n")
    tiny.push("fewer rows")
    assert tiny.changes() == [
        ("retrain", "low"), ("retrain", "middle"), ("re-evaluate", "champion"), ("re-evaluate", "staging"),
    ]  # fmt: skip
    tiny.run("run")
    assert tiny.champion()["candidate"] == "two"
    assert tiny.changes() == []


def test_each_change_causes_what_is_declared_and_nothing_else(tiny: Tiny) -> None:
    tiny.run("run")

    def actions(old: str, new: str) -> set[tuple[str, str]]:
        """Return the plan after an edit of the model, which is then taken back."""
        tiny.replace("model.yaml", old, new)
        found = {*tiny.changes()}
        tiny.replace("model.yaml", new, old)
        return found

    judged = {("re-evaluate", "low"), ("re-evaluate", "middle")}
    assert actions("  metrics: [recall]\n", "  metrics: [recall]\n  threshold: 0.4\n") == judged
    assert actions("slices: [side]", "slices: []") == judged
    assert actions("owner: ada", "owner: eve") == {("metadata", "tiny")}
    tiny.git("checkout", "-q", "--", ".")

    def causes(old: str, new: str, message: str) -> set[tuple[str, str]]:
        tiny.replace("model.yaml", old, new)
        tiny.push(message)
        found = {*tiny.changes()}
        tiny.run("run")
        assert tiny.changes() == []
        assert tiny.attempts() == 2
        return found

    both = {("redeploy", "staging"), ("redeploy", "production")}
    serving = "serving:\n  script: src/serve/inference.py\n"
    more = f"{serving}  workers: 2\n  batching: true\n"
    assert causes(serving, more, "two workers, batching") == both
    small = "  production: {promotes_from: staging}"
    large = "  production: {promotes_from: staging, resources: {instance: ml.c5.large, workers: 1}}"
    assert causes(small, large, "another instance in production") == {("redeploy", "production")}
    assert causes("latency: {max_ms: 5000", "latency: {max_ms: 6000", "slower") == {("re-evaluate", "staging")}
    tests = tiny.run("show", "tiny", "--json").json()["tests"]
    assert [run["environment"] for run in tests] == ["staging"] * 3  # at first, after the redeployment, by new rules
    evaluated = len(tiny.run("show", "tiny", "--json").json()["evaluations"])
    require = "{metric: accuracy, min: 0.6}"
    assert causes(require, require.replace("0.6", "0.7"), "ask for more") == {("promote", "champion")}
    assert len(tiny.run("show", "tiny", "--json").json()["evaluations"]) == evaluated
    assert tiny.champion()["version"] == 1

    tiny.run("train", "--replace", "--candidate", "low")
    assert tiny.attempts() == 3
    assert tiny.changes() == []  # the same bytes came of it
    assert tiny.run("leaderboard", "--json").json()["models"][0]["entries"][1]["attempts"] == 2


def test_one_verb_at_a_time_ends_where_run_ends(tiny: Tiny) -> None:
    assert "Traceback" not in tiny.run("promote", code=None).err
    tiny.run("train", "--candidate", "low")
    assert tiny.attempts() == 1
    assert [a for a, _ in tiny.changes()] == ["re-evaluate", "new"]
    assert "nobody" in tiny.run("train", "--candidate", "nobody", code=64).err
    tiny.run("train")
    tiny.run("evaluate")
    assert tiny.champion() is None
    tiny.run("promote")
    assert tiny.champion()["candidate"] == "middle"
    assert tiny.run("gate", "production").code == 0  # nothing stands before it yet
    tiny.run("deploy", "staging")
    assert tiny.run("gate", "production", code=1).out
    assert tiny.run("deploy", "production", code=1).out
    tiny.run("test", "staging")
    tiny.run("gate", "production")
    tiny.run("deploy", "production")
    assert tiny.ask("production")[2] == "tiny/v1"
    assert tiny.changes() == []
    before = tiny.git("rev-parse", "HEAD")
    tiny.run("run")
    assert tiny.git("rev-parse", "HEAD") == before
    assert tiny.git("status", "--porcelain") == ""
