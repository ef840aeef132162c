"""The files of an estate: models of three candidates in plain Python, which `run` really could train in a blink."""

from __future__ import annotations

from collections.abc import Iterator

CUTS = {"high": 0.7, "low": 0.2, "middle": 0.45}
"""The hyperparameter of each candidate; the label is whether x lies above one half, so `middle` is best."""

PLACES = ("staging", "production")
FEATURES = ("x", "side")
ROWS = 40

PROJECT = """\
format: 1
branch: main
remote: origin
target: local
targets:
  local: {kind: local, store: .mlops-ci/store}
"""

IGNORED = ".mlops-ci/\n__pycache__/\n"

MODEL = """\
# yaml-language-server: $schema=../../schemas/model.schema.json
format: 1
name: {name}
owner: ada
description: whether x of region {number} is large
problem: binary_classification
data:
  channels:
    train: data/train.csv
    test: data/test.csv
  label: large
  positive: "yes"
  drop: [id]
evaluation:
  metric: accuracy
  metrics: [recall, precision]
  slices: [side]
promotion:
  require:
    - {{metric: accuracy, min: 0.6}}
serving:
  kind: batch
  script: src/serve/inference.py
environments:
  staging: {{}}
  production: {{promotes_from: staging}}
"""

CANDIDATE = """\
# yaml-language-server: $schema=../../../schemas/candidate.schema.json
format: 1
description: cuts at {cut}
script: src/train/fit.py
hyperparameters:
  cut: {cut}
  rounds: 10
seed: 1
resources: {{instance: ml.m5.large, max_runtime: 600}}
"""

TRAIN = """\
import json
import os

from options import given
from table import read

arguments = given()
rows = read(os.path.join(os.environ["SM_CHANNEL_TRAIN"], "train.csv"))
print(f"train:rows={len(rows)}")
with open(os.path.join(os.environ["SM_MODEL_DIR"], "model.json"), "w") as out:
    json.dump({"cut": arguments.cut}, out)
"""

OPTIONS = """\
import argparse


def given():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cut", type=float)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seed", type=int)
    return parser.parse_args()
"""

SHARED = """\
import csv


def read(path):
    with open(path, newline="") as lines:
        return list(csv.DictReader(lines))


def first(row):
    return float(row[0])
"""

SERVE = """\
import csv
import json
import os

from table import first


def model_fn(model_dir):
    with open(os.path.join(model_dir, "model.json")) as text:
        return json.load(text)["cut"]


def input_fn(data, content_type):
    return [first(row) for row in csv.reader(data.splitlines())]


def predict_fn(values, cut):
    return [1.0 if value > cut else 0.0 for value in values]


def output_fn(prediction, accept):
    return json.dumps(prediction)
"""


def name_of(number: int) -> str:
    """Return the name of the estate's model of that number."""
    return f"m{number:05d}"


def values() -> tuple[float, ...]:
    """Return x of each row, of either channel."""
    return tuple((n * 7 % ROWS) / ROWS for n in range(ROWS))


def sides() -> tuple[str, ...]:
    """Return the slice of each row."""
    return tuple("left" if n % 3 else "right" for n in range(ROWS))


def labels() -> tuple[str, ...]:
    """Return the label of each row."""
    return tuple("yes" if x > 0.5 else "no" for x in values())


def answers(cut: float) -> tuple[float, ...]:
    """Return what the serving code of a model that cuts there answers to each row."""
    return tuple(1.0 if x > cut else 0.0 for x in values())


def project() -> Iterator[tuple[str, str]]:
    """Yield (path, text) of the files beside the models."""
    yield "mlops-ci.yaml", PROJECT
    yield ".gitignore", IGNORED


def model(number: int) -> Iterator[tuple[str, str]]:
    """Yield (path, text) of the files of a model; no two models have the same tables."""
    name = name_of(number)
    folder = f"pipelines/{name}"
    yield f"{folder}/model.yaml", MODEL.format(name=name, number=number)
    for candidate, cut in CUTS.items():
        yield f"{folder}/candidates/{candidate}.yaml", CANDIDATE.format(cut=cut)
    yield f"{folder}/src/train/fit.py", TRAIN
    yield f"{folder}/src/train/options.py", OPTIONS
    yield f"{folder}/src/shared/table.py", SHARED
    yield f"{folder}/src/serve/inference.py", SERVE
    for channel in ("train", "test"):
        yield f"{folder}/data/{channel}.csv", _table(f"{name}-{channel}")
    yield f"{folder}/README.md", f"# {name}\n\nWhether x of region {number} is large.\n"


def _table(owner: str) -> str:
    rows = zip(values(), sides(), labels(), strict=True)
    lines = [f"{owner}-{n},{x},{side},{label}" for n, (x, side, label) in enumerate(rows)]
    return "\n".join(("id,x,side,large", *lines, ""))
