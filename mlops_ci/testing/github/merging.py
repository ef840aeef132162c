"""Merging a pull request: real commits in the bare repository."""

from __future__ import annotations

from subprocess import CalledProcessError

from mlops_ci.testing.github.asked import Asked, Reply
from mlops_ci.testing.github.bare import Conflict
from mlops_ci.testing.github.bodies import Member, checked
from mlops_ci.testing.github.heads import fresh
from mlops_ci.testing.github.problems import Refused
from mlops_ci.testing.github.state import Pull, Repository

_FORM = {
    "commit_title": Member(str),
    "commit_message": Member(str),
    "sha": Member(str),
    "merge_method": Member(str, words=("merge", "squash", "rebase")),
}


def merged(asked: Asked) -> Reply:
    """Merge one: a merge commit, one commit (`squash`), or its commits anew (`rebase`)."""
    repository, body = asked.repository, checked(asked.body, _FORM)
    fresh(asked.github, repository)
    pull = asked.pull()
    if pull.state != "open":
        raise Refused(405, "Pull Request is not mergeable")
    if body.get("sha", pull.head) != pull.head:
        raise Refused(409, "Head branch was modified. Review and try the merge again.")
    base = repository.bare.branch(pull.base)
    title, said = body.get("commit_title"), body.get("commit_message")
    try:
        commit = _commit(repository, pull, base, body.get("merge_method", "merge"), (title, said))
    except Conflict:
        raise Refused(405, "Pull Request is not mergeable") from None
    try:
        repository.bare.point(f"refs/heads/{pull.base}", commit, base)
    except CalledProcessError:
        raise Refused(409, "Base branch was modified. Review and try the merge again.") from None
    pull.state, pull.merged, pull.updated = "closed", commit, asked.github.time()
    return Reply(200, {"sha": commit, "merged": True, "message": "Pull Request successfully merged"})


def _commit(repository: Repository, pull: Pull, base: str, method: str, said: tuple[str | None, str | None]) -> str:
    title, more = said
    if method == "rebase":
        return repository.bare.rebased(base, pull.head)
    if method == "squash":
        text = f"{title or f'{pull.title} (#{pull.number})'}\n\n{more or ''}".strip()
        return repository.bare.merged(base, pull.head, text, (base,))
    owner = pull.head_repository.partition("/")[0]
    first = title or f"Merge pull request #{pull.number} from {owner}/{pull.branch}"
    return repository.bare.merged(base, pull.head, f"{first}\n\n{more or pull.title}", (base, pull.head))
