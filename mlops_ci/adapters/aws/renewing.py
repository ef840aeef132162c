"""Credentials that end while a command runs, and that somebody renewed meanwhile in the file where boto3 found them.

boto3 renews what says when it ends (SSO, roles, containers). Keys that a file or a variable holds it reads once.
"""

from __future__ import annotations

from typing import Any

ENDED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
"""The codes by which services say that credentials have ended."""
BARE = "400"
"""What S3 says of it where an answer has no body, as to HEAD."""


def client_of(service: str, **given: Any) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
    """Return a client of boto3 which, told that its credentials ended, looks for others and asks once more.

    Raises as boto3 does.
    """
    import boto3

    session = boto3.session.Session()
    made = session.client(service, **given)
    own = session.get_credentials()

    def renew(response: Any, **_: object) -> int | None:  # noqa: ANN401 - (HTTP's answer, what it says), or None
        """Return 0, the seconds until the call is made again, where there are other credentials by now."""
        said = response[1].get("Error", {}) if response else {}
        if said.get("Code") not in {*ENDED, BARE}:
            return None
        found = boto3.session.Session().get_credentials()
        if found is None or type(found) is not type(own) or found.access_key == own.access_key:
            return None
        own.access_key, own.secret_key, own.token = found.access_key, found.secret_key, found.token
        return 0

    if _is_plain(own):
        made.meta.events.register_first("needs-retry", renew)
    return made


def _is_plain(credentials: Any) -> bool:  # noqa: ANN401 - as above
    """Return whether these are keys that do not renew themselves."""
    from botocore.credentials import Credentials

    return type(credentials) is Credentials
