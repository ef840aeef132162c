"""The user's own tests, run against an endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """What pytest said: how many passed and failed, the first failure in a sentence, and the end of its output."""

    passed: int
    failed: int
    sentence: str
    lines: tuple[str, ...]


class UserTests(Protocol):
    """Runs pytest files in a process of their own."""

    def run(self, paths: tuple[str, ...], *, model: str, environment: str, version: int, url: str) -> SuiteResult:
        """Return what the tests at these paths (relative to the project) said of the endpoint at `url`.

        Raises:
            ProviderError: they could not be run.

        """
        ...
