"""What a test of another process does to the loopback GitHub, and how it is started as a process."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

from mlops_ci.wiring.reviewing import reviews
from tests.github import GitHubPlace
from tests.testing.github.asking import ask


def test_repositories_tokens_approvals_faults_and_calls_are_there_over_http(
    github_place: GitHubPlace, tmp_path: Path
) -> None:
    control = f"{github_place.github.url}/_mlops_ci"
    bare = tmp_path / "mine.git"
    subprocess.run(["git", "init", "-q", "--bare", "--initial-branch=main", bare], check=True)
    made = ask(f"{control}/repositories", "POST", {"name": "octo/mine", "bare": str(bare), "protected": ["main"]}).body
    assert made["path"] == str(bare)
    wanted = {"repository": "octo/mine", "permissions": {"actions": "read"}}
    token = ask(f"{control}/tokens", "POST", wanted).body["token"]
    ask(f"{control}/approvals", "POST", {"repository": "octo/mine", "run": 5, "login": "ada", "environments": ["p"]})
    environment = {
        "GITHUB_TOKEN": token,
        "GITHUB_REPOSITORY": "octo/mine",
        "GITHUB_API_URL": github_place.github.url,
    }
    ask(f"{control}/calls", "DELETE")
    ask(f"{control}/faults", "POST", [{"fault": "answered", "status": 502}])
    waited: list[float] = []
    assert reviews(environment, sleep=waited.append).approvers("5") == ("ada",)
    assert waited == [1.0]
    said = ask(f"{control}/calls").body
    assert said["calls"] == ["GET /repos/octo/mine/actions/runs/5/approvals"] * 2
    assert said["refused"] == [["GET /repos/octo/mine/actions/runs/5/approvals", 502, "as told"]]


def test_a_wrong_word_to_the_control_is_told(github_place: GitHubPlace) -> None:
    control = f"{github_place.github.url}/_mlops_ci"
    assert "`fault` is one of" in ask(f"{control}/faults", "POST", [{"fault": "x"}]).body["message"]
    assert "POST /_mlops_ci/tokens" in ask(f"{control}/nothing").body["message"]
    assert ask(f"{control}/tokens", "POST", {"repository": "octo/nowhere"}).status == 404
    assert ask(f"{control}/tokens", "POST", {}).status == 422


def test_events_are_what_workflows_read_and_tell_nothing_of_a_fork_s_pull_request(github_place: GitHubPlace) -> None:
    own, fork = github_place.open("feature"), github_place.open("theirs", is_fork=True)
    control = f"{github_place.github.url}/_mlops_ci/events"

    def event(**said: object) -> dict[str, object]:
        return dict(ask(control, "POST", {"repository": github_place.name, **said}).body)

    pull = event(event="pull_request", number=own.number, action="opened")
    assert isinstance(pull["pull_request"], dict)
    assert (pull["number"], pull["pull_request"]["head"]["sha"]) == (own.number, own.commit)
    for request, known in ((own, [own.number]), (fork, [])):
        run = event(event="workflow_run", number=request.number)["workflow_run"]
        assert isinstance(run, dict)
        assert (run["head_sha"], [pull["number"] for pull in run["pull_requests"]]) == (request.commit, known)
    pushed = event(event="push", branch="main")
    assert (pushed["ref"], pushed["after"]) == ("refs/heads/main", github_place.repository.bare.branch("main"))


def test_the_verb_starts_one_that_serves_until_it_is_told_to_end(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mlops_ci", "-C", str(tmp_path), "testing", "github", "start", "--root", "github"]
    with subprocess.Popen([*command, "--repository", "a/b"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = dict(shlex.split(process.stdout.readline())[1].split("=", 1) for _ in range(5))
        repository = ask(f"{said['GITHUB_API_URL']}/repos/{said['GITHUB_REPOSITORY']}", token=said["GITHUB_TOKEN"])
        assert repository.body["full_name"] == "a/b"
        assert (tmp_path / "github" / "a" / "b.git" / "HEAD").exists()
        assert reviews(said).approvers("1") == ()
        process.terminate()
        assert process.wait(timeout=10) == 0
