"""One request over HTTP, and its answer as it is. The token goes to the API's own origin, and is in no text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from mlops_ci.errors import ProviderError

VERSION = "2022-11-28"
"""The version of the REST API that the requests are written in."""
_TIMEOUT = 30
"""Seconds that a connection, or a pause within an answer, may take."""
_LARGEST = 64 * 2**20
"""Bytes of an answer, of which a page of a hundred pull requests has about two million."""
_MOVED = frozenset({301, 302, 303, 307, 308})
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
"""This machine: it needs no encryption, and no proxy."""
_PORTS = {"http": 80, "https": 443}


class Lost(Exception):  # noqa: N818 - named after what happened
    """No answer came. `is_unsent` claims that the request never reached anybody, so that nothing was done."""

    def __init__(self, said: str, *, is_unsent: bool) -> None:
        super().__init__(said)
        self.said = said
        self.is_unsent = is_unsent


@dataclass(frozen=True)
class Answer:
    """What was answered: the status, the headers (names in lower case) and the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @cached_property
    def said(self) -> Any:  # noqa: ANN401 - JSON of any form
        """The body's JSON; None where it is empty or something else, such as a gateway's page."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def message(self) -> str:
        """What a refusal says, in one line; empty where it says nothing."""
        said = self.said.get("message", "") if isinstance(self.said, dict) else ""
        return " ".join(str(said).split())[:500]


@dataclass(frozen=True, slots=True)
class Wire:
    """The way to the API at `root` (such as `https://api.github.com`), by the proxies of the environment."""

    root: str
    token: str = field(repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        """Return the answer to a request; `path` begins with `/`, or is a whole address of the same origin.

        Redirects within the API are followed with the same method, as GitHub asks for.

        Raises:
            Lost: no whole answer came.
            ProviderError: the request cannot be made, or leads elsewhere.

        """
        url = path if "://" in path else f"{self.root.rstrip('/')}{path}"
        # Half a character, which a file's odd name may hold, would make the whole body no JSON to GitHub.
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode(errors="replace")
        for _ in range(4):
            self._check_origin(url)
            answer = self._once(method, url, data)
            if answer.status not in _MOVED or "location" not in answer.headers:
                return answer
            url = urljoin(url, answer.headers["location"])
            if answer.status == 303:
                method, data = "GET", None
        hint = "look at GITHUB_API_URL, then type the command again"
        raise ProviderError(f"GitHub sends `{method} {path}` from one address to the next", hint=hint)

    def _check_origin(self, url: str) -> None:
        """Refuse an address that is not the API's own: the token would go there too."""
        if _origin(urlsplit(url)) != _origin(urlsplit(self.root)):
            other = urlsplit(url).hostname or url
            summary = f"GitHub's API at `{self.root}` leads to another host, `{other}`, which gets no token"
            raise ProviderError(summary, hint="look at GITHUB_API_URL, then type the command again")

    def _once(self, method: str, url: str, data: bytes | None) -> Answer:
        from http.client import HTTPException
        from urllib.error import HTTPError, URLError
        from urllib.request import Request

        request = Request(url, data=data, method=method, headers=self._headers())  # noqa: S310 - the origin was looked at
        try:
            with self._opener(url).open(request, timeout=_TIMEOUT) as found:
                return self._read(found)
        except HTTPError as error:
            with error:
                try:
                    return self._read(error)
                except (OSError, HTTPException) as lost:
                    raise Lost(self.hidden(_words(lost)), is_unsent=False) from lost
        except URLError as error:
            self._check_certificate(error)
            unsent = isinstance(error.reason, ConnectionRefusedError) or type(error.reason).__name__ == "gaierror"
            raise Lost(self.hidden(_words(error.reason)), is_unsent=unsent) from error
        except (OSError, HTTPException) as error:
            raise Lost(self.hidden(_words(error)), is_unsent=False) from error

    def _read(self, found: Any) -> Answer:  # noqa: ANN401 - an answer of urllib, or the error that is one
        body = found.read(_LARGEST + 1)
        if len(body) > _LARGEST:
            hint = "look at GITHUB_API_URL: this is no answer of GitHub's"
            raise ProviderError(f"an answer has more than {_LARGEST:,} bytes", hint=hint)
        status = int(found.status)
        if status >= 300 and self.token:  # what is refused is told, so it must not say the token back
            body = body.replace(self.token.encode(), b"***")
        return Answer(status, {name.lower(): value for name, value in found.headers.items()}, body)

    def hidden(self, text: str) -> str:
        """Return the text without the token, should somebody have said it."""
        return text.replace(self.token, "***") if self.token else text

    def _headers(self) -> dict[str, str]:
        from mlops_ci import __version__

        return {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "User-Agent": f"mlops-ci/{__version__}",
            "X-GitHub-Api-Version": VERSION,
        }

    def _opener(self, url: str) -> Any:  # noqa: ANN401 - urllib's, of which one method is used
        """Return what opens an address: never a redirect by itself, since it would take the token along."""
        from urllib.request import HTTPRedirectHandler, ProxyHandler, build_opener

        class Stay(HTTPRedirectHandler):
            def redirect_request(self, *_: object) -> None:
                return None

        return build_opener(ProxyHandler(self._proxies(urlsplit(url))), Stay())

    def _proxies(self, at: SplitResult) -> dict[str, str]:
        from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

        def said(name: str) -> str:
            return self.environment.get(name) or self.environment.get(name.upper(), "")

        passed = {"no": said("no_proxy")}
        if at.hostname in HERE or proxy_bypass_environment(at.netloc, passed):
            return {}
        found = said(f"{at.scheme}_proxy") or said("all_proxy")
        return {at.scheme: found} if found else {}

    def _check_certificate(self, error: Any) -> None:  # noqa: ANN401 - URLError, imported when needed
        import ssl

        if isinstance(error.reason, ssl.SSLCertVerificationError):
            summary = f"the certificate of `{urlsplit(self.root).hostname}` is not to be trusted: "
            summary += error.reason.verify_message
            hint = "name the authority of your company in SSL_CERT_FILE, then type the command again"
            raise ProviderError(summary, hint=hint) from error


def _origin(at: SplitResult) -> tuple[str, str, int]:
    return at.scheme, at.hostname or "", at.port or _PORTS.get(at.scheme, 0)


def _words(error: object) -> str:
    return " ".join(str(error).split()) or type(error).__name__
