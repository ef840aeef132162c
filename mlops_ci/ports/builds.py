"""Builds: an image made of a Dockerfile and the files beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from mlops_ci.ports.jobs import CodeFile


@dataclass(frozen=True, slots=True)
class Building:
    """What is built: `repository:tag`, of the files of a context, whose `Dockerfile` is among them by this name.

    The tag is the digest of the context, so that the same files are built once.
    """

    model: str
    candidate: str
    repository: str
    tag: str
    files: tuple[CodeFile, ...]

    @property
    def name(self) -> str:
        """Return how one names it in a manifest."""
        return f"{self.repository}:{self.tag}"


class BuildState(Enum):
    """Where a build is."""

    RUNNING = "it runs"
    SUCCEEDED = "the image is in its repository"
    FAILED = "it ended without an image"


class Builder(Protocol):
    """Builds images. Nothing here waits."""

    def find(self, building: Building) -> str:
        """Return the image by its digest, empty where it has not been built."""
        ...

    def start(self, building: Building) -> str:
        """Start a build, or find the one that runs, and return its id; what it needs is made where it is missing.

        Raises:
            InputsMoved: a file has other bytes than its blob id says.
            ProviderError: it could not be started.

        """
        ...

    def state(self, build: str) -> BuildState:
        """Return where a build is now."""
        ...

    def lines(self, build: str) -> Iterator[str]:
        """Yield the lines of a build's log that were not given before."""
        ...
