"""A candidate: one algorithm that competes, as a script, an image or an artifact."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from mlops_ci.model.effects import Effect, Pairs, causes, section
from mlops_ci.model.search import Search


@dataclass(frozen=True, slots=True)
class Framework:
    """A framework by SageMaker's name (`sklearn`, `xgboost`, `pytorch` ...); no version means the installed one."""

    name: str = causes(Effect.RETRAIN)
    version: str = causes(Effect.RETRAIN, default="")


class InputMode(Enum):
    """How a job gets its channels, by SageMaker's names: copied before it begins, read while it reads, or streamed."""

    FILE = "File"
    FAST_FILE = "FastFile"
    PIPE = "Pipe"


@dataclass(frozen=True, slots=True)
class Resources:
    """Where a job runs. `volume` in GB, `max_runtime` and `max_wait` in seconds. None of it changes a model.

    `retries` are SageMaker's own, after its own errors; `checkpoints` are kept with `spot` in any case. What AWS alone
    knows means nothing on this machine.
    """

    instance: str = causes(Effect.METADATA, default="ml.m5.large")
    count: int = causes(Effect.METADATA, default=1)
    volume: int = causes(Effect.METADATA, default=30)
    max_runtime: int = causes(Effect.METADATA, default=3600)
    spot: bool = causes(Effect.METADATA, default=False)
    max_wait: int = causes(Effect.METADATA, default=0)
    input_mode: InputMode = causes(Effect.METADATA, default=InputMode.FILE)
    checkpoints: bool = causes(Effect.METADATA, default=False)
    retries: int = causes(Effect.METADATA, default=0)


@dataclass(frozen=True, slots=True)
class MetricDefinition:
    """A number read from the training log: the last match of `regex`, group 1."""

    name: str = causes(Effect.METADATA)
    regex: str = causes(Effect.METADATA)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One file below `candidates/`: a `script`, an `artifact`, an `algorithm`, or an `image` that trains by itself.

    A script runs in a `framework`, an `image`, or what a `dockerfile` builds of its sources. Paths are relative to the
    model's folder. The bytes behind `sources`, `requirements`, `dockerfile` and `artifact` enter fingerprints by
    digest. `seed` reaches the script as the hyperparameter `seed`. With a `search`, the script is trained several
    times, and the model of the best trial is the candidate's.
    """

    name: str = causes(Effect.IDENTITY)
    description: str = causes(Effect.METADATA, default="")
    script: str = causes(Effect.RETRAIN, default="")
    artifact: str = causes(Effect.METADATA, default="")
    framework: Framework | None = section(None)
    image: str = causes(Effect.RETRAIN, default="")
    algorithm: Framework | None = section(None)
    dockerfile: str = causes(Effect.METADATA, default="")
    sources: tuple[str, ...] = causes(Effect.METADATA, default=("src/train/**", "src/shared/**"))
    requirements: str = causes(Effect.METADATA, default="")
    hyperparameters: Pairs = causes(Effect.RETRAIN, default=())
    environment: Pairs = causes(Effect.RETRAIN, default=())
    seed: int | None = causes(Effect.RETRAIN, default=None)
    search: Search | None = section(None)
    resources: Resources = section(Resources())
    metric_definitions: tuple[MetricDefinition, ...] = causes(Effect.METADATA, default=())

    @property
    def serves_itself(self) -> bool:
        """Return whether its image answers requests whatever `serving.script` is: an algorithm knows its own model."""
        return self.algorithm is not None
