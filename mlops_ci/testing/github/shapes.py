"""Repositories and pull requests as the API tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_ci.testing.github.state import Pull, Repository, user_of

if TYPE_CHECKING:
    from mlops_ci.testing.github.loopback import GitHub


def repository_of(github: GitHub, repository: Repository) -> dict[str, Any]:
    """Return a repository."""
    owner, _, name = repository.name.partition("/")
    return {
        "name": name,
        "full_name": repository.name,
        "owner": user_of(owner),
        "private": repository.is_private,
        "fork": bool(repository.parent),
        "default_branch": repository.default_branch,
        "html_url": f"{github.web}/{repository.name}",
        "url": f"{github.url}/repos/{repository.name}",
        "clone_url": f"{github.web}/{repository.name}.git",
    }


def simple_of(github: GitHub, repository: Repository, pull: Pull) -> dict[str, Any]:
    """Return a pull request as lists have it."""
    head = github.find(pull.head_repository)
    return {
        "id": pull.number,
        "number": pull.number,
        "state": pull.state,
        "title": pull.title,
        "body": pull.body or None,
        "user": user_of(pull.login),
        "labels": [{"name": name} for name in pull.labels],
        "draft": False,
        "html_url": f"{github.web}/{repository.name}/pull/{pull.number}",
        "url": f"{github.url}/repos/{repository.name}/pulls/{pull.number}",
        "head": _end(github, head, pull.branch, pull.head),
        "base": _end(github, repository, pull.base, pull.seen[1]),
        "merge_commit_sha": pull.merged or None,
        "merged_at": pull.updated if pull.merged else None,
        "created_at": pull.created,
        "updated_at": pull.updated,
    }


def pull_of(github: GitHub, repository: Repository, pull: Pull) -> dict[str, Any]:
    """Return a pull request by itself, with what lists leave out."""
    commits = repository.bare.log(pull.seen[1], pull.head) if pull.seen[1] and not pull.merged else ()
    is_open = pull.state == "open"
    return {
        **simple_of(github, repository, pull),
        "merged": bool(pull.merged),
        "mergeable": pull.is_mergeable if is_open else None,
        "mergeable_state": ("clean" if pull.is_mergeable else "dirty") if is_open else "unknown",
        "commits": len(commits),
    }


def _end(github: GitHub, repository: Repository, branch: str, commit: str) -> dict[str, Any]:
    return {
        "label": f"{repository.owner}:{branch}",
        "ref": branch,
        "sha": commit,
        "user": user_of(repository.owner),
        "repo": repository_of(github, repository),
    }
