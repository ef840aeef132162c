"""What GitHub refuses, in its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DOCS = "https://docs.github.com/rest"


@dataclass(frozen=True)
class Refused(Exception):  # noqa: N818 - named after what happened
    """A refusal: HTTP's status, the message, `errors` where a value is wrong, headers of its own."""

    status: int
    message: str
    errors: tuple[Mapping[str, Any] | str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def said(self) -> dict[str, Any]:
        """Return the body of the answer."""
        errors = {"errors": list(self.errors)} if self.errors else {}
        return {"message": self.message, **errors, "documentation_url": DOCS, "status": str(self.status)}


def not_found() -> Refused:
    """Return what there is to say of a thing that is not there, or that the token may not see."""
    return Refused(404, "Not Found")


def invalid(said: str) -> Refused:
    """Return what a body of the wrong form is told."""
    return Refused(422, f"Invalid request.\n\n{said}")


def failed(resource: str, **error: str) -> Refused:
    """Return what a value that cannot be is told."""
    return Refused(422, "Validation Failed", ({"resource": resource, **error},))
