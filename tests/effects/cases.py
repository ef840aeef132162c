"""For every key of a manifest that has an effect: another value for it, and the base whose manifest is changed.

A key that is new in a schema needs a row here, and `test_every_field.py` fails until there is one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

At = tuple[str | int, ...]


@dataclass(frozen=True)
class Case:
    """One change: what is set, in which base.

    `first` is set before and after, so that the manifest is valid in both; `also` moves with the change: it must.
    """

    base: str
    at: At
    value: Any
    first: dict[At, Any] = field(default_factory=dict)
    also: dict[At, Any] = field(default_factory=dict)


def split(path: str, value: object, **also: object) -> Case:
    """Return a change of the base `split`; `also` are keys beside the one changed that move with it."""
    at: At = tuple(path.split("."))
    return Case("split", at, value, also={(*at[:-1], name): found for name, found in also.items()})


MODEL: dict[str, Case] = {
    "owner": split("owner", "bob"),
    "description": split("description", "who stays"),
    "problem": Case("plain", ("problem",), "binary_classification", also={("data", "positive"): "yes"}),
    "data.path": split("data.path", "data/moved.csv"),
    "data.channels": Case("channels", ("data", "channels", "test"), "data/moved.csv"),
    "data.label": split("data.label", "kept"),
    "data.version": split("data.version", "latest"),
    "data.positive": split("data.positive", "no"),
    "data.drop": split("data.drop", ["id", "note"]),
    "data.key": split("data.key", ["id", "note"]),
    "data.split.train": split("data.split.train", 0.6, validation=0.15),
    "data.split.validation": split("data.split.validation", 0.2, train=0.55),
    "data.split.test": split("data.split.test", 0.3, validation=0.2),
    "data.split.salt": split("data.split.salt", "t"),
    "processing.script": Case("processed", ("processing", "script"), "src/process/q.py"),
    "processing.arguments": Case("processed", ("processing", "arguments"), ["--n", 4]),
    "processing.sources": Case("processed", ("processing", "sources"), ["src/process/*"]),
    "processing.outputs": Case("processed", ("processing", "outputs"), ["train", "test"]),
    "processing.requirements": Case("processed", ("processing", "requirements"), "moved.txt"),
    "processing.environment": Case("processed", ("processing", "environment", "A"), 2),
    "processing.max_runtime": Case("processed", ("processing", "max_runtime"), 61),
    "processing.resources.instance": Case("processed", ("processing", "resources", "instance"), "ml.c5.large"),
    "processing.resources.count": Case("processed", ("processing", "resources", "count"), 2),
    "processing.resources.volume": Case("processed", ("processing", "resources", "volume"), 31),
    "processing.post.script": split("processing.post.script", "src/process/p.py"),
    "processing.post.arguments": split("processing.post.arguments", []),
    "processing.post.sources": split("processing.post.sources", ["src/process/*"]),
    "processing.post.outputs": split("processing.post.outputs", ["report", "plots"]),
    "processing.post.requirements": split("processing.post.requirements", "moved.txt"),
    "processing.post.environment": split("processing.post.environment.B", "x"),
    "processing.post.max_runtime": split("processing.post.max_runtime", 61),
    "processing.post.resources.instance": split("processing.post.resources.instance", "ml.c5.large"),
    "processing.post.resources.count": split("processing.post.resources.count", 2),
    "processing.post.resources.volume": split("processing.post.resources.volume", 31),
    "evaluation.metric": Case(
        "split", ("evaluation", "metric"), "f1", {("evaluation", "metrics"): ["recall", "worth", "accuracy"]}
    ),
    "evaluation.metrics": split("evaluation.metrics", ["recall", "worth", "f1"]),
    "evaluation.threshold": split("evaluation.threshold", 0.4),
    "evaluation.slices": split("evaluation.slices", ["plan", "note"]),
    "evaluation.custom": split("evaluation.custom.more", {"function": "worth:more"}),
    "evaluation.custom.NAME.function": split("evaluation.custom.worth.function", "worth:more"),
    "evaluation.custom.NAME.goal": split("evaluation.custom.worth.goal", "minimize"),
    "evaluation.sources": split("evaluation.sources", ["src/metrics/*"]),
    "evaluation.resources.instance": split("evaluation.resources.instance", "ml.c5.large"),
    "evaluation.resources.count": split("evaluation.resources.count", 2),
    "promotion.require": split("promotion.require", []),
    "promotion.require[].metric": Case("split", ("promotion", "require", 0, "metric"), "recall"),
    "promotion.require[].min": Case("split", ("promotion", "require", 0, "min"), 0.6),
    "promotion.require[].max": Case("split", ("promotion", "require", 0, "max"), 0.98),
    "promotion.require[].slice": Case(
        "split", ("promotion", "require", 0, "slice"), "note", {("evaluation", "slices"): ["plan", "note"]}
    ),
    "promotion.require[].value": Case("split", ("promotion", "require", 0, "value"), "b"),
    "promotion.beat_champion": split("promotion.beat_champion", {}),
    "promotion.beat_champion.margin": split("promotion.beat_champion.margin", 0.02),
    "promotion.beat_champion.confidence": split("promotion.beat_champion.confidence", 0.8),
    "promotion.mode": split("promotion.mode", "pull_request"),
    "promotion.tie_break": split("promotion.tie_break", ["name"]),
    "serving.script": split("serving.script", "src/serve/other.py"),
    "serving.kind": split("serving.kind", "batch"),
    "serving.sources": split("serving.sources", ["src/serve/*"]),
    "serving.environment": split("serving.environment.LEVEL", "debug"),
    "serving.content_type": split("serving.content_type", "application/jsonlines"),
    "serving.output": split("serving.output", {"label": "l", "probabilities": "p"}),
    "serving.output.label": split("serving.output.label", "l"),
    "serving.output.probabilities": split("serving.output.probabilities", "p"),
    "serving.workers": split("serving.workers", 2),
    "serving.batching": split("serving.batching", True),
    "tests.skip": split("tests.skip", []),
    "tests.tolerance": split("tests.tolerance", 0.02),
    "tests.latency": split("tests.latency", {}),
    "tests.latency.max_ms": split("tests.latency.max_ms", 60),
    "tests.latency.percentile": split("tests.latency.percentile", 90),
    "tests.latency.concurrency": split("tests.latency.concurrency", 3),
    "tests.latency.requests": split("tests.latency.requests", 101),
    "tests.pytest": split("tests.pytest", ["tests/test_it.py"]),
    "environments.NAME.promotes_from": split("environments.production.promotes_from", "staging"),
    "environments.NAME.requires": split("environments.production.requires", ["latency"]),
    "environments.NAME.approval": split("environments.production.approval", True),
    "environments.NAME.resources": split("environments.staging.resources", {"count": 2}),
    "environments.NAME.resources.instance": split("environments.staging.resources.instance", "ml.c5.large"),
    "environments.NAME.resources.count": split("environments.staging.resources.count", 2),
    "environments.NAME.resources.workers": split("environments.staging.resources.workers", 3),
    "environments.NAME.rollout.strategy": split("environments.staging.rollout.strategy", "canary"),
    "environments.NAME.rollout.size": split("environments.staging.rollout.size", 20),
    "environments.NAME.rollout.interval": split("environments.staging.rollout.interval", 60),
    "environments.NAME.rollout.bake": split("environments.staging.rollout.bake", 60),
    "environments.NAME.rollout.alarms.errors_5xx": split("environments.staging.rollout.alarms.errors_5xx", 1),
    "environments.NAME.rollout.alarms.latency_ms": split("environments.staging.rollout.alarms.latency_ms", 250),
    "environments.NAME.autoscaling": split("environments.staging.autoscaling", {"max": 2}),
    "environments.NAME.autoscaling.max": split("environments.production.autoscaling.max", 5),
    "environments.NAME.autoscaling.min": split("environments.production.autoscaling.min", 3),
    "environments.NAME.autoscaling.invocations": split("environments.production.autoscaling.invocations", 70),
    "environments.NAME.autoscaling.scale_in": split("environments.production.autoscaling.scale_in", 60),
    "environments.NAME.autoscaling.scale_out": split("environments.production.autoscaling.scale_out", 60),
    "environments.NAME.capture": split("environments.staging.capture", {}),
    "environments.NAME.capture.percent": split("environments.production.capture.percent", 20),
    "environments.NAME.capture.kinds": split("environments.production.capture.kinds", ["input"]),
}

CANDIDATE: dict[str, Case] = {
    "description": Case("boosting", ("description",), "more trees"),
    "script": Case("boosting", ("script",), "src/train/two.py"),
    "artifact": Case("brought", ("artifact",), "moved.tar.gz"),
    "framework.name": Case("boosting", ("framework", "name"), "xgboost"),
    "framework.version": Case("boosting", ("framework", "version"), "1.5"),
    "algorithm.name": Case("built", ("algorithm", "name"), "knn"),
    "algorithm.version": Case("built", ("algorithm", "version"), "1.5-1"),
    "dockerfile": Case("dockered", ("dockerfile",), "docker/Dockerfile"),
    "image": Case("imaged", ("image",), "example.org/one:2"),
    "sources": Case("boosting", ("sources",), ["src/train/*"]),
    "requirements": Case("boosting", ("requirements",), "moved.txt"),
    "hyperparameters": Case("boosting", ("hyperparameters", "rate"), 0.2),
    "environment": Case("boosting", ("environment", "LEVEL"), "debug"),
    "seed": Case("boosting", ("seed",), 8),
    "resources.instance": Case("boosting", ("resources", "instance"), "ml.c5.large"),
    "resources.count": Case("boosting", ("resources", "count"), 2),
    "resources.volume": Case("boosting", ("resources", "volume"), 31),
    "resources.max_runtime": Case("boosting", ("resources", "max_runtime"), 61),
    "resources.spot": Case("boosting", ("resources", "spot"), False, {("resources", "max_wait"): 0}),
    "resources.max_wait": Case("boosting", ("resources", "max_wait"), 91),
    "resources.input_mode": Case("boosting", ("resources", "input_mode"), "FastFile"),
    "resources.checkpoints": Case("boosting", ("resources", "checkpoints"), True),
    "resources.retries": Case("boosting", ("resources", "retries"), 2),
    "search.ranges.NAME.min": Case("searched", ("search", "ranges", "rate", "min"), 2),
    "search.ranges.NAME.max": Case("searched", ("search", "ranges", "rate", "max"), 8),
    "search.ranges.NAME.scale": Case("searched", ("search", "ranges", "rate", "scale"), "log"),
    "search.ranges.NAME.type": Case("searched", ("search", "ranges", "rate", "type"), "integer"),
    "search.ranges.NAME.values": Case("searched", ("search", "ranges", "kind", "values"), ["a", "c"]),
    "search.strategy": Case("searched", ("search", "strategy"), "bayesian"),
    "search.budget.trials": Case("searched", ("search", "budget", "trials"), 4),
    "search.budget.parallel": Case("searched", ("search", "budget", "parallel"), 2),
    "search.budget.max_runtime": Case("searched", ("search", "budget", "max_runtime"), 61),
    "search.seed": Case("searched", ("search", "seed"), 2),
    "search.metric": Case("searched", ("search", "metric"), "recall"),
    "search.objective": Case("tuned", ("search", "objective"), "gain"),
    "search.goal": Case("tuned", ("search", "goal"), "maximize"),
    "metric_definitions": Case("boosting", ("metric_definitions",), []),
    "metric_definitions[].name": Case("boosting", ("metric_definitions", 0, "name"), "error"),
    "metric_definitions[].regex": Case("boosting", ("metric_definitions", 0, "regex"), "error=([0-9.]+)"),
}
"""Here `base` names the candidate that is changed, in the base `split`; those of `EXTRA` are there in addition."""
