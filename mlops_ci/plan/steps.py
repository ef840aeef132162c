"""Steps: what is performed. They name roles, since champion and digest are unknown before training."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class When(Enum):
    """Whether a step is performed although its result is known already."""

    NEEDED = "only where it is not"
    ASKED = "in any case: somebody asked"


@dataclass(frozen=True, slots=True)
class Process:
    """Run the processing script that makes the channels."""

    model: str

    @property
    def id(self) -> str:
        return f"{self.model}/process"


@dataclass(frozen=True, slots=True)
class Train:
    """Train a candidate."""

    model: str
    candidate: str

    @property
    def id(self) -> str:
        return f"{self.model}/train/{self.candidate}"


@dataclass(frozen=True, slots=True)
class Evaluate:
    """Evaluate whatever the candidate trained; an empty one means what stands in `environment`, else the champion."""

    model: str
    candidate: str
    environment: str = ""

    @property
    def id(self) -> str:
        return f"{self.model}/evaluate/{self.candidate or '@' + (self.environment or 'champion')}"


@dataclass(frozen=True, slots=True)
class Promote:
    """Hold the contest, and let the best become champion on the branch."""

    model: str

    @property
    def id(self) -> str:
        return f"{self.model}/promote"


@dataclass(frozen=True, slots=True)
class Gate:
    """Ask whether the environment opens for what it would serve next."""

    model: str
    environment: str
    when: When = When.NEEDED

    @property
    def id(self) -> str:
        return f"{self.model}/gate/{self.environment}"


@dataclass(frozen=True, slots=True)
class Deploy:
    """Move the environment's pointer, and make its endpoint serve what the pointer says."""

    model: str
    environment: str

    @property
    def id(self) -> str:
        return f"{self.model}/deploy/{self.environment}"


@dataclass(frozen=True, slots=True)
class Restore:
    """Make an endpoint that does not serve what its pointer says do so again, whatever becomes of the rest."""

    model: str
    environment: str

    @property
    def id(self) -> str:
        return f"{self.model}/restore/{self.environment}"


@dataclass(frozen=True, slots=True)
class Test:
    """Test what the environment serves."""

    __test__ = False  # its name is no test of pytest's

    model: str
    environment: str
    when: When = When.NEEDED

    @property
    def id(self) -> str:
        return f"{self.model}/test/{self.environment}"


Step: TypeAlias = Process | Train | Evaluate | Promote | Gate | Restore | Deploy | Test


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A step and the ids of the steps that must have ended well before it."""

    step: Step
    needs: tuple[str, ...]
