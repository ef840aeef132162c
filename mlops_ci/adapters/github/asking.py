"""Questions to the API of one repository: asked again where that is safe, and refused in our own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from mlops_ci.adapters.github.refusals import refused
from mlops_ci.adapters.github.waiting import PASSING, PAUSES, Patience, asked_to_wait
from mlops_ci.adapters.github.wire import Answer, Lost, Wire
from mlops_ci.errors import ProviderError

_NEXT = re.compile(r'<([^<>]+)>\s*;[^,]*\brel="next"')


class Unsure(Exception):  # noqa: N818 - named after what happened
    """It broke before an answer came: nobody knows whether it was done. Who asked looks, and asks again."""

    def __init__(self, error: ProviderError) -> None:
        super().__init__(error.summary)
        self.error = error


@dataclass(frozen=True, slots=True)
class Api:
    """The API as one repository (`owner/name`) sees it. Paths begin below the repository."""

    wire: Wire
    repository: str
    patience: Patience

    @property
    def owner(self) -> str:
        """Who owns the repository: a person or an organisation."""
        return self.repository.partition("/")[0]

    def path(self, below: str) -> str:
        """Return the path of something of the repository's."""
        return f"/repos/{self.repository}{below}"

    def get(self, path: str, asked: str, right: str) -> Any:  # noqa: ANN401 - JSON of any form
        """Return what is there. `asked` says it as a deed (`read pull request 7`); `right` is the permission needed.

        Raises:
            ProviderError: it is refused, or does not answer.
            TryAgain: GitHub asks to come back later.

        """
        answer = self.answer("GET", path, asked)
        return _read(answer, asked, right)

    def pages(self, path: str, asked: str, right: str) -> Iterator[Any]:
        """Yield what a list holds, page by page; raises as `get` does."""
        following: str | None = path
        while following:
            answer = self.answer("GET", following, asked)
            said = _read(answer, asked, right)
            yield from said if isinstance(said, list) else said.get("check_runs", ())
            found = _NEXT.search(answer.headers.get("link", ""))
            following = found[1] if found else None

    def change(self, method: str, path: str, body: object, asked: str, right: str) -> Any:  # noqa: ANN401 - as above
        """Change something, or make it new, and return it as it is now; raises as `get` does.

        Raises:
            Unsure: it broke, and may have been done.

        """
        answer = self.answer(method, path, asked, body)
        return _read(answer, asked, right) if answer.body else None

    def answer(self, method: str, path: str, asked: str, body: object = None) -> Answer:
        """Return an answer that is final, whatever its status: what passes was waited for, what broke asked again.

        Raises:
            Unsure: something other than a GET broke, and may have been done.
            ProviderError: nothing answers.
            TryAgain: GitHub asks to come back later.

        """
        for tried in count():
            is_unsent = False
            try:
                answer = self._patiently(method, path, body)
            except Lost as lost:
                broken, is_unsent = lost.said, lost.is_unsent
                hint = "look at the network, at the proxy and at GITHUB_API_URL, then type the command again"
                error = ProviderError(f"GitHub's API at `{self.wire.root}` does not answer: {broken}", hint=hint)
            else:
                if answer.status not in PASSING:
                    return answer
                broken = f"{answer.status} {answer.message}".strip()
                error = refused(answer, asked, "")
            if method != "GET" and not is_unsent:
                raise Unsure(error)
            if tried >= len(PAUSES):
                raise error
            self.patience.wait(PAUSES[tried], broken)
        raise AssertionError  # count() has no end

    def _patiently(self, method: str, path: str, body: object) -> Answer:
        """Return an answer that is no request to wait. A refusal for going too fast was not done, so it is safe."""
        while True:
            answer = self.wire.ask(method, path, body)
            seconds = asked_to_wait(answer, self.patience.now())
            if seconds is None:
                return answer
            self.patience.wait(seconds, answer.message or "too many requests")


def _read(answer: Answer, asked: str, right: str) -> Any:  # noqa: ANN401 - JSON of any form
    if answer.status >= 300:
        raise refused(answer, asked, right)
    if answer.said is None:
        hint = "look at GITHUB_API_URL and at the proxy: something else answers there"
        raise ProviderError(f"what answers is not GitHub's API: it should {asked}", hint=hint)
    return answer.said


def settled(api: Api, unsure: Unsure, tried: int) -> None:
    """Wait before the next try of what broke; the fifth is the last.

    Raises:
        ProviderError: it broke too often.
        TryAgain: there is no time left to wait.

    """
    if tried >= len(PAUSES):
        raise unsure.error from unsure
    api.patience.wait(PAUSES[tried], unsure.error.summary)
