"""What pushes did to pull requests: git tells nobody here, so it is looked at before anybody is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_ci.testing.github.bare import Conflict
from mlops_ci.testing.github.state import Pull, Repository

if TYPE_CHECKING:
    from mlops_ci.testing.github.loopback import GitHub


def fresh(github: GitHub, repository: Repository) -> None:
    """Have every open pull request know its head, and `refs/pull/N/head` and `/merge` where git finds them."""
    branches: dict[str, dict[str, str]] = {}
    for pull in repository.pulls.values():
        if pull.state != "open":
            continue
        for name in (repository.name, pull.head_repository):
            if name not in branches:
                branches[name] = github.find(name).bare.branches()
        head = branches[pull.head_repository].get(pull.branch, "")
        base = branches[repository.name].get(pull.base, "")
        if not head:  # the branch was deleted
            pull.state = "closed"
        elif (head, base) != pull.seen:
            _move(github, repository, pull, (head, base))


def _move(github: GitHub, repository: Repository, pull: Pull, seen: tuple[str, str]) -> None:
    head, base = seen
    bare = repository.bare
    bare.take(github.find(pull.head_repository).bare, head)
    bare.point(f"refs/pull/{pull.number}/head", head)
    if head != pull.head:
        pull.head, pull.updated = head, github.time()
    if base and pull.seen != ("", "") and bare.has(head, base):  # somebody pushed it into the base
        pull.state, pull.merged = "closed", base
        return
    pull.seen = seen
    merge = f"refs/pull/{pull.number}/merge"
    try:
        bare.point(merge, bare.merged(base, head, f"Merge {head} into {base}", (base, head)))
        pull.is_mergeable = True
    except Conflict:
        pull.is_mergeable = False
        if bare.rev(merge):
            bare.git("update-ref", "-d", merge)
