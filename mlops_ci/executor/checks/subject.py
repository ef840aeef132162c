"""The subject of a test run: what is served, how to ask it, and what the records say that it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from mlops_ci.judging.scores import Scores
from mlops_ci.model import Json, Model
from mlops_ci.ports.clock import Clock
from mlops_ci.ports.endpoints import Answer


@dataclass(frozen=True, slots=True)
class Live:
    """An endpoint. `url` is what `/ping` and `/invocations` are below; `ping` returns the status of `/ping`.

    `invoke` takes body, content type and accept (empty: no such header), and returns whatever HTTP answer comes. Both
    raise ProviderError where none comes. `refuses_misshapen` claims that what serves refuses rows of another shape
    itself; else the model's code sees them, and an exception of its is a 500.
    """

    url: str
    invoke: Callable[[bytes, str, str], Answer]
    ping: Callable[[], int]
    refuses_misshapen: bool = True


@dataclass(frozen=True, slots=True)
class Batch:
    """Batch runs: `transform` returns what the serving code answers to these rows, however many it returns."""

    transform: Callable[[tuple[str, ...]], tuple[Json, ...]]


Service: TypeAlias = Live | Batch


@dataclass(frozen=True, slots=True)
class Subject:
    """A version in an environment.

    `rows` are the test rows as lines of `model.serving.content_type`, without header and label, columns in the order of
    `features`; `labels` is the true label of each as text; `recorded` what the evaluation predicted for each;
    `scores` what the evaluation made of that. `judge` computes the scores of one prediction a row, in that order.
    """

    model: Model
    environment: str
    version: int
    service: Service
    rows: tuple[str, ...]
    labels: tuple[str, ...]
    features: tuple[str, ...]
    recorded: tuple[Json, ...]
    scores: Scores
    judge: Callable[[tuple[Json, ...]], Scores]
    clock: Clock

    @property
    def name(self) -> str:
        """Return what the header `x-mlops-ci-version` of every answer says."""
        return f"{self.model.name}/v{self.version}"
