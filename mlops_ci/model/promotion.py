"""What a release must prove, and what a challenger must show."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from mlops_ci.model.effects import Effect, causes


@dataclass(frozen=True, slots=True)
class Criterion:
    """A metric must lie between `min` and `max` (inclusive), over all rows or over one slice value."""

    metric: str = causes(Effect.REJUDGE)
    min: float | None = causes(Effect.REJUDGE, default=None)
    max: float | None = causes(Effect.REJUDGE, default=None)
    slice: str = causes(Effect.REJUDGE, default="")
    value: str = causes(Effect.REJUDGE, default="")


@dataclass(frozen=True, slots=True)
class BeatChampion:
    """By how much a challenger must be better: `margin` in the metric's unit, `confidence` in [0, 1)."""

    margin: float = causes(Effect.REJUDGE, default=0.0)
    confidence: float | None = causes(Effect.REJUDGE, default=None)


class PromotionMode(Enum):
    """How a move of the release reaches the branch."""

    COMMIT = "commit"
    PULL_REQUEST = "pull_request"


@dataclass(frozen=True, slots=True)
class Promotion:
    """The rules of the contest. `tie_break` lists metrics, or `name`, asked in order when scores are equal."""

    require: tuple[Criterion, ...] = causes(Effect.REJUDGE, default=())
    beat_champion: BeatChampion = causes(Effect.REJUDGE, default=BeatChampion())
    tie_break: tuple[str, ...] = causes(Effect.REJUDGE, default=())
    mode: PromotionMode = causes(Effect.METADATA, default=PromotionMode.COMMIT)
