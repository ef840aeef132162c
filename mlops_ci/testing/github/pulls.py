"""Pull requests."""

from __future__ import annotations

from typing import Any

from mlops_ci.testing.github.asked import Asked, Reply
from mlops_ci.testing.github.bodies import Member, checked
from mlops_ci.testing.github.heads import fresh
from mlops_ci.testing.github.problems import Refused, failed
from mlops_ci.testing.github.shapes import pull_of, simple_of
from mlops_ci.testing.github.state import Pull, Repository

MOST = 65_536
"""Characters of a body."""
_TEXTS = {"title": Member(str), "body": Member(str, is_nullable=True, most=MOST)}
_CREATE = {
    **_TEXTS,
    "title": Member(str, is_required=True),
    "head": Member(str, is_required=True),
    "base": Member(str, is_required=True),
    "head_repo": Member(str),
    "draft": Member(bool),
    "maintainer_can_modify": Member(bool),
}
_UPDATE = {**_TEXTS, "state": Member(str, words=("open", "closed")), "base": Member(str)}


def listed(asked: Asked) -> Reply:
    """List those of a state (`open`), head (`owner:branch`) and base, the newest first."""
    fresh(asked.github, asked.repository)
    found = list(asked.repository.pulls.values())
    state, head, base = asked.query.get("state", "open"), asked.query.get("head", ""), asked.query.get("base", "")
    if state != "all":
        found = [pull for pull in found if pull.state == state]
    if ":" in head:  # without an owner GitHub leaves the filter out
        found = [pull for pull in found if f"{pull.head_repository.partition('/')[0]}:{pull.branch}" == head]
    if base:
        found = [pull for pull in found if pull.base == base]
    key = "updated" if asked.query.get("sort") == "updated" else "created"
    is_rising = asked.query.get("direction") == "asc"
    found.sort(key=lambda pull: (getattr(pull, key), pull.number), reverse=not is_rising)
    return asked.page(simple_of(asked.github, asked.repository, pull) for pull in found)


def read(asked: Asked) -> Reply:
    """Read one."""
    fresh(asked.github, asked.repository)
    return Reply(200, pull_of(asked.github, asked.repository, asked.pull()))


def of_commit(asked: Asked) -> Reply:
    """List those of a commit that is in this repository; the head of a fork is in the fork alone."""
    fresh(asked.github, asked.repository)
    commit = asked.repository.bare.rev(asked.parts["ref"])
    if not commit:
        raise Refused(422, f"No commit found for SHA: {asked.parts['ref']}")
    name = asked.repository.name
    every = asked.repository.pulls.values()
    found = [p for p in every if (p.head == commit and p.head_repository == name) or commit == p.merged]
    return asked.page(simple_of(asked.github, asked.repository, pull) for pull in found)


def created(asked: Asked) -> Reply:
    """Open one from a branch of this repository, or (`owner:branch`) of a fork."""
    repository, body = asked.repository, checked(asked.body, _CREATE)
    if asked.who.is_app and not repository.may_actions_propose:
        raise Refused(403, "GitHub Actions is not permitted to create or approve pull requests.")
    if not body["title"].strip():
        raise failed("PullRequest", code="missing_field", field="title")
    pull = opened(asked, repository, body)
    return Reply(201, pull_of(asked.github, repository, pull))


def opened(asked: Asked, repository: Repository, body: dict[str, Any]) -> Pull:
    """Return a new pull request.

    Raises:
        Refused: its head or base is none, it changes nothing, or there is one already.

    """
    owner, _, branch = body["head"].rpartition(":")
    home = _home(asked, repository, owner or repository.owner)
    head = home.bare.branch(branch) if home else ""
    if home is None or not head:
        raise failed("PullRequest", field="head", code="invalid")
    if not (base := repository.bare.branch(body["base"])):
        raise failed("PullRequest", field="base", code="invalid")
    repository.bare.take(home.bare, head)
    if repository.bare.has(head, base):
        raise failed("PullRequest", code="custom", message=f"No commits between {body['base']} and {body['head']}")
    for pull in repository.pulls.values():
        if (pull.state, pull.head_repository, pull.branch, pull.base) == ("open", home.name, branch, body["base"]):
            said = f"A pull request already exists for {home.owner}:{branch}."
            raise failed("PullRequest", code="custom", message=said)
    repository.last_number += 1
    now = asked.github.time()
    pull = Pull(
        repository.last_number, asked.who.login, body["title"], body.get("body") or "",
        home.name, branch, body["base"], head, now, now,
    )  # fmt: skip
    repository.pulls[pull.number] = pull
    fresh(asked.github, repository)
    return pull


def updated(asked: Asked) -> Reply:
    """Change title, body or base of one, close it, or open it again."""
    fresh(asked.github, asked.repository)
    pull, body = asked.pull(), checked(asked.body, _UPDATE)
    if "base" in body and not asked.repository.bare.branch(body["base"]):
        raise failed("PullRequest", field="base", code="invalid")
    if body.get("state") == "open" and pull.merged:
        raise failed("PullRequest", code="custom", field="state", message="state cannot be changed.")
    pull.title = body.get("title", pull.title)
    pull.body = body.get("body", pull.body) or ""
    pull.base = body.get("base", pull.base)
    pull.state = body.get("state", pull.state)
    pull.updated = asked.github.time()
    return Reply(200, pull_of(asked.github, asked.repository, pull))


def _home(asked: Asked, repository: Repository, owner: str) -> Repository | None:
    """Return the repository of that owner that shares commits with this one."""
    if owner.lower() == repository.owner.lower():
        return repository
    every = asked.github.repositories.values()
    return next((r for r in every if r.owner.lower() == owner.lower() and r.parent == repository.name), None)
