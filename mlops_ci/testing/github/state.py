"""What the loopback remembers: repositories with their comments, checks and pull requests, and tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlops_ci.testing.github.bare import Bare

RIGHTS = ("actions", "checks", "contents", "issues", "pull_requests", "statuses")
"""What a token may be given, each `none`, `read` or `write`."""
ACTIONS = "github-actions[bot]"
"""Who the token of a workflow is."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token: who it is, in which repository it may do what. `is_app` claims one of an App, as GITHUB_TOKEN is."""

    text: str = field(repr=False)
    login: str
    repository: str
    rights: Mapping[str, str]
    is_app: bool = True

    def may(self, right: str, level: str) -> bool:
        """Return whether it may `read` or `write` something; who may write may read."""
        return self.rights.get(right, "none") in {"write", level}

    def is_for(self, repository: str) -> bool:
        """Return whether it is one of a repository's; `*` is every repository."""
        return self.repository in {"*", repository}

    def user(self) -> dict[str, Any]:
        """Return who it is, as comments and others say it."""
        return user_of(self.login)


@dataclass(slots=True)
class Comment:
    """A comment on a pull request."""

    id: int
    number: int
    login: str
    is_app: bool
    body: str
    created: str
    updated: str


@dataclass(slots=True)
class CheckRun:
    """A check run: what was sent of it, and its annotations, which only grow."""

    id: int
    login: str
    sent: dict[str, Any]
    started: str
    completed: str | None = None
    annotations: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Pull:
    """A pull request. `head_repository` is the full name of where its head is; `head` is the commit as last seen."""

    number: int
    login: str
    title: str
    body: str
    head_repository: str
    branch: str
    base: str
    head: str
    created: str
    updated: str
    state: str = "open"
    labels: list[str] = field(default_factory=list)
    merged: str = ""
    """The commit that brought it into its base; empty while it is not merged."""
    is_mergeable: bool = True
    seen: tuple[str, str] = ("", "")
    """Head and tip of the base as they were when `refs/pull/N/merge` was made."""


@dataclass(slots=True)
class Repository:
    """A repository: a bare git repository, and what people and programs write around it."""

    name: str
    bare: Bare
    default_branch: str = "main"
    is_private: bool = False
    parent: str = ""
    """The full name of what it is a fork of."""
    may_actions_propose: bool = True
    """The setting `Allow GitHub Actions to create and approve pull requests`."""
    last_number: int = 0
    pulls: dict[int, Pull] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    checks: dict[int, CheckRun] = field(default_factory=dict)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    approvals: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def owner(self) -> str:
        """Who it belongs to."""
        return self.name.partition("/")[0]

    @property
    def path(self) -> Path:
        """Where its bare git repository is."""
        return self.bare.path


def user_of(login: str) -> dict[str, Any]:
    """Return a person or a bot, as GitHub tells them apart."""
    return {"login": login, "id": sum(login.encode()), "type": "Bot" if login.endswith("[bot]") else "User"}
