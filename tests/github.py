"""The loopback GitHub as a test holds it: what other people do there, and what they see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlops_ci.adapters.github.reviews import GitHubReviews, github_reviews
from mlops_ci.adapters.github.wire import Wire
from mlops_ci.ports.reviews import Request
from mlops_ci.testing.github.asked import Asked
from mlops_ci.testing.github.heads import fresh
from mlops_ci.testing.github.loopback import GitHub
from mlops_ci.testing.github.pulls import opened
from mlops_ci.testing.github.state import ACTIONS, RIGHTS, Comment, Repository, Token


@dataclass(slots=True)
class Time:
    """A clock that only moves when somebody sleeps; `slept` are the seconds of each."""

    now: float = 1_700_000_000.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass(slots=True)
class GitHubPlace:
    """`contracts.reviews.Place` on the loopback, in a repository of its own."""

    github: GitHub
    name: str
    login: str = ACTIONS
    rights: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(RIGHTS, "write"))
    time: Time = field(default_factory=Time)

    @property
    def repository(self) -> Repository:
        return self.github.repository(self.name)

    def reviews(self, **rights: str) -> GitHubReviews:
        """Return the adapter with a new token, of these rights where they are named."""
        token = self.github.token(self.name, login=self.login, **(rights or self.rights))
        return self.with_token(token)

    def with_token(self, token: str) -> GitHubReviews:
        wire = Wire(self.github.url, token)
        return github_reviews(wire, self.name, now=lambda: self.time.now, sleep=self.time.sleep)

    def commit(self, repository: Repository, branch: str) -> str:
        """Make a commit on a branch, which begins where the default branch is."""
        bare = repository.bare
        main = bare.branch(repository.default_branch)
        if not main:
            tree = bare.git("mktree", given="")
            main = bare.git("commit-tree", tree, given="first")
            bare.point(f"refs/heads/{repository.default_branch}", main)
        if branch == repository.default_branch:
            return main
        blob = bare.git("hash-object", "-w", "--stdin", given=f"{repository.name} {self.github.next_id()}")
        tree = bare.git("mktree", given=f"100644 blob {blob}\t{branch.replace('/', '-')}.txt\n")
        made = bare.git("commit-tree", tree, "-p", bare.branch(branch) or main, given=f"on {branch}")
        bare.point(f"refs/heads/{branch}", made)
        return made

    def push(self, branch: str) -> str:
        return self.commit(self.repository, branch)

    def open(self, branch: str, *, labels: tuple[str, ...] = (), is_fork: bool = False) -> Request:
        home = self.repository
        self.commit(home, home.default_branch)
        if is_fork:
            home = self.github.fork(self.name, "stranger")
        self.commit(home, branch)
        token = Token("", "somebody", "*", {}, is_app=False)
        asked = Asked(self.github, "", {}, {}, None, token)
        body = {"title": f"Add {branch}", "head": f"{home.owner}:{branch}", "base": self.repository.default_branch}
        pull = opened(asked, self.repository, body)
        pull.labels += labels
        page = f"{self.github.web}/{self.name}/pull/{pull.number}"
        return Request(pull.number, page, pull.head, branch, labels, is_fork, home=home.name)

    def close(self, number: int) -> None:
        self.repository.pulls[number].state = "closed"

    def say(self, number: int, body: str, *, as_us: bool = False) -> None:
        login = self.login if as_us else "mallory"
        comment = Comment(self.github.next_id(), number, login, login.endswith("[bot]"), body, "", "")
        self.repository.comments[comment.id] = comment

    def comments(self, number: int) -> list[str]:
        return self.github.comments(number, self.name)

    def delete_comments(self, number: int) -> None:
        self.repository.comments = {k: c for k, c in self.repository.comments.items() if c.number != number}

    def checks(self, commit: str) -> list[tuple[str, str, str, int]]:
        every = self.github.checks(commit, self.name)
        last = {run["name"]: run for run in every}.values()  # of a name, people see the last one
        return [(r["name"], r["conclusion"], r["output"]["title"], len(r["annotations"])) for r in last]

    def proposed(self, number: int) -> tuple[str, str]:
        fresh(self.github, self.repository)
        pull = self.repository.pulls[number]
        return pull.title, pull.body

    def approve(self, run: str, *logins: str) -> None:
        self.github.approve(self.name, run, "")
        for login in logins:
            self.github.approve(self.name, run, login, "production")
