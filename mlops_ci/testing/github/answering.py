"""From a request to its answer: who asks, what is left of the hour, what goes wrong, what may be done, what is done."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

from mlops_ci.testing.github.asked import Asked, Reply
from mlops_ci.testing.github.bodies import parsed
from mlops_ci.testing.github.faults import Answered, Behind, Broken, Deleted, Fault, Limited, Nothing
from mlops_ci.testing.github.loopback import GitHub
from mlops_ci.testing.github.problems import Refused, not_found
from mlops_ci.testing.github.rights import check_right, check_visible
from mlops_ci.testing.github.routes import ROUTES, Route
from mlops_ci.testing.github.state import Token


class Break(Exception):  # noqa: N818 - named after what happens
    """The connection ends without an answer."""


def answered(github: GitHub, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
    """Return the answer to a request of the API.

    Raises:
        Break: there is to be none.

    """
    with github.lock:
        path = urlsplit(target).path
        said = f"{method} {path}"
        github.traffic.calls.append(said)
        limits: Mapping[str, str] = {}
        try:
            token = _token(github, headers)
            if path != "/rate_limit":
                limits = github.limits.count(token.text if token else "", github.now())
            reply = _disturbed(github, said, (method, target, body), token)
        except Refused as refused:
            github.traffic.refused.append((said, refused.status, refused.message))
            reply = Reply(refused.status, refused.said(), refused.headers)
        return Reply(reply.status, reply.said, {**limits, **reply.headers})


def _token(github: GitHub, headers: Mapping[str, str]) -> Token | None:
    scheme, _, text = headers.get("authorization", "").partition(" ")
    if not scheme:
        return None
    if scheme.lower() not in {"bearer", "token"} or text.strip() not in github.tokens:
        raise Refused(401, "Bad credentials")
    return github.tokens[text.strip()]


def _disturbed(github: GitHub, said: str, request: tuple[str, str, bytes], token: Token | None) -> Reply:
    """Return the answer, or what a fault makes of it."""
    fault: Fault | None = github.faults.of(said)
    match fault:
        case None | Nothing():
            return _done(github, request, token)
        case Answered():
            if fault.is_done:
                _done(github, request, token)
            raise Refused(fault.status, fault.message)
        case Broken():
            if fault.is_done:
                _done(github, request, token)
            raise Break
        case Limited():
            headers = {"retry-after": str(fault.after)} if fault.after else {}
            raise Refused(fault.status, "You have exceeded a secondary rate limit. Please wait.", headers=headers)
        case Deleted():
            number = said.rpartition("/")[2]
            for repository in github.repositories.values():
                repository.comments.pop(int(number) if number.isdigit() else 0, None)
            return _done(github, request, token)
        case Behind():
            reply = _done(github, request, token)
            rest = reply.said[:-1] if isinstance(reply.said, list) else reply.said
            return Reply(reply.status, rest, reply.headers)


def _done(github: GitHub, request: tuple[str, str, bytes], token: Token | None) -> Reply:
    method, target, body = request
    at = urlsplit(target)
    route, parts = _route(method, at.path)
    query = dict(parse_qsl(at.query, keep_blank_values=True))
    asked = Asked(github, at.path, {k: unquote(v) for k, v in parts.items()}, query, None, token)
    if "owner" in parts and (new := github.moved.get(f"{parts['owner']}/{parts['name']}".lower())):
        return _moved(github, method, at.path, new)
    if "owner" in parts:
        check_visible(asked.repository, token)
    if route.rights:
        check_right(asked.repository, token, route.rights, route.level)
    return route.answer(Asked(github, at.path, asked.parts, query, parsed(body), token))


def _moved(github: GitHub, method: str, path: str, new: str) -> Reply:
    """Send a request on to the new name of a repository, with the same method."""
    there = f"{github.url}/repos/{new}/{'/'.join(path.split('/')[4:])}".rstrip("/")
    status, said = (301, "Moved Permanently") if method == "GET" else (307, "Temporary Redirect")
    return Reply(status, {"message": said, "url": there}, {"Location": there})


def _route(method: str, path: str) -> tuple[Route, Mapping[str, str]]:
    for route in ROUTES:
        if route.method == method and (parts := route.found(path)) is not None:
            return route, parts
    raise not_found()
