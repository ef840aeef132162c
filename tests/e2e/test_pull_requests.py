"""A pull request is not trusted: what it records lies apart, and the branch takes from there a model at most."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from mlops_ci.records.codec import decode, encode
from mlops_ci.records.facts import Approved, Evaluated, Fact, Finished, Promoted, Served
from tests.e2e.tiny import CANDIDATE, MODEL, Tiny

pytestmark = pytest.mark.e2e

GITHUB = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF": "refs/pull/7/merge"}
STORE = ".mlops-ci/store"


def records(tiny: Tiny, under: str = STORE) -> dict[str, bytes]:
    """Return the bytes of every record of the model by the path of its file."""
    folder = tiny.folder / under / "records/tiny"
    return {path.name: path.read_bytes() for path in folder.glob("*")}


def facts(tiny: Tiny, under: str = STORE) -> Iterator[Fact]:
    for name, content in records(tiny, under).items():
        fact = decode(f"tiny/{name.replace('~', '/')}", content)
        assert isinstance(fact, Fact)
        yield fact


def forge(tiny: Tiny, fact: Fact, under: str = f"{STORE}/pr/7", **changes: Any) -> None:  # noqa: ANN401 - JSON of any kind
    """Write a record as its format wants it, whatever was there."""
    content = json.loads(encode(fact)) | changes
    place = tiny.folder / under / "records" / fact.name.replace("/", "~").replace("~", "/", 1)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    place.write_bytes(json.dumps(content).encode())


def perfect(fact: Evaluated) -> dict[str, Any]:
    """Return the scores of an evaluation in which everything is right."""
    scores = json.loads(encode(fact))["scores"]
    for measurement in scores["measurements"]:
        measurement["value"] = 1.0
    return {"scores": scores}


def accuracies(tiny: Tiny) -> dict[str, float]:
    entries = tiny.run("leaderboard", "--json").json()["models"][0]["entries"]
    return {e["candidate"]: e["metrics"]["accuracy"]["value"] for e in entries if "accuracy" in e["metrics"]}


@pytest.fixture
def asked(tiny: Tiny) -> Tiny:
    """Return the project with a champion in staging that production waits to approve, and a pull request's run."""
    tiny.write("model.yaml", MODEL.replace("{promotes_from: staging}", "{promotes_from: staging, approval: true}"))
    tiny.push("ask somebody")
    tiny.run("run", code=75)
    before = records(tiny)
    tiny.git("checkout", "-q", "-b", "better")
    tiny.write("candidates/best.yaml", CANDIDATE.format(cut=0.5))
    tiny.commit("a better cut")
    request = replace(tiny, environment=tiny.environment | GITHUB)
    said = request.run("run").out
    assert "best" in said
    assert records(tiny) == before, "a pull request writes nothing where the branch reads"
    return tiny


def merged(tiny: Tiny) -> None:
    tiny.git("checkout", "-q", "main")
    tiny.git("merge", "-q", "--no-edit", "better")
    tiny.git("push", "-q", "origin", "main")


def forged(tiny: Tiny) -> None:
    """Have the pull request claim that the worst model is perfect, approved, promoted and served."""
    low = next(f for f in facts(tiny) if isinstance(f, Evaluated) and f.candidate == "low")
    best = next(f for f in facts(tiny, f"{STORE}/pr/7") if isinstance(f, Evaluated) and f.candidate == "best")
    champion = next(f for f in facts(tiny) if isinstance(f, Promoted)).package
    forge(tiny, low, **perfect(low))
    forge(tiny, best, **perfect(best))
    forge(tiny, Approved("tiny", "production", champion, "eve", "trust me", "2030-01-01T00:00:00.000Z"))
    forge(tiny, Promoted("tiny", 9, low.package, "low", "a" * 40, "b" * 40, "it won", "2030-01-01T00:00:00.000Z"))
    forge(tiny, Served("tiny", "production", 9, low.package, "b" * 40, "so be it", "2030-01-01T00:00:00.000Z"))


def test_a_pull_request_trains_and_evaluates_beside_the_branch_and_releases_nothing(asked: Tiny) -> None:
    request = replace(asked, environment=asked.environment | GITHUB)
    assert {type(f).__name__ for f in facts(asked, f"{STORE}/pr/7")} == {"Intent", "Finished", "Packaged", "Evaluated"}
    assert accuracies(request)["best"] == 1.0
    assert "best" not in accuracies(asked)
    plan = request.run("plan").out
    assert "after merge" in plan
    assert "pull request `7`" in plan
    assert not (asked.folder / ".mlops-ci/jobs").joinpath("pr").exists()
    assert list((asked.folder / ".mlops-ci/pr/7/jobs").glob("training-*"))


