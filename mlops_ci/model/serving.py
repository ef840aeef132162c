"""How a package answers requests."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from mlops_ci.model.effects import Effect, Pairs, causes


class ServingKind(Enum):
    """An endpoint that answers, or runs over files."""

    REALTIME = "realtime"
    BATCH = "batch"


@dataclass(frozen=True, slots=True)
class OutputMapping:
    """Keys of a foreign image's answer that hold the label and the class probabilities."""

    label: str = causes(Effect.REEVALUATE, default="label")
    probabilities: str = causes(Effect.REEVALUATE, default="probabilities")


@dataclass(frozen=True, slots=True)
class Serving:
    """`script` has `model_fn` and the other handlers of SageMaker's contract; empty means the image serves itself.

    `content_type` is how rows are sent in evaluation: `text/csv` or `application/jsonlines`. `batching` joins what
    queued while the last predict ran; it is right only for functions that treat each row alone.
    """

    script: str = causes(Effect.REEVALUATE, Effect.REDEPLOY, default="")
    kind: ServingKind = causes(Effect.REDEPLOY, default=ServingKind.REALTIME)
    sources: tuple[str, ...] = causes(Effect.METADATA, default=("src/serve/**", "src/shared/**"))
    environment: Pairs = causes(Effect.REEVALUATE, Effect.REDEPLOY, default=())
    content_type: str = causes(Effect.REEVALUATE, default="text/csv")
    output: OutputMapping = causes(Effect.REEVALUATE, default=OutputMapping())
    workers: int = causes(Effect.REDEPLOY, default=1)
    batching: bool = causes(Effect.REDEPLOY, default=False)
