"""A request as its answer needs it, and answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from mlops_ci.testing.github.problems import not_found
from mlops_ci.testing.github.state import Pull, Repository, Token

if TYPE_CHECKING:
    from mlops_ci.testing.github.loopback import GitHub


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: the status, the JSON of its body (None: no body), headers of its own."""

    status: int = 200
    said: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: what the path's parts are called (`parts`), what its query says, the JSON of its body."""

    github: GitHub
    path: str
    parts: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    token: Token | None

    @property
    def repository(self) -> Repository:
        """The repository that the path names."""
        return self.github.find(f"{self.parts['owner']}/{self.parts['name']}")

    @property
    def who(self) -> Token:
        """The token of a request that needed one."""
        if self.token is None:
            raise not_found()
        return self.token

    def pull(self) -> Pull:
        """Return the pull request that the path names, as it is by now."""
        found = self.repository.pulls.get(int(self.parts["number"]))
        if found is None:
            raise not_found()
        return found

    def page(self, every: Iterable[Any]) -> Reply:
        """Return the page of a list that the query asks for, and the way to the others."""
        items = list(every)
        size = min(100, max(1, self._number("per_page", 30)))
        page = max(1, self._number("page", 1))
        last = max(1, -(-len(items) // size))
        links = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
        shown = [
            f'<{self.github.url}{self.path}?{urlencode({**self.query, "page": number})}>; rel="{rel}"'
            for rel, number in links.items()
            if (page > 1 if rel in {"prev", "first"} else page < last)
        ]
        headers = {"Link": ", ".join(shown)} if shown else {}
        return Reply(200, items[(page - 1) * size : page * size], headers)

    def _number(self, name: str, default: int) -> int:
        said = self.query.get(name, "")
        return int(said) if said.isdigit() else default
