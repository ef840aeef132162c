"""References of images as people write them, taken apart. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HOST = re.compile(
    r"(?P<registry>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.(?P<domain>[a-z0-9.-]+)", re.ASCII
)
_REST = re.compile(
    r"(?P<repository>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Reference:
    """An image in ECR. Without `host` it is in the account's own registry; `tag` is `latest` where none is written."""

    repository: str
    tag: str = "latest"
    digest: str = ""
    host: str = ""
    registry: str = ""
    region: str = ""

    def __str__(self) -> str:
        """Return it as one writes it: by its digest where that is known."""
        where = f"{self.host}/{self.repository}" if self.host else self.repository
        return f"{where}@{self.digest}" if self.digest else f"{where}:{self.tag}"

    @property
    def place(self) -> tuple[str, str, str]:
        """Return (region, registry, repository): what one request can ask about."""
        return self.region, self.registry, self.repository


def parsed(text: str) -> Reference | None:
    """Return the reference that is written; None where it is none, or its registry is none of ECR's."""
    host, slash, rest = text.partition("/")
    found = _HOST.fullmatch(host) if slash else None
    if found is None and slash and ("." in host or ":" in host or host == "localhost"):
        return None  # a registry of somebody else's
    named = _REST.fullmatch(rest if found else text)
    if named is None:
        return None
    tag, digest = named["tag"] or "latest", named["digest"] or ""
    if found is None:
        return Reference(named["repository"], tag, digest)
    return Reference(named["repository"], tag, digest, host, found["registry"], found["region"])


def host_of(registry: str, region: str) -> str:
    """Return the name of an account's registry in a region."""
    return f"{registry}.dkr.ecr.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"
