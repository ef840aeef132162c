"""The frozen values of a manifest, one section a file."""

from mlops_ci.model.candidate import Candidate, Framework, MetricDefinition, Resources
from mlops_ci.model.checks import CHECKS, Checks, Latency
from mlops_ci.model.data import SIDES, Channel, Data, Split
from mlops_ci.model.definition import Model
from mlops_ci.model.effects import Effect, Json, Pairs, Scalar
from mlops_ci.model.environment import Environment, ServingResources
from mlops_ci.model.evaluation import CustomMetric, Evaluation
from mlops_ci.model.metrics import METRICS, Goal, Metric, Problem
from mlops_ci.model.processing import PostScript, Processing, Script
from mlops_ci.model.project import Place, Project, Target
from mlops_ci.model.promotion import BeatChampion, Criterion, Promotion
from mlops_ci.model.release import Champion, Hold, Release, Score, Standing
from mlops_ci.model.search import Budget, NumberType, Range, Scale, Search, Strategy
from mlops_ci.model.serving import OutputMapping, Serving, ServingKind
from mlops_ci.model.tree import Tree

__all__ = [
    "CHECKS", "METRICS", "SIDES", "BeatChampion", "Budget", "Candidate", "Champion", "Channel", "Checks", "Criterion",
    "CustomMetric", "Data", "Effect", "Environment", "Evaluation", "Framework", "Goal", "Hold", "Json", "Latency",
    "Metric", "MetricDefinition", "Model", "NumberType", "OutputMapping", "Pairs", "Place", "PostScript", "Problem",
    "Processing", "Project", "Promotion", "Range", "Release", "Resources", "Scalar", "Scale", "Score", "Script",
    "Search", "Serving", "ServingKind", "ServingResources", "Split", "Standing", "Strategy", "Target", "Tree",
]  # fmt: skip
