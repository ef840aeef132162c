"""Which value of the model each section of a schema is read into."""

from __future__ import annotations

from typing import Any

from mlops_ci.model import (
    Alarms,
    Autoscaling,
    BeatChampion,
    Budget,
    Candidate,
    Capture,
    Checks,
    Criterion,
    CustomMetric,
    Data,
    Environment,
    Evaluation,
    Framework,
    Latency,
    MetricDefinition,
    Model,
    OutputMapping,
    Place,
    PostScript,
    ProcessingResources,
    Project,
    Promotion,
    Range,
    Resources,
    Rollout,
    Script,
    Search,
    Serving,
    ServingResources,
    Split,
    Target,
    TransformResources,
)
from tests.manifest.trees_of_cases import schemas

SCHEMAS = schemas()

SECTIONS: list[tuple[str, str, type, set[str]]] = [
    ("model", "", Model, {"folder", "candidates"}),
    ("model", "data", Data, set()),
    ("model", "data.split", Split, set()),
    ("model", "processing", Script, set()),
    ("model", "processing.resources", ProcessingResources, set()),
    ("model", "processing.post", PostScript, set()),
    ("model", "processing.post.resources", ProcessingResources, set()),
    ("model", "evaluation", Evaluation, set()),
    ("model", "evaluation.resources", TransformResources, set()),
    ("model", "evaluation.custom.NAME", CustomMetric, {"name"}),
    ("model", "promotion", Promotion, set()),
    ("model", "promotion.require[]", Criterion, set()),
    ("model", "promotion.beat_champion", BeatChampion, set()),
    ("model", "serving", Serving, set()),
    ("model", "serving.output", OutputMapping, set()),
    ("model", "tests", Checks, set()),
    ("model", "tests.latency", Latency, set()),
    ("model", "environments.NAME", Environment, {"name"}),
    ("model", "environments.NAME.resources", ServingResources, set()),
    ("model", "environments.NAME.rollout", Rollout, set()),
    ("model", "environments.NAME.rollout.alarms", Alarms, set()),
    ("model", "environments.NAME.autoscaling", Autoscaling, set()),
    ("model", "environments.NAME.capture", Capture, set()),
    ("candidate", "", Candidate, {"name"}),
    ("candidate", "framework", Framework, set()),
    ("candidate", "algorithm", Framework, set()),
    ("candidate", "resources", Resources, set()),
    ("candidate", "metric_definitions[]", MetricDefinition, set()),
    ("candidate", "search", Search, set()),
    ("candidate", "search.ranges.NAME", Range, {"name"}),
    ("candidate", "search.budget", Budget, set()),
    ("project", "", Project, {"places"}),
    ("project", "targets.NAME", Target, {"name"}),
    ("project", "environments.NAME", Place, {"name"}),
]
"""Where each dataclass is written, and the fields that a file does not say: its path or its name does."""


def section(kind: str, at: str) -> dict[str, Any]:
    node = SCHEMAS[kind]
    for part in at.split(".") if at else []:
        if part == "NAME":
            node = node["additionalProperties"]
        elif part.endswith("[]"):
            node = node["properties"][part[:-2]]["items"]
        else:
            node = node["properties"][part]
    found: dict[str, Any] = node
    return found
