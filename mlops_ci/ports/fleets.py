"""Fleets: builds of a CI service that work side by side, each on its part of the candidates."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class FleetState(Enum):
    """Where a fleet, or one build of it, is."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class FleetBuild:
    """One build: the part it works on, where it is, and its log's place (empty while there is none)."""

    name: str
    state: FleetState
    log: str = ""


@dataclass(frozen=True, slots=True)
class Fleet:
    """A fleet as it is now; `builds` are in the order of the parts."""

    id: str
    state: FleetState
    builds: tuple[FleetBuild, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What one build works on: a name of letters, digits and `_`, and candidates as `MODEL/NAME`."""

    name: str
    candidates: tuple[str, ...]


class Fleets(Protocol):
    """Starts fleets. Nothing here waits."""

    def running(self, commit: str) -> str:
        """Return the id of a fleet that runs for a commit, empty where none does."""
        ...

    def start(self, commit: str, parts: tuple[Part, ...]) -> str:
        """Start a fleet, and return its id.

        Raises:
            ProviderError: it could not be started.

        """
        ...

    def look(self, fleet: str) -> Fleet:
        """Return where a fleet is now."""
        ...
