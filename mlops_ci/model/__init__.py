"""The frozen values of a manifest, one section a file.

Each name is imported from its file when it is asked for: making a frozen dataclass costs half a millisecond, there are
forty, and an unchanged plan needs three.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlops_ci.model.candidate import Candidate, Framework, InputMode, MetricDefinition, Resources
    from mlops_ci.model.checks import CHECKS, Checks, Latency
    from mlops_ci.model.data import SIDES, Channel, Data, Pin, Split
    from mlops_ci.model.definition import Model
    from mlops_ci.model.effects import Effect, Json, Pairs, Scalar
    from mlops_ci.model.environment import Environment, ServingResources
    from mlops_ci.model.evaluation import CustomMetric, Evaluation, TransformResources
    from mlops_ci.model.metrics import METRICS, Goal, Metric, Problem
    from mlops_ci.model.processing import PostScript, Processing, ProcessingResources, Script
    from mlops_ci.model.project import Network, Place, Project, Target
    from mlops_ci.model.promotion import BeatChampion, Criterion, Promotion, PromotionMode
    from mlops_ci.model.release import Champion, Hold, Release, Score, Standing
    from mlops_ci.model.rollout import Alarms, Autoscaling, Capture, Rollout, Shifting
    from mlops_ci.model.search import Budget, NumberType, Range, Scale, Search, Strategy
    from mlops_ci.model.serving import OutputMapping, Serving, ServingKind
    from mlops_ci.model.tree import Tree

__all__ = [
    "CHECKS", "METRICS", "SIDES", "Alarms", "Autoscaling", "BeatChampion", "Budget", "Candidate", "Capture",
    "Champion", "Channel", "Checks", "Criterion", "CustomMetric", "Data", "Effect", "Environment", "Evaluation",
    "Framework", "Goal", "Hold", "InputMode", "Json", "Latency", "Metric", "MetricDefinition", "Model", "Network",
    "NumberType", "OutputMapping", "Pairs", "Pin", "Place", "PostScript", "Problem", "Processing",
    "ProcessingResources", "Project", "Promotion", "PromotionMode", "Range", "Release", "Resources", "Rollout",
    "Scalar", "Scale", "Score", "Script", "Search", "Serving", "ServingKind", "ServingResources", "Shifting",
    "Split", "Standing", "Strategy", "Target", "TransformResources", "Tree",
]  # fmt: skip

_PLACES = {
    "candidate": "Candidate Framework InputMode MetricDefinition Resources",
    "checks": "CHECKS Checks Latency",
    "data": "SIDES Channel Data Pin Split",
    "definition": "Model",
    "effects": "Effect Json Pairs Scalar",
    "environment": "Environment ServingResources",
    "evaluation": "CustomMetric Evaluation TransformResources",
    "metrics": "METRICS Goal Metric Problem",
    "processing": "PostScript Processing ProcessingResources Script",
    "project": "Network Place Project Target",
    "promotion": "BeatChampion Criterion Promotion PromotionMode",
    "release": "Champion Hold Release Score Standing",
    "rollout": "Alarms Autoscaling Capture Rollout Shifting",
    "search": "Budget NumberType Range Scale Search Strategy",
    "serving": "OutputMapping Serving ServingKind",
    "tree": "Tree",
}
_PLACE_OF = {name: place for place, names in _PLACES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    if name not in _PLACE_OF:
        raise AttributeError(f"module `{__name__}` has no attribute `{name}`")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_PLACE_OF[name]}"), name)
    return found
