"""Comments on pull requests, which are those of issues to the API."""

from __future__ import annotations

from typing import Any

from mlops_ci.testing.github.asked import Asked, Reply
from mlops_ci.testing.github.bodies import Member, checked
from mlops_ci.testing.github.problems import failed, not_found
from mlops_ci.testing.github.state import Comment, Repository, user_of

MOST = 65_536
"""Characters of a comment."""
_FORM = {"body": Member(str, is_required=True)}


def listed(asked: Asked) -> Reply:
    """List those of a pull request, the oldest first."""
    number = asked.pull().number
    since = asked.query.get("since", "")
    every = [c for c in asked.repository.comments.values() if c.number == number and c.updated >= since]
    return asked.page(shown(asked, comment) for comment in every)


def created(asked: Asked) -> Reply:
    """Make one."""
    pull, now = asked.pull(), asked.github.time()
    body = _body(asked)
    comment = Comment(asked.github.next_id(), pull.number, asked.who.login, asked.who.is_app, body, now, now)
    asked.repository.comments[comment.id] = comment
    return Reply(201, shown(asked, comment))


def read(asked: Asked) -> Reply:
    """Read one."""
    return Reply(200, shown(asked, _comment(asked)))


def updated(asked: Asked) -> Reply:
    """Write another body into one."""
    comment = _comment(asked)
    comment.body, comment.updated = _body(asked), asked.github.time()
    return Reply(200, shown(asked, comment))


def deleted(asked: Asked) -> Reply:
    """Take one away."""
    del asked.repository.comments[_comment(asked).id]
    return Reply(204)


def shown(asked: Asked, comment: Comment) -> dict[str, Any]:
    """Return a comment as the API tells it."""
    repository: Repository = asked.repository
    github = asked.github
    below = f"{github.url}/repos/{repository.name}/issues"
    return {
        "id": comment.id,
        "url": f"{below}/comments/{comment.id}",
        "html_url": f"{github.web}/{repository.name}/pull/{comment.number}#issuecomment-{comment.id}",
        "issue_url": f"{below}/{comment.number}",
        "user": user_of(comment.login),
        "body": comment.body,
        "created_at": comment.created,
        "updated_at": comment.updated,
        "author_association": "NONE" if comment.is_app else "MEMBER",
        "performed_via_github_app": {"slug": comment.login.removesuffix("[bot]")} if comment.is_app else None,
    }


def _comment(asked: Asked) -> Comment:
    found = asked.repository.comments.get(int(asked.parts["id"]))
    if found is None:
        raise not_found()
    return found


def _body(asked: Asked) -> str:
    body = str(checked(asked.body, _FORM)["body"])
    if not body.strip():
        raise failed("IssueComment", code="unprocessable", field="data", message="Body cannot be blank")
    if len(body) > MOST:
        said = f"Body is too long (maximum is {MOST} characters)"
        raise failed("IssueComment", code="unprocessable", field="data", message=said)
    return body.rstrip()
