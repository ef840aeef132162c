"""The smaller parts: who the token is, repositories and forks, labels, approvals of runs, the rate limit."""

from __future__ import annotations

from typing import Any

from mlops_ci.testing.github.asked import Asked, Reply
from mlops_ci.testing.github.bodies import Member, checked
from mlops_ci.testing.github.problems import Refused, not_found
from mlops_ci.testing.github.shapes import repository_of


def user(asked: Asked) -> Reply:
    """Say who the token is: a person. An App's token may not ask."""
    if asked.token is None:
        raise Refused(401, "Requires authentication")
    if asked.token.is_app:
        raise Refused(403, "Resource not accessible by integration")
    return Reply(200, asked.token.user())


def graphql(asked: Asked) -> Reply:
    """Answer the one question of GraphQL that REST has no answer to: `viewer { login }`."""
    if asked.token is None:
        raise Refused(401, "This endpoint requires you to be authenticated.")
    body = checked(asked.body, {"query": Member(str, is_required=True), "variables": Member(dict)})
    if "".join(body["query"].split()) in {"query{viewer{login}}", "{viewer{login}}"}:
        return Reply(200, {"data": {"viewer": {"login": asked.token.login}}})
    return Reply(200, {"errors": [{"message": "the loopback answers `query { viewer { login } }` alone"}]})


def repository(asked: Asked) -> Reply:
    """Tell a repository."""
    return Reply(200, repository_of(asked.github, asked.repository))


def forked(asked: Asked) -> Reply:
    """Fork a repository to who asks, or to an `organization`."""
    if asked.token is None:
        raise Refused(401, "Requires authentication")
    form = {"organization": Member(str), "name": Member(str), "default_branch_only": Member(bool)}
    body = checked(asked.body, form)
    made = asked.github.fork(asked.repository.name, body.get("organization") or asked.token.login)
    return Reply(202, repository_of(asked.github, made))


def labelled(asked: Asked) -> Reply:
    """Put labels on a pull request."""
    pull = asked.pull()
    body: Any = {"labels": asked.body} if isinstance(asked.body, list) else asked.body
    names = checked(body, {"labels": Member(list, is_required=True)})["labels"]
    pull.labels += [name for name in names if name not in pull.labels]
    return Reply(200, [{"name": name} for name in pull.labels])


def labels(asked: Asked) -> Reply:
    """List the labels of a pull request."""
    return asked.page({"name": name} for name in asked.pull().labels)


def unlabelled(asked: Asked) -> Reply:
    """Take a label off a pull request."""
    pull = asked.pull()
    if asked.parts["label"] not in pull.labels:
        raise Refused(404, "Label does not exist")
    pull.labels.remove(asked.parts["label"])
    return Reply(200, [{"name": name} for name in pull.labels])


def approvals(asked: Asked) -> Reply:
    """List who let a run into its protected environments, or did not."""
    found = asked.repository.approvals.get(asked.parts["id"])
    if found is None:
        raise not_found()
    return Reply(200, found)


def rate_limit(asked: Asked) -> Reply:
    """Tell what is left of the hour; asking costs nothing."""
    name = asked.token.text if asked.token else ""
    used = asked.github.limits.used.get(name, 0)
    most = asked.github.limits.most
    core = {"limit": most, "used": used, "remaining": most - used, "reset": int(asked.github.limits.ends.get(name, 0))}
    return Reply(200, {"resources": {"core": core}, "rate": core})
