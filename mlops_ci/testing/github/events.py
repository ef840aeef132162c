"""What GitHub tells a workflow of what happened: the file at `GITHUB_EVENT_PATH`, as far as workflows read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_ci.testing.github.heads import fresh
from mlops_ci.testing.github.shapes import pull_of, repository_of
from mlops_ci.testing.github.state import user_of

if TYPE_CHECKING:
    from mlops_ci.testing.github.loopback import GitHub

ZERO = "0" * 40


def pull_request(github: GitHub, name: str, number: int, action: str = "synchronize") -> dict[str, Any]:
    """Return the event of a pull request that was `opened`, moved (`synchronize`), `labeled` or `closed`."""
    repository = github.find(name)
    fresh(github, repository)
    pull = repository.pulls[number]
    return {
        "action": action,
        "number": number,
        "pull_request": pull_of(github, repository, pull),
        "repository": repository_of(github, repository),
        "sender": user_of(pull.login),
    }


def push(github: GitHub, name: str, branch: str, *, before: str = ZERO, login: str = "octocat") -> dict[str, Any]:
    """Return the event of a push, or a merge, after which a branch is as it is now."""
    repository = github.find(name)
    after = repository.bare.branch(branch)
    commits = repository.bare.log(before, after) if before != ZERO else (after,)
    message = repository.bare.git("log", "-1", "--format=%B", after)
    return {
        "ref": f"refs/heads/{branch}",
        "before": before,
        "after": after,
        "commits": [{"id": commit} for commit in commits],
        "head_commit": {"id": after, "message": message},
        "repository": repository_of(github, repository),
        "pusher": {"name": login},
        "sender": user_of(login),
    }


def workflow_run(github: GitHub, name: str, number: int, *, run: int = 1, workflow: str = "") -> dict[str, Any]:
    """Return the event that tells a trusted workflow that the one of a pull request ended well.

    `pull_requests` is empty where the head is in a fork, as it is on GitHub.
    """
    repository = github.find(name)
    fresh(github, repository)
    pull = repository.pulls[number]
    is_fork = pull.head_repository != repository.name
    return {
        "action": "completed",
        "workflow_run": {
            "id": run,
            "name": workflow,
            "event": "pull_request",
            "status": "completed",
            "conclusion": "success",
            "head_branch": pull.branch,
            "head_sha": pull.head,
            "head_repository": repository_of(github, github.find(pull.head_repository)),
            "pull_requests": [] if is_fork else [{"number": number, "head": {"sha": pull.head}}],
        },
        "repository": repository_of(github, repository),
        "sender": user_of(pull.login),
    }
