"""Manifests in which every field has its place, as plain data, and the files around them.

No manifest can hold every key: a table is split by us or given as channels, a script makes the channels or nobody does.
So there are four models; each is valid, and each is called `m`.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from mlops_ci.testing.trees import MemoryTree

TABLE = b"id,kept,plan,note,left\n1,yes,a,x,yes\n2,no,b,y,no\n3,no,a,z,yes\n4,yes,b,x,no\n"
FOLDER = "pipelines/m"
SAME_BYTES = {
    "data/rows.csv": TABLE, "data/moved.csv": TABLE, "requirements.txt": b"wheel\n", "moved.txt": b"wheel\n",
    "Dockerfile": b"FROM scratch\n", "docker/Dockerfile": b"FROM scratch\n",
    "model.tar.gz": b"packed", "moved.tar.gz": b"packed",
}  # fmt: skip
FILES = {
    **SAME_BYTES,
    "src/train/one.py": b"1", "src/train/two.py": b"2", "src/serve/inference.py": b"3", "src/serve/other.py": b"4",
    "src/metrics/worth.py": b"5", "src/process/p.py": b"6", "src/process/q.py": b"7", "tests/test_it.py": b"8",
}  # fmt: skip

BOOSTING: dict[str, Any] = {
    "format": 1,
    "description": "trees",
    "script": "src/train/one.py",
    "framework": {"name": "sklearn", "version": "1.4"},
    "sources": ["src/train/**"],
    "requirements": "requirements.txt",
    "hyperparameters": {"rate": 0.1},
    "environment": {"LEVEL": "info"},
    "seed": 7,
    "resources": {
        "instance": "ml.m5.large", "count": 1, "volume": 30, "max_runtime": 60, "spot": True, "max_wait": 90,
        "input_mode": "File", "checkpoints": False, "retries": 0,
    },
    "metric_definitions": [{"name": "loss", "regex": "loss=([0-9.]+)"}],
}  # fmt: skip
CANDIDATES: dict[str, Any] = {
    "boosting": BOOSTING,
    "brought": {"format": 1, "artifact": "model.tar.gz"},
    "imaged": {"format": 1, "script": "src/train/two.py", "image": "example.org/one:1"},
}
SEARCHED: dict[str, Any] = {
    "format": 1,
    "script": "src/train/one.py",
    "search": {
        "ranges": {
            "rate": {"min": 1, "max": 9, "scale": "linear", "type": "float"},
            "kind": {"values": ["a", "b"]},
        },
        "strategy": "random",
        "budget": {"trials": 3, "parallel": 1, "max_runtime": 60},
        "seed": 1,
        "metric": "accuracy",
    },
}
"""A candidate that is there only where its own keys are changed."""
TUNED: dict[str, Any] = {
    "format": 1,
    "script": "src/train/one.py",
    "metric_definitions": [{"name": "loss", "regex": "loss=([0-9.]+)"}, {"name": "gain", "regex": "gain=([0-9.]+)"}],
    "search": {
        "ranges": {"kind": {"values": ["a", "b"]}},
        "strategy": "grid",
        "objective": "loss",
        "goal": "minimize",
    },
}
ALGORITHM: dict[str, Any] = {"format": 1, "algorithm": {"name": "xgboost", "version": "1.7-1"}}
DOCKERED: dict[str, Any] = {"format": 1, "script": "src/train/one.py", "dockerfile": "Dockerfile"}
EXTRA = {"searched": SEARCHED, "tuned": TUNED, "built": ALGORITHM, "dockered": DOCKERED}
PLAIN: dict[str, Any] = {
    "format": 1,
    "name": "m",
    "problem": "multiclass_classification",
    "data": {"path": "data/rows.csv", "label": "left"},
    "evaluation": {"metric": "accuracy"},
    "serving": {"script": "src/serve/inference.py"},
    "environments": {"staging": {}, "canary": {"promotes_from": "staging"}, "production": {"promotes_from": "canary"}},
}
SPLIT: dict[str, Any] = {
    **PLAIN,
    "problem": "binary_classification",
    "owner": "ada",
    "description": "who leaves",
    "data": {
        "path": "data/rows.csv", "label": "left", "positive": "yes", "drop": ["id"], "key": ["id"],
        "split": {"train": 0.5, "validation": 0.25, "test": 0.25, "salt": "s"},
    },
    "processing": {
        "post": {
            "script": "src/process/q.py", "arguments": ["--n", 3], "sources": ["src/process/**"],
            "outputs": ["report"], "requirements": "requirements.txt", "environment": {"A": 1}, "max_runtime": 60,
            "resources": {"instance": "ml.m5.large", "count": 1, "volume": 30},
        },
    },
    "evaluation": {
        "metric": "accuracy", "metrics": ["recall", "worth"], "threshold": 0.5, "slices": ["plan"],
        "custom": {"worth": {"function": "worth:value", "goal": "maximize"}}, "sources": ["src/metrics/**"],
        "resources": {"instance": "ml.m5.large", "count": 1},
    },
    "promotion": {
        "require": [{"metric": "accuracy", "min": 0.5, "max": 0.99, "slice": "plan", "value": "a"}],
        "beat_champion": {"margin": 0.01, "confidence": 0.9},
        "tie_break": ["recall", "name"],
    },
    "serving": {
        "script": "src/serve/inference.py", "kind": "realtime", "sources": ["src/serve/**"],
        "environment": {"LEVEL": "info"}, "content_type": "text/csv",
        "output": {"label": "label", "probabilities": "probabilities"}, "workers": 1, "batching": False,
    },
    "tests": {
        "skip": ["parity"], "tolerance": 0.01, "pytest": ["tests"],
        "latency": {"max_ms": 50, "percentile": 95, "concurrency": 2, "requests": 100},
    },
    "environments": {
        "staging": {
            "resources": {"instance": "ml.m5.large", "count": 1, "workers": 0},
            "rollout": {"strategy": "linear", "size": 10, "interval": 30, "bake": 30, "alarms": {"errors_5xx": 9}},
        },
        "canary": {"promotes_from": "staging"},
        "production": {
            "promotes_from": "canary", "requires": ["metric"], "approval": False,
            "autoscaling": {"max": 4, "min": 2, "invocations": 50}, "capture": {"percent": 50, "kinds": ["output"]},
        },
    },
}  # fmt: skip
CHANNELS: dict[str, Any] = {
    **PLAIN, "data": {"label": "left", "channels": {"train": "data/rows.csv", "test": "data/rows.csv"}},
}  # fmt: skip
PROCESSED: dict[str, Any] = {
    **PLAIN,
    "processing": {
        "script": "src/process/p.py", "arguments": ["--n", 3], "sources": ["src/process/**"],
        "outputs": ["train", "validation", "test"], "requirements": "requirements.txt", "environment": {"A": 1},
        "max_runtime": 60, "resources": {"instance": "ml.m5.large", "count": 1, "volume": 30},
    },
}  # fmt: skip
BASES = {"plain": PLAIN, "split": SPLIT, "channels": CHANNELS, "processed": PROCESSED}

Manifests = dict[str, dict[str, Any]]
"""Path below the model's folder, and what the file says."""


def manifests(base: str) -> Manifests:
    """Return the manifests of a base, to change at will."""
    written = {f"candidates/{name}.yaml": about for name, about in CANDIDATES.items()}
    return copy.deepcopy({"model.yaml": BASES[base], **written})


def tree(given: Manifests, folder: str = FOLDER) -> MemoryTree:
    """Return the project that holds these manifests; JSON is YAML."""
    written = {path: json.dumps(about, indent=2).encode() for path, about in given.items()}
    below = {f"{folder}/{path}": content for path, content in {**FILES, **written}.items()}
    return MemoryTree({"mlops-ci.yaml": b"format: 1\n", **below})
