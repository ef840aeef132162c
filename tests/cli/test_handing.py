"""What one CI job hands on to the next: the gate's outputs, the approval of exactly those, and whose it is."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path
from threading import Event

import pytest

from mlops_ci.cli.deciding import approve_verb
from mlops_ci.cli.parser import parse
from mlops_ci.cli.working import deploy_verb, gate_verb
from mlops_ci.errors import ProviderError, TryAgain, UsageError
from mlops_ci.executor.reading import read_ledger
from mlops_ci.testing.github.loopback import GitHub
from tests.cli.test_deciding import SmallSession, said, versions
from tests.executor.small import Small, candidate, project_files, small


def session(world: Small, environment: dict[str, str], *arguments: str) -> SmallSession:
    parsed: argparse.Namespace = parse(arguments)
    return SmallSession(parsed, environment, Path(), io.StringIO(), io.StringIO(), Event(), small=world)


def waiting(root: Path, *models: str) -> Small:
    """Return a world in which v1 of each model waits for a person before production."""
    world = small(root, {path: text for name in models for path, text in project_files(name).items()})
    for name in models:
        at = f"pipelines/{name}/model.yaml"
        text = world.repository.files[at].decode().replace("from: staging}", "from: staging, approval: true}")
        world.repository.files[at] = text.encode()
    world.repository.push()
    for name in models:
        world.run(name)
    return world


def approvals(world: Small) -> list[tuple[str, str, str]]:
    """Return (model, by, why) of each approval, by model."""
    found = read_ledger(world.world, ("alpha", "beta")).approvals
    return [(a.model, a.by, a.why) for _, given in sorted(found.items()) for a in given]


def gated(world: Small, folder: Path, code: int) -> dict[str, str]:
    """Return the outputs of `gate production --format github`."""
    place = folder / "outputs"
    place.unlink(missing_ok=True)
    asked = session(world, {"GITHUB_OUTPUT": str(place)}, "gate", "production", "--format", "github")
    assert gate_verb(asked) == code
    return dict(line.split("=", 1) for line in place.read_text().splitlines())


def test_what_a_gate_hands_on_is_approved_and_deployed_and_nothing_else(tmp_path: Path) -> None:
    world = waiting(tmp_path, "alpha", "beta")
    outputs = gated(world, tmp_path, 0)
    assert outputs == {"open": "false", "waiting": "alpha@v1,beta@v1", "waits": "true"}
    assert (
        approve_verb(session(world, {}, "approve", "production", "--waiting", "beta@v1", "--why", "looked at it")) == 0
    )
    assert [(model, why) for model, _, why in approvals(world)] == [("beta", "looked at it")]
    assert deploy_verb(session(world, {}, "deploy", "production", "--waiting", "beta@v1")) == 0
    assert versions(world, "production") == {"beta": 1}
    assert gated(world, tmp_path, 0) == {"open": "false", "waiting": "alpha@v1", "waits": "true"}


def test_a_job_that_is_repeated_approves_once(tmp_path: Path) -> None:
    world = waiting(tmp_path, "alpha")
    for _ in range(2):
        assert approve_verb(session(world, {}, "approve", "production", "--waiting", "alpha@v1")) == 0
    deploy_verb(session(world, {}, "deploy", "production", "--waiting", "alpha@v1"))
    again = session(world, {}, "approve", "production", "--waiting", "alpha@v1")
    assert approve_verb(again) == 0
    assert "alpha@v1 needs no approval for production" in said(again)
    assert len(approvals(world)) == 1


def test_another_version_than_the_one_that_was_looked_at_is_not_approved_and_the_others_are(tmp_path: Path) -> None:
    world = waiting(tmp_path, "alpha", "beta")
    world.repository.files["pipelines/beta/candidates/good.yaml"] = candidate(5)
    world.repository.push()
    world.run("beta")
    with pytest.raises(TryAgain) as raised:
        approve_verb(session(world, {}, "approve", "production", "--waiting", "alpha@v1,beta@v1"))
    assert raised.value.summary == "beta@v1 no longer waits before `production`: v2 does"
    assert [model for model, _, _ in approvals(world)] == ["alpha"]


def test_a_model_that_was_removed_meanwhile_is_passed_over(tmp_path: Path) -> None:
    world = waiting(tmp_path, "alpha")
    for verb, perform in (("approve", approve_verb), ("deploy", deploy_verb)):
        asked = session(world, {}, verb, "production", "--waiting", "gone@v3")
        assert perform(asked) == 0
        assert "gone@v3 is passed over: there is no such model any more" in said(asked)
    assert approvals(world) == []


@pytest.mark.parametrize(("verb", "perform"), [("approve", approve_verb), ("deploy", deploy_verb)])
def test_an_empty_list_is_nothing_to_do_and_not_everything(tmp_path: Path, verb: str, perform: object) -> None:
    world = waiting(tmp_path, "alpha")
    assert callable(perform)
    assert perform(session(world, {}, verb, "production", "--waiting", "")) == 0
    assert (approvals(world), versions(world, "production")) == ([], {})
    with pytest.raises(UsageError):
        perform(session(world, {}, verb, "production", "alpha", "--waiting", "alpha@v1"))


def test_a_gate_that_lacks_evidence_says_no_and_hands_on_the_others(tmp_path: Path) -> None:
    world = waiting(tmp_path, "alpha", "beta")
    at = "pipelines/alpha/model.yaml"  # another test: what went through the old ones does not count any more
    text = world.repository.files[at].decode().replace("tests: {", "tests: {latency: {max_ms: 4321}, ")
    world.repository.files[at] = text.encode()
    world.repository.push()
    assert gated(world, tmp_path, 1) == {"open": "false", "waiting": "beta@v1", "waits": "true"}


def test_a_gate_is_told_as_json_and_markdown_with_the_exit_code_of_people(tmp_path: Path) -> None:
    world = waiting(tmp_path, "alpha")
    asked = session(world, {}, "gate", "production", "--json")
    assert gate_verb(asked) == 75
    assert isinstance(asked.out, io.StringIO)
    found = json.loads(asked.out.getvalue())
    assert (found["environment"], found["open"], found["waiting"]) == ("production", False, ["alpha@v1"])
    assert found["models"][0]["evidence"][-1]["found"] == "waiting for a person"
    asked = session(world, {}, "gate", "production", "--md")
    assert gate_verb(asked) == 75
    assert isinstance(asked.out, io.StringIO)
    assert asked.out.getvalue().startswith("### Gate of `production`\n\n| model | version | gate |\n")


def run_of(github: GitHub, number: str) -> dict[str, str]:
    """Return the environment of a run of GitHub Actions."""
    return {**github.environment("octo/models"), "GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": number}


def test_in_github_actions_whoever_let_the_run_in_is_who_approved(tmp_path: Path, github: GitHub) -> None:
    world = waiting(tmp_path, "alpha", "beta")
    for login in ("grace", "ada"):
        github.approve("octo/models", "71", login, "production")
    asked = session(world, run_of(github, "71"), "approve", "production", "--waiting", "alpha@v1")
    assert approve_verb(asked) == 0
    assert {by for _, by, _ in approvals(world)} == {"grace", "ada"}
    assert "warning" not in said(asked)
    assert approve_verb(session(world, run_of(github, "71"), "approve", "production", "beta")) == 0
    assert {(model, by) for model, by, _ in approvals(world)} >= {("beta", "grace"), ("beta", "ada")}


def test_where_github_asked_nobody_a_list_is_not_approved(tmp_path: Path, github: GitHub) -> None:
    world = waiting(tmp_path, "alpha")
    github.approve("octo/models", "72", "")
    asked = session(world, run_of(github, "72"), "approve", "production", "--waiting", "alpha@v1")
    with pytest.raises(TryAgain, match="GitHub asked nobody") as refused:
        approve_verb(asked)
    assert "mlops-ci approve production" in refused.value.hint
    assert approvals(world) == []


def test_where_github_cannot_say_whom_it_asked_a_list_is_not_approved(tmp_path: Path) -> None:
    world = waiting(tmp_path, "alpha")
    asked = session(world, {"GITHUB_ACTIONS": "true"}, "approve", "production", "--waiting", "alpha@v1")
    with pytest.raises(ProviderError):
        approve_verb(asked)
    assert approvals(world) == []


def test_who_types_approve_in_a_job_is_who_approves_where_github_asked_nobody(tmp_path: Path, github: GitHub) -> None:
    world = waiting(tmp_path, "alpha")
    github.approve("octo/models", "73", "")
    asked = session(world, run_of(github, "73"), "approve", "production", "alpha")
    assert approve_verb(asked) == 0
    assert "warning[approver-unknown]: who approved is not known: GitHub asked nobody" in said(asked)
    assert [by for _, by, _ in approvals(world)] == [world.repository.identity()]
