"""What a token may do, refused as GitHub does."""

from __future__ import annotations

from mlops_ci.testing.github.problems import Refused, not_found
from mlops_ci.testing.github.state import Repository, Token


def check_visible(repository: Repository, token: Token | None) -> None:
    """Refuse who may not know that a private repository exists: it is not found."""
    if repository.is_private and not (token and token.is_for(repository.name)):
        raise not_found()


def check_right(repository: Repository, token: Token | None, rights: tuple[str, ...], level: str) -> None:
    """Refuse who may not do something: of several rights one is enough. What is public may be read by all."""
    if level == "read" and not repository.is_private:
        return
    if token is None:
        raise Refused(401, "Requires authentication")
    if token.is_for(repository.name) and any(token.may(right, level) for right in rights):
        return
    what = "integration" if token.is_app else "personal access token"
    accepted = "; ".join(f"{right}={level}" for right in rights)
    raise Refused(403, f"Resource not accessible by {what}", headers={"x-accepted-github-permissions": accepted})
