"""The loopback GitHub, as tests and its own parts hold it."""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlops_ci.testing.github.bare import Bare
from mlops_ci.testing.github.faults import Faults
from mlops_ci.testing.github.limits import Limits
from mlops_ci.testing.github.problems import not_found
from mlops_ci.testing.github.protection import protect
from mlops_ci.testing.github.state import ACTIONS, RIGHTS, Repository, Token, user_of


@dataclass(slots=True)
class Traffic:
    """What was asked, as `POST /repos/octo/models/pulls`, and what of it was refused, with status and message."""

    calls: list[str] = field(default_factory=list)
    refused: list[tuple[str, int, str]] = field(default_factory=list)
    git: list[str] = field(default_factory=list)
    """What git asked: it counts against no limit, and is in no `calls`."""

    def count(self, fits: str = "") -> int:
        """Return how many calls contain a text."""
        return sum(fits in call for call in self.calls)

    def reset(self) -> None:
        """Forget what was asked."""
        self.calls.clear()
        self.refused.clear()
        self.git.clear()


@dataclass(slots=True)
class GitHub:
    """A GitHub at `url`; its bare repositories lie below `root`. `now` gives Unix time in seconds."""

    url: str
    root: Path
    now: Callable[[], float] = time.time
    repositories: dict[str, Repository] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    """Names that repositories had before: requests are sent on."""
    tokens: dict[str, Token] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    limits: Limits = field(default_factory=Limits)
    traffic: Traffic = field(default_factory=Traffic)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1001), repr=False)

    @property
    def web(self) -> str:
        """Where people and git find repositories: `GITHUB_SERVER_URL`."""
        return self.url

    def repository(
        self, name: str = "octo/models", *, branch: str = "main", is_private: bool = False, bare: Path | None = None
    ) -> Repository:
        """Return the repository `owner/name`, made where there is none; `bare` is a bare git repository that is."""
        with self.lock:
            if name.lower() not in self.repositories:
                made = Bare.make(bare or self.root / f"{name}.git", branch)
                self.repositories[name.lower()] = Repository(name, made, branch, is_private)
            return self.repositories[name.lower()]

    def fork(self, name: str, owner: str) -> Repository:
        """Return the fork of a repository that an owner has, made where there is none."""
        with self.lock:
            parent = self.find(name)
            made = self.repository(f"{owner}/{name.partition('/')[2]}", branch=parent.default_branch)
            if not made.parent:
                made.parent, made.is_private = parent.name, parent.is_private
                made.bare.git("fetch", "--quiet", str(parent.path), "refs/heads/*:refs/heads/*")
            return made

    def rename(self, name: str, new: str) -> Repository:
        """Give a repository another name; the old one leads to it."""
        with self.lock:
            found = self.find(name)
            del self.repositories[name.lower()]
            found.name = new
            self.repositories[new.lower()], self.moved[name.lower()] = found, new
            return found

    def protect(self, name: str, *branches: str) -> None:
        """Have pushes to these branches refused; a pull request that is merged still moves them. None: protect none."""
        protect(self.find(name).bare, branches)

    def token(self, repository: str = "octo/models", *, login: str = ACTIONS, **rights: str) -> str:
        """Return a new token of a workflow: it may what is named (`pull_requests="write"`), or everything.

        With a `login` it is a token of that person, who is no App.
        """
        given = rights or dict.fromkeys(RIGHTS, "write")
        if unknown := sorted(set(given) - set(RIGHTS)):
            raise ValueError(f"`{unknown[0]}` is no right: {', '.join(RIGHTS)}")
        is_app = login.endswith("[bot]")
        text = f"{'ghs' if is_app else 'ghp'}_{secrets.token_hex(18)}"
        name = self.find(repository).name if repository != "*" else "*"
        self.tokens[text] = Token(text, login, name, given, is_app)
        return text

    def fork_token(self, repository: str = "octo/models") -> str:
        """Return the token that a workflow gets for a pull request from a fork: it may read."""
        return self.token(repository, **dict.fromkeys(RIGHTS, "read"))

    def approve(self, repository: str, run: str, login: str, *environments: str, state: str = "approved") -> None:
        """Have somebody let a run into environments (or not: `rejected`); without any, the run is known from now on."""
        known = self.find(repository).approvals.setdefault(run, [])
        if environments:
            names = [{"name": name} for name in environments]
            known.append({"state": state, "comment": "", "environments": names, "user": user_of(login)})

    def environment(self, repository: str = "octo/models", token: str = "") -> dict[str, str]:
        """Return what a process needs to see this GitHub and no other; without a token it gets one that may all."""
        return {
            "GITHUB_API_URL": self.url,
            "GITHUB_GRAPHQL_URL": f"{self.url}/graphql",
            "GITHUB_SERVER_URL": self.web,
            "GITHUB_REPOSITORY": self.find(repository).name,
            "GITHUB_TOKEN": token or self.token(repository),
        }

    def find(self, name: str) -> Repository:
        """Return a repository that is there; raises `Refused`, not found."""
        found = self.repositories.get(name.lower())
        if found is None:
            raise not_found()
        return found

    def comments(self, number: int, repository: str = "octo/models") -> list[str]:
        """Return the bodies of the comments on a pull request, the oldest first."""
        return [c.body for c in self.find(repository).comments.values() if c.number == number]

    def checks(self, commit: str, repository: str = "octo/models") -> list[dict[str, Any]]:
        """Return what was sent of the check runs on a commit, with all `annotations`, the oldest first."""
        every = self.find(repository).checks.values()
        return [{**run.sent, "annotations": run.annotations} for run in every if run.sent["head_sha"] == commit]

    def next_id(self) -> int:
        """Return a number that nothing has yet."""
        return next(self._ids)

    def time(self) -> str:
        """Return the time as the API writes it."""
        return datetime.fromtimestamp(self.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
