"""Notebooks: a place to look at a candidate's data and code by hand, at most one a model."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from mlops_ci.ports.jobs import Image, Input


class NotebookState(Enum):
    """What a notebook does now."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class NotebookSpec:
    """What a notebook has at hand: a candidate's software, hyperparameters, environment and data, and a commit.

    `repository` is an address that anybody may clone without credentials in it, empty where there is none; `instance`
    is a type of machine, for where machines are chosen; after `idle_minutes` in which nothing runs it stops by itself.
    """

    model: str
    candidate: str
    commit: str
    repository: str
    image: Image
    hyperparameters: tuple[tuple[str, str], ...]
    environment: tuple[tuple[str, str], ...]
    channels: tuple[Input, ...]
    instance: str
    idle_minutes: int


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook that is there. `url` opens it, with all that it takes to get in; empty while it does not run."""

    model: str
    state: NotebookState
    candidate: str
    instance: str = ""
    url: str = ""
    detail: str = ""


class Notebooks(Protocol):
    """Runs notebooks. Nothing here waits: each call does what can be done now, and may be made again."""

    def start(self, spec: NotebookSpec) -> None:
        """Begin to start the model's notebook; does nothing where it starts or runs.

        Raises:
            ProviderError: it cannot be started, and why.

        """
        ...

    def status(self, model: str) -> Notebook | None:
        """Return the model's notebook; None where there is none."""
        ...

    def stop(self, model: str) -> None:
        """Begin to stop it; does nothing where it does not run."""
        ...

    def delete(self, model: str) -> None:
        """Begin to remove what stopped, and all that was made for it; does nothing where there is nothing."""
        ...
