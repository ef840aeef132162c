"""Who the token is, to tell our own comments from those of others who begin theirs as we do."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from mlops_ci.adapters.github.asking import Api, Unsure, settled
from mlops_ci.adapters.github.wire import Answer

BOT = "[bot]"
"""How the login of every App ends."""
ACTIONS = "github-actions[bot]"
"""Who the token of a workflow is. It may not ask `GET /user`, as no token of an App may."""
_WHO = {"query": "query { viewer { login } }"}


@dataclass(slots=True)
class Identity:
    """The token's own login, asked for once a command, and only where a comment could be ours."""

    api: Api
    _known: str = field(default="", init=False)

    def wrote(self, comment: dict[str, Any]) -> bool:
        """Return whether the token is who wrote a comment."""
        author = comment.get("user") or {}
        self._known = self._known or self._asked()
        return str(author.get("login", "")).lower() == self._known.lower()

    def learn(self, comment: dict[str, Any]) -> None:
        """Take the author of what was just made: it is us."""
        self._known = str((comment.get("user") or {}).get("login", "")) or self._known

    def _asked(self) -> str:
        """Return the login: of a person by REST, of an App by GraphQL, which alone tells it; else of GitHub Actions."""
        if not self.api.wire.token.startswith("ghs_"):  # the token of an App, by its first letters
            answer = self.api.answer("GET", "/user", "say who the token is")
            if answer.status == 200 and isinstance(answer.said, dict):
                return str(answer.said.get("login", ""))
        answer = self._viewer()
        data = answer.said.get("data") if isinstance(answer.said, dict) else None
        viewer = data.get("viewer") if isinstance(data, dict) else None
        login = str(viewer.get("login", "")) if isinstance(viewer, dict) else ""
        # GraphQL has names of Apps with and without the ending, which REST writes behind the author of a comment.
        return f"{login.removesuffix(BOT)}{BOT}" if login else ACTIONS

    def _viewer(self) -> Answer:
        """Return the answer of GraphQL, asked again where it broke: a guess would be a second comment."""
        for tried in count():
            try:
                return self.api.answer("POST", _graphql(self.api.wire.root), "say who the token is", _WHO)
            except Unsure as unsure:
                settled(self.api, unsure, tried)
        raise AssertionError  # count() has no end


def _graphql(root: str) -> str:
    """Return where GraphQL is: beside the REST API on a server of one's own (`/api/v3`), below it on github.com."""
    root = root.rstrip("/")
    return f"{root.removesuffix('/v3')}/graphql" if root.endswith("/api/v3") else f"{root}/graphql"
