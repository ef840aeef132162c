"""The tiny project on the loopback GitHub: a branch becomes a pull request, and commands run as in its workflow."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mlops_ci.testing.github import events
from mlops_ci.testing.github.asked import Asked
from mlops_ci.testing.github.pulls import opened
from mlops_ci.testing.github.state import Token
from tests.e2e.tiny import Done, Tiny
from tests.github import GitHubPlace


@dataclass(frozen=True, slots=True)
class Workflow:
    """Commands of a workflow about one pull request; what they left is in files below `folder`."""

    place: GitHubPlace
    tiny: Tiny
    folder: Path
    number: int

    @property
    def head(self) -> str:
        return self.place.repository.pulls[self.number].head

    def event(self, name: str) -> str:
        """Return what GitHub says of the pull request as it is now."""
        its = (self.place.github, self.place.name, self.number)
        return json.dumps(events.workflow_run(*its) if name == "workflow_run" else events.pull_request(*its))

    def run(
        self,
        *words: str,
        event: str = "pull_request",
        said: str = "",
        code: int | None = 0,
        token: str | None = None,
    ) -> Done:
        """Return the end of a command in a step; `said` is an earlier event, an empty token is none."""
        for name in ("outputs", "summary"):
            (self.folder / name).unlink(missing_ok=True)
        (self.folder / "event.json").write_text(said or self.event(event))
        its = self.place.github.environment(self.place.name, token or "")
        variables = {
            **{name: value for name, value in its.items() if name != "GITHUB_TOKEN" or token != ""},
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": event,
            "GITHUB_REF": f"refs/pull/{self.number}/merge" if event == "pull_request" else "refs/heads/main",
            "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
            "GITHUB_OUTPUT": str(self.folder / "outputs"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "GITHUB_RUN_ID": "77",
        }
        return replace(self.tiny, environment={**self.tiny.environment, **variables}).run(*words, code=code)

    def outputs(self) -> dict[str, str]:
        lines = (self.folder / "outputs").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def summary(self) -> str:
        return (self.folder / "summary").read_text()

    def comment(self) -> str:
        """Return the one comment."""
        (body,) = self.place.comments(self.number)
        return body

    def checks(self) -> list[tuple[str, str, str, int]]:
        return self.place.checks(self.head)

    def annotations(self) -> list[dict[str, Any]]:
        """Return those of the last check on the head."""
        return list(self.place.github.checks(self.head, self.place.name)[-1]["annotations"])


def workflow(place: GitHubPlace, tiny: Tiny, folder: Path, *, is_fork: bool = False) -> Workflow:
    """Return the workflow of a pull request from the branch `change`, which is checked out as it is on the remote."""
    remote = str(place.repository.path)
    tiny.git("push", "-q", "--force", remote, "main:main")
    tiny.git("remote", "set-url", "origin", remote)
    home = place.github.fork(place.name, "stranger") if is_fork else place.repository
    tiny.git("push", "-q", "--force", str(home.path), "HEAD:change")
    asked = Asked(place.github, "", {}, {}, None, Token("", "somebody", "*", {}, is_app=False))
    body = {"title": "Change", "head": f"{home.owner}:change", "base": "main"}
    folder.mkdir()
    return Workflow(place, tiny, folder, opened(asked, place.repository, body).number)
