"""What decides: the metric, what else is reported, the threshold and the slices."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_ci.model.effects import Effect, causes, section
from mlops_ci.model.metrics import METRICS, Goal


@dataclass(frozen=True, slots=True)
class CustomMetric:
    """The user's own metric: `function` is `module:function`, called with the rows of predictions.

    The module is found below the paths of `Evaluation.sources`; it runs in the candidate's environment.
    """

    name: str = causes(Effect.REEVALUATE)
    function: str = causes(Effect.REEVALUATE)
    goal: Goal = causes(Effect.REEVALUATE, default=Goal.MAXIMIZE)


@dataclass(frozen=True, slots=True)
class TransformResources:
    """Where rows go through the serving code in AWS; more than one instance divide the rows between them."""

    instance: str = causes(Effect.METADATA, default="ml.m5.large")
    count: int = causes(Effect.METADATA, default=1)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`metric` decides; `metrics` are reported beside it; `slices` are columns whose values are judged apart."""

    metric: str = causes(Effect.REEVALUATE)
    metrics: tuple[str, ...] = causes(Effect.REEVALUATE, default=())
    threshold: float = causes(Effect.REEVALUATE, default=0.5)
    slices: tuple[str, ...] = causes(Effect.REEVALUATE, default=())
    custom: tuple[CustomMetric, ...] = causes(Effect.REEVALUATE, default=())
    sources: tuple[str, ...] = causes(Effect.METADATA, default=("src/metrics/**", "src/shared/**"))
    resources: TransformResources = section(TransformResources())

    def names(self) -> tuple[str, ...]:
        """Return every metric to compute, the deciding one first, each once."""
        return tuple(dict.fromkeys((self.metric, *self.metrics)))

    def goal(self, metric: str) -> Goal:
        """Return which direction of a metric is better.

        Raises:
            KeyError: there is no such metric.

        """
        own = {custom.name: custom.goal for custom in self.custom}
        return own[metric] if metric in own else METRICS[metric].goal
