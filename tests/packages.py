"""Small packages for tests: a JSON file as the model, and a serving script of a few lines of standard library."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping

from mlops_ci.ports.endpoints import Package
from mlops_ci.ports.jobs import Image
from mlops_ci.ports.stores import ArtifactStore

LOAD = """\
import json, os, sys, time
def model_fn(model_dir):
    with open(os.path.join(model_dir, "model.json")) as stream:
        return json.load(stream)
"""

SCALE = (
    LOAD
    + """\
def input_fn(data, content_type):
    if content_type == "application/json":
        return json.loads(data)
    return [[float(cell) for cell in line.split(",")] for line in data.splitlines()]
def predict_fn(rows, model):
    return [sum(row) * model["scale"] for row in rows]
"""
)
"""Answers a row with its sum times the model's scale; needs no NumPy, so it is up at once."""


def archive(files: Mapping[str, str | bytes]) -> bytes:
    """Return a tar.gz with these files."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for name, content in files.items():
            raw = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(name)
            member.size = len(raw)
            tar.addfile(member, io.BytesIO(raw))
    return made.getvalue()


def a_package(
    artifacts: ArtifactStore,
    code: str = SCALE,
    *,
    scale: int = 1,
    features: tuple[str, ...] = ("a", "b"),
    environment: Mapping[str, str] | None = None,
) -> Package:
    """Return a package whose archives are in the store; one that differs in anything has another digest."""
    variables = tuple(sorted((environment or {}).items()))
    return Package(
        digest=hashlib.sha256(repr((code, scale, features, variables)).encode()).hexdigest(),
        model=artifacts.put(archive({"model.json": json.dumps({"scale": scale})})),
        code=artifacts.put(archive({"inference.py": code})),
        entry="inference.py",
        image=Image(),
        environment=variables,
        features=features,
    )
