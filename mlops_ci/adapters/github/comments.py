"""One comment of ours on a pull request, whoever else writes there and however often we do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlops_ci.adapters.github.asking import Api, Unsure, settled
from mlops_ci.adapters.github.identity import Identity
from mlops_ci.adapters.github.refusals import refused
from mlops_ci.adapters.github.wire import Answer
from mlops_ci.errors import ProviderError
from mlops_ci.ports.reviews import Commented

_RIGHT = "pull-requests: write"
_GONE = frozenset({404, 410})
_ROUNDS = 8
"""Looks at the comments: one each time that something broke, or that another command moved them meanwhile."""

Comment = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments of a repository's pull requests."""

    api: Api
    identity: Identity

    def comment(self, number: int, marker: str, body: str) -> Commented:
        """Do as the port says: look, change the oldest of ours or make one, and look again after making one.

        Of two commands that make one at once, each sees the other's in its second look, and both keep the older.
        """
        made: Comment | None = None
        gone: set[int] = set()
        is_tried = False
        broken = 0
        for _ in range(_ROUNDS):
            try:
                ours = [c for c in self._ours(number, marker, made) if c["id"] not in gone]
                if not ours:
                    is_tried = True
                    made = self._create(number, body)
                    continue
                changed = self._keep(ours[0], body)
                if changed is None:  # it was deleted between the two
                    gone.add(ours[0]["id"])
                    continue
                for other in ours[1:]:
                    self._delete(other)
            except Unsure as unsure:
                settled(self.api, unsure, broken)
                broken += 1
                continue
            return Commented(
                str(ours[0].get("html_url", "")), "created" if is_tried and changed == "unchanged" else changed
            )
        hint = "find out who deletes it, then type the command again"
        raise ProviderError(f"the comment on pull request {number} does not stay", hint=hint)

    def _ours(self, number: int, marker: str, made: Comment | None) -> list[Comment]:
        """Return our comments of that marker, the oldest first; what was just made too, should the list be behind."""
        path = self.api.path(f"/issues/{number}/comments?per_page=100")
        every = self.api.pages(path, f"read the comments on pull request {number}", "pull-requests: read")
        found = [c for c in every if _first(str(c.get("body") or "")) == marker and self.identity.wrote(c)]
        if made is not None and all(comment["id"] != made["id"] for comment in found):
            found.append(made)
        return sorted(found, key=lambda comment: int(comment["id"]))

    def _create(self, number: int, body: str) -> Comment:
        path = self.api.path(f"/issues/{number}/comments")
        made = dict(self.api.change("POST", path, {"body": body}, f"comment on pull request {number}", _RIGHT))
        self.identity.learn(made)
        return made

    def _keep(self, comment: Comment, body: str) -> str | None:
        """Return what was done to have this body in it; None where it is gone."""
        if _plain(str(comment.get("body") or "")) == _plain(body):
            return "unchanged"
        asked = "change its comment"
        answer = self.api.answer("PATCH", self._at(comment), asked, {"body": body})
        return None if _is_gone(answer, asked) else "updated"

    def _delete(self, comment: Comment) -> None:
        asked = "delete its second comment"
        _is_gone(self.api.answer("DELETE", self._at(comment), asked), asked)

    def _at(self, comment: Comment) -> str:
        return self.api.path(f"/issues/comments/{comment['id']}")


def _is_gone(answer: Answer, asked: str) -> bool:
    if answer.status in _GONE:
        return True
    if answer.status >= 300:
        raise refused(answer, asked, _RIGHT)
    return False


def _first(body: str) -> str:
    return _plain(body).partition("\n")[0]


def _plain(body: str) -> str:
    """Return a body as it compares: GitHub gives line ends of its own, and takes off blanks at the end."""
    return body.replace("\r\n", "\n").rstrip()
