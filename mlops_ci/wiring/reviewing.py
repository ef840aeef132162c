"""The place of reviews that the environment names: GitHub, from a workflow, a build of CodeBuild or a terminal."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Container, Mapping
from urllib.parse import urlsplit

from mlops_ci.errors import ProviderError
from mlops_ci.ports.reviews import Reviews

_DOTCOM = "https://api.github.com"
_NAME = re.compile(r"(?!\.+$)[A-Za-z0-9._-]+")
_SCP = re.compile(r"(?:[^@/]+@)?(?P<host>[^:/]+):(?P<path>[^/].*)")


def reviews(
    environment: Mapping[str, str], *, now: Callable[[], float] = time.time, sleep: Callable[[float], None] = time.sleep
) -> Reviews:
    """Return the reviews of the repository that the environment names.

    That is GITHUB_REPOSITORY at GITHUB_API_URL (https://api.github.com), by GITHUB_TOKEN; in CodeBuild, the
    repository of the build's source. `now` gives Unix time in seconds, `sleep` takes seconds.

    Raises:
        ProviderError: the token or the repository is not known, or is not one.

    """
    host, repository = _repository(environment)
    root = environment.get("GITHUB_API_URL", "").strip() or _root_at(host)
    from mlops_ci.adapters.github.reviews import github_reviews
    from mlops_ci.adapters.github.wire import HERE, Wire

    _check(root, HERE)
    return github_reviews(Wire(root, _token(environment), environment), repository, now=now, sleep=sleep)


def _token(environment: Mapping[str, str]) -> str:
    """Return the token; what a wrong one looks like is not said, since logs are read by many."""
    token = environment.get("GITHUB_TOKEN", "").strip()
    if not token:
        hint = "export GITHUB_TOKEN=...; in a step of a workflow: `env: {GITHUB_TOKEN: ${{ github.token }}}`"
        raise ProviderError("to speak with GitHub takes a token, and GITHUB_TOKEN is not set", hint=hint)
    if not (token.isascii() and token.isprintable() and " " not in token):
        hint = "export GITHUB_TOKEN again: one line, without blanks or quotes"
        raise ProviderError("GITHUB_TOKEN holds what no token does: a blank, or a line end", hint=hint)
    return token


def _check(root: str, here: Container[str]) -> None:
    """Refuse what is no address, and one where everybody between here and there could read the token."""
    at = urlsplit(root)
    if at.scheme not in {"http", "https"} or not at.hostname:
        hint = f"unset GITHUB_API_URL for github.com, or export it as {_DOTCOM} is written"
        raise ProviderError(f"GITHUB_API_URL is no address: `{root}`", hint=hint)
    if at.scheme == "http" and at.hostname not in here:
        summary = f"GITHUB_API_URL would send the token unencrypted: `{at.scheme}://{at.hostname}`"
        raise ProviderError(summary, hint="export GITHUB_API_URL with `https://`")


def _repository(environment: Mapping[str, str]) -> tuple[str, str]:
    """Return the host (empty: that of the API) and `owner/name`."""
    if said := environment.get("GITHUB_REPOSITORY", "").strip():
        return "", _named(said, f"GITHUB_REPOSITORY is `{said}`, which is no repository")
    if url := environment.get("CODEBUILD_SOURCE_REPO_URL", "").strip():
        host, path = _located(url)
        return host, _named(path, "CODEBUILD_SOURCE_REPO_URL leads to no repository on GitHub")
    raise ProviderError("it is not known which repository on GitHub this is", hint=_hint())


def _located(url: str) -> tuple[str, str]:
    """Return host and path of a git address: `https://host/owner/name.git`, or `git@host:owner/name.git`."""
    if "://" in url:
        at = urlsplit(url)
        host, path = at.hostname or "", at.path
    else:
        found = _SCP.fullmatch(url)
        host, path = (found["host"], found["path"]) if found else ("", "")
    return host, path.strip("/").removesuffix(".git")


def _named(said: str, wrong: str) -> str:
    owner, _, name = said.partition("/")
    if not (_NAME.fullmatch(owner) and _NAME.fullmatch(name)):
        raise ProviderError(wrong, hint=_hint())
    return said


def _hint() -> str:
    return "export GITHUB_REPOSITORY=owner/name"


def _root_at(host: str) -> str:
    """Return where the API of a host is: a server of one's own has it below `/api/v3`."""
    return _DOTCOM if host in {"", "github.com", "www.github.com", "ssh.github.com"} else f"https://{host}/api/v3"
