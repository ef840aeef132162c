"""Script-mode code as SageMaker's documentation has it, run unchanged: what a `Trainer` and a `Transformer` promise it.

An implementation subclasses `ClassicsContract` and gives `running`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_digits, load_iris

from mlops_ci.fingerprint.canonical import blob_id
from mlops_ci.model import Framework, MetricDefinition, Resources
from mlops_ci.ports.endpoints import Package
from mlops_ci.ports.jobs import Code, CodeFile, Image, Input, Jobs, Outputs, Succeeded, TrainingJob, TransformJob
from mlops_ci.ports.stores import ArtifactStore
from mlops_ci.testing.trees import MemoryTree
from tests.contracts.jobs import ended
from tests.packages import archive

SCRIPTS = Path(__file__).parents[1] / "classics"


@dataclass(frozen=True, slots=True)
class Classic:
    """A script, what it is trained with, the rows it is asked about, and the regex of a number in its log."""

    name: str
    channels: tuple[Input, ...]
    hyperparameters: tuple[tuple[str, str], ...]
    rows: tuple[tuple[float, ...], ...]
    labels: tuple[float, ...]
    framework: str = "sklearn"
    metric: str = ""


@dataclass(frozen=True, slots=True)
class Running:
    """Where jobs run. `transformer` makes one that knows a package."""

    trainer: Jobs[TrainingJob]
    transformer: Callable[[Package], Jobs[TransformJob]]
    artifacts: ArtifactStore


def tree() -> MemoryTree:
    """Return the tree that a trainer copies the scripts from."""
    return MemoryTree({f"src/{path.name}": path.read_bytes() for path in SCRIPTS.glob("*.py")})


def iris(root: Path) -> Classic:
    found = load_iris()
    rows = np.column_stack([found.target, found.data])
    channel = _table(root / "iris", "iris.csv", rows[::2])
    at = (*map(tuple, found.data[1::2].tolist()),), (*map(float, found.target[1::2]),)
    return Classic("iris", (Input("train", channel),), (("max_leaf_nodes", "30"),), *at)


def abalone(root: Path) -> Classic:
    """A table in the form of abalone's: the label first, all numbers, no header."""
    found = load_diabetes()
    rows = np.column_stack([found.target, found.data])
    channels = (
        Input("train", _table(root / "train", "train.csv", rows[::2])),
        Input("validation", _table(root / "validation", "validation.csv", rows[1::2][:50])),
    )
    hyperparameters = {
        "max_depth": "3", "eta": "0.2", "gamma": "4", "min_child_weight": "6", "subsample": "1.0", "verbosity": "2",
        "objective": "reg:squarederror", "num_round": "20",
    }  # fmt: skip
    at = (*map(tuple, found.data[1::2].tolist()),), (*map(float, found.target[1::2]),)
    metric = r"validation-rmse:(\S+)"
    return Classic("abalone", channels, tuple(sorted(hyperparameters.items())), *at, "xgboost", metric)


def mnist(root: Path) -> Classic:
    found = load_digits()
    folder = root / "training"
    folder.mkdir(parents=True)
    np.savez(folder / "digits.npz", images=found.images[::2], labels=found.target[::2])
    rows = (found.data[1:200:2] / 16.0).tolist()
    at = (*map(tuple, rows),), (*map(float, found.target[1:200:2]),)
    return Classic(
        "mnist",
        (Input("training", str(folder)),),
        (("epochs", "150"), ("hidden", "32")),
        *at,
        metric=r"Accuracy: (\S+)",
    )


def _table(folder: Path, name: str, rows: np.ndarray) -> str:
    folder.mkdir(parents=True)
    np.savetxt(folder / name, rows, delimiter=",", fmt="%.8g")
    return str(folder)


class ClassicsContract:
    @pytest.fixture
    def running(self, tmp_path: Path) -> Running:
        raise NotImplementedError

    def test_iris_in_a_decision_tree(self, running: Running, tmp_path: Path) -> None:
        _, found = scored(running, iris(tmp_path / "data"), tmp_path)
        assert found > 0.9

    def test_abalone_in_xgboost(self, running: Running, tmp_path: Path) -> None:
        outputs, found = scored(running, abalone(tmp_path / "data"), tmp_path)
        assert found < 70  # the mean absolute error; that of the mean is about 66, and of the scale of the target 346
        assert outputs.digest("model")

    def test_mnist_like_digits_in_a_small_net(self, running: Running, tmp_path: Path) -> None:
        outputs, found = scored(running, mnist(tmp_path / "data"), tmp_path)
        assert found > 0.85
        assert dict(outputs.metrics)["read"] > 0.9


def scored(running: Running, classic: Classic, root: Path) -> tuple[Outputs, float]:
    """Return what the training left, and the accuracy (for abalone: the mean absolute error) of a batch transform."""
    running.trainer.submit(job_of(classic), key=f"{classic.name}-1")
    end = ended(running.trainer, f"{classic.name}-1", seconds=120)
    assert isinstance(end, Succeeded), list(running.trainer.logs(f"{classic.name}-1", start=-30))
    outputs = running.trainer.collect(f"{classic.name}-1")
    package = package_of(running.artifacts, classic, outputs)
    rows = root / "rows.csv"
    rows.write_text("".join(",".join(f"{cell:.8g}" for cell in row) + "\n" for row in classic.rows))
    transformer = running.transformer(package)
    transformer.submit(TransformJob("classics", classic.name, package.digest, str(rows), "text/csv"), key="score-1")
    end = ended(transformer, "score-1", seconds=120)
    assert isinstance(end, Succeeded), list(transformer.logs("score-1", start=-30))
    digest = transformer.collect("score-1").digest("predictions")
    assert digest
    answers = [json.loads(line) for line in running.artifacts.fetch(digest).read_text().splitlines()]
    pairs = list(zip(answers, classic.labels, strict=True))
    if classic.name == "abalone":
        return outputs, sum(abs(answer - label) for answer, label in pairs) / len(pairs)
    return outputs, sum(answer == label for answer, label in pairs) / len(pairs)


def job_of(classic: Classic) -> TrainingJob:
    return TrainingJob(
        model="classics",
        candidate=classic.name,
        image=Image(framework=Framework(classic.framework)),
        code=code_of(classic),
        entry=f"{classic.name}.py",
        channels=classic.channels,
        hyperparameters=classic.hyperparameters,
        environment=(),
        resources=Resources(max_runtime=120),
        metric_definitions=(MetricDefinition("read", classic.metric),) if classic.metric else (),
    )


def code_of(classic: Classic) -> Code:
    content = (SCRIPTS / f"{classic.name}.py").read_bytes()
    blob = blob_id(content)
    return Code((CodeFile(f"{classic.name}.py", f"src/{classic.name}.py", blob),), blob)


def package_of(artifacts: ArtifactStore, classic: Classic, outputs: Outputs) -> Package:
    model = outputs.digest("model")
    assert model
    script = (SCRIPTS / f"{classic.name}.py").read_text()
    code = artifacts.put(archive({f"{classic.name}.py": script}))
    digest = hashlib.sha256(f"{model} {code}".encode()).hexdigest()
    columns = tuple(f"c{at}" for at in range(len(classic.rows[0])))
    return Package(
        digest, model, code, f"{classic.name}.py", Image(framework=Framework(classic.framework)), (), columns
    )
