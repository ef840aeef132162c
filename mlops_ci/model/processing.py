"""Scripts that run before training and after evaluation, as SageMaker Processing runs them."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_ci.model.effects import Effect, Pairs, causes, section


@dataclass(frozen=True, slots=True)
class ProcessingResources:
    """Where a script runs in AWS; `volume` in GB."""

    instance: str = causes(Effect.METADATA, default="ml.m5.large")
    count: int = causes(Effect.METADATA, default=1)
    volume: int = causes(Effect.METADATA, default=30)


@dataclass(frozen=True, slots=True)
class Script:
    """A processing script: `outputs` are folders below /opt/ml/processing, one a name."""

    script: str = causes(Effect.RETRAIN, Effect.REEVALUATE)
    arguments: tuple[str, ...] = causes(Effect.RETRAIN, Effect.REEVALUATE, default=())
    sources: tuple[str, ...] = causes(Effect.METADATA, default=("src/process/**", "src/shared/**"))
    outputs: tuple[str, ...] = causes(Effect.RETRAIN, Effect.REEVALUATE, default=("train", "validation", "test"))
    requirements: str = causes(Effect.METADATA, default="")
    environment: Pairs = causes(Effect.RETRAIN, Effect.REEVALUATE, default=())
    max_runtime: int = causes(Effect.METADATA, default=3600)
    resources: ProcessingResources = section(ProcessingResources())


@dataclass(frozen=True, slots=True)
class PostScript:
    """A script over the predictions of an evaluation; its outputs are kept, and decide nothing."""

    script: str = causes(Effect.REEVALUATE)
    arguments: tuple[str, ...] = causes(Effect.REEVALUATE, default=())
    sources: tuple[str, ...] = causes(Effect.METADATA, default=("src/process/**", "src/shared/**"))
    outputs: tuple[str, ...] = causes(Effect.REEVALUATE, default=("report",))
    requirements: str = causes(Effect.METADATA, default="")
    environment: Pairs = causes(Effect.REEVALUATE, default=())
    max_runtime: int = causes(Effect.METADATA, default=3600)
    resources: ProcessingResources = section(ProcessingResources())


@dataclass(frozen=True, slots=True)
class Processing:
    """`pre` makes the channels out of the data; `post` reads the predictions."""

    pre: Script | None = section(None)
    post: PostScript | None = section(None)