def test_on_the_branch_itself_a_pull_request_still_releases_nothing(asked: Tiny) -> None:
    merged(asked)
    before = asked.git("rev-parse", "origin/main")
    asked.run("run", "--pull-request", "8")
    assert asked.git("rev-parse", "origin/main") == before
    assert asked.champion()["candidate"] == "middle"


DECIDING = (
    ["promote"], ["deploy", "staging"], ["test", "staging"], ["gate", "production"], ["approve", "production"],
    ["rollback", "staging", "tiny"], ["release", "staging"], ["destroy", "staging", "--all", "--yes"],
)  # fmt: skip


def test_what_decides_about_releases_is_refused_for_a_pull_request(tiny: Tiny) -> None:
    for verb in DECIDING:
        said = tiny.run(*verb, "--pull-request", "7", code=64).err
        assert f"`{verb[0]}` is nothing for a pull request" in said
        assert "hint: merge it" in said
    for ci in (GITHUB, {"CODEBUILD_SOURCE_VERSION": "pr/7"}):
        replace(tiny, environment=tiny.environment | ci).run("promote", code=64)


def test_a_forged_accuracy_approval_and_promotion_are_not_believed_on_the_branch(asked: Tiny) -> None:
    forged(asked)
    before = accuracies(asked)
    merged(asked)
    assert ("new", "best") in asked.changes(), "nothing of the pull request counts"
    asked.run("run", code=75)
    assert accuracies(asked) == {**before, "best": 1.0}
    assert asked.champion()["candidate"] == "best"
    assert asked.champion()["version"] == 2
    assert asked.environment_of("production")["state"] == "NotDeployed"
    assert "eve" not in asked.run("gate", "production", code=75).out


def test_with_trust_the_model_of_a_pull_request_counts_and_is_evaluated_again(asked: Tiny) -> None:
    forged(asked)
    before = accuracies(asked)
    merged(asked)
    project = asked.folder / "mlops-ci.yaml"
    project.write_text(project.read_text() + "trust_pull_requests: true\n")
    asked.push("trust them")
    trained = asked.attempts()
    assert asked.changes() == [("re-evaluate", "best")]
    assert "best" not in accuracies(asked), "an evaluation of a pull request is none"
    asked.run("run", code=75)
    assert asked.attempts() == trained + 1, "it was copied, not trained"
    assert not list((asked.folder / ".mlops-ci/jobs").glob(f"training-{asked.champion()['fingerprint'][:32]}-*"))
    ours = [f for f in facts(asked) if isinstance(f, Finished) and f.detail]
    assert [f.detail for f in ours] == ["trained for pull request `7`"]
    assert accuracies(asked) == {**before, "best": 1.0}
    assert asked.champion()["candidate"] == "best"
    assert asked.environment_of("production")["state"] == "NotDeployed", "an approval of a pull request is none"
    shutil.rmtree(asked.folder / STORE / "pr")
    assert asked.changes() == [], "what was copied stays whatever becomes of the pull request"


LIES: tuple[dict[str, Any], ...] = (
    {"image": "no JSON"}, {"image": "[]"}, {"outcome": "failed"}, {"artifacts": []}, {"model": "other"},
    {"artifacts": [["model", "../../x"]]},
    {"image": json.dumps({"python": "3", "packages": [["a", "1\n--index-url=x"]], "requirements": "", "reference": "",
                          "framework": None})},
)  # fmt: skip


def test_a_training_that_does_not_hold_together_is_no_training(asked: Tiny) -> None:
    merged(asked)
    project = asked.folder / "mlops-ci.yaml"
    project.write_text(project.read_text() + "trust_pull_requests: true\n")
    asked.push("trust them")
    ended = next(f for f in facts(asked, f"{STORE}/pr/7") if isinstance(f, Finished) and f.work == "training")
    for lie in LIES:
        forge(asked, ended, **lie)
        assert ("new", "best") in asked.changes(), lie
    forge(asked, ended)
    assert asked.changes() == [("re-evaluate", "best")]
    link = asked.folder / STORE / "pr/7/records/tiny/zero"
    link.symlink_to("/dev/zero")
    assert ("new", "best") in asked.changes()
    link.unlink()
    place = asked.folder / STORE / "pr/7/artifacts/sha256" / ended.artifact("model")[:2] / ended.artifact("model")
    place.chmod(0o644)
    place.write_bytes(b"other bytes")
    assert ("new", "best") in asked.changes()


def test_an_id_that_is_no_name_of_a_folder_is_refused(tiny: Tiny) -> None:
    for name in ("../x", "a\nb", "x" * 65):
        assert "wants an id" in tiny.run("plan", "--pull-request", name, code=64).err
