"""git over HTTP: clone, fetch and push at `/owner/name.git`, by git's own backend, as the token may."""

from __future__ import annotations

import base64
import binascii
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from mlops_ci.testing.github.heads import fresh
from mlops_ci.testing.github.loopback import GitHub
from mlops_ci.testing.github.problems import Refused
from mlops_ci.testing.github.rights import check_right, check_visible
from mlops_ci.testing.github.state import Repository, Token

_PATH = re.compile(
    r"/(?P<name>[^/]+/[^/]+?)(?:\.git)?(?P<what>/(?:info/refs|git-upload-pack|git-receive-pack|HEAD|objects/.+))"
)


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer that is no JSON."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def is_git(target: str) -> bool:
    """Return whether a request is one of git's."""
    return _PATH.fullmatch(urlsplit(target).path) is not None


def served(github: GitHub, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Raw:
    """Return what git's backend answers; a push that moved heads is seen by the pull requests at once."""
    at = urlsplit(target)
    found = _PATH.fullmatch(at.path)
    if found is None:
        return Raw(404)
    is_push = "git-receive-pack" in f"{at.path}?{at.query}"
    github.traffic.git.append(f"{method} {at.path}")
    try:
        with github.lock:
            repository = github.find(found["name"])
            token = _token(github, headers)
            check_visible(repository, token)
            check_right(repository, token, ("contents",), "write" if is_push else "read")
    except Refused as refused:
        return _refused(refused, found["name"])
    answer = _backend(repository, token, (method, found["what"], at.query), headers, body)
    if is_push and method == "POST":
        with github.lock:
            for other in (repository, *([github.find(repository.parent)] if repository.parent else [])):
                fresh(github, other)
    return answer


def _token(github: GitHub, headers: Mapping[str, str]) -> Token | None:
    """Return the token: git sends it as a password, of whatever user."""
    scheme, _, said = headers.get("authorization", "").partition(" ")
    if not scheme:
        return None
    if scheme.lower() == "basic":
        try:
            said = base64.b64decode(said).decode().rpartition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            said = ""
    if said not in github.tokens:
        raise Refused(401, "Invalid username or token.")
    return github.tokens[said]


def _refused(refused: Refused, name: str) -> Raw:
    text = {"Content-Type": "text/plain"}
    if refused.status == 401:
        return Raw(401, {**text, "WWW-Authenticate": 'Basic realm="GitHub"'}, refused.message.encode())
    said = f"Permission to {name}.git denied." if refused.status == 403 else "Repository not found."
    return Raw(refused.status, text, said.encode())


def _backend(
    repository: Repository,
    token: Token | None,
    request: tuple[str, str, str],
    headers: Mapping[str, str],
    body: bytes,
) -> Raw:
    """Return what `git http-backend` says, a program of CGI (RFC 3875)."""
    method, what, query = request
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "HTTP_"))}
    done = subprocess.run(
        ["git", "http-backend"],
        env={
            **kept,
            "GIT_PROJECT_ROOT": str(repository.path.parent),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": f"/{repository.path.name}{what}",
            "REQUEST_METHOD": method,
            "QUERY_STRING": query,
            "CONTENT_TYPE": headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": headers.get("content-encoding", ""),
            "GIT_PROTOCOL": headers.get("git-protocol", ""),
            "REMOTE_ADDR": "127.0.0.1",
            **({"REMOTE_USER": token.login} if token else {}),
        },
        input=body,
        capture_output=True,
        check=False,
    )
    head, _, said = done.stdout.partition(b"\r\n\r\n")
    lines = (line.partition(": ") for line in head.decode("latin-1").splitlines())
    found = {name: value for name, _, value in lines}
    status = int(found.pop("Status", "200").split()[0]) if head else 500
    return Raw(status, found, said)
