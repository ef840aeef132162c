"""The scripts of an example as SageMaker would run them: training as a process, handlers by hand, the user's tests."""

from __future__ import annotations

import csv
import gzip
import importlib.util
import inspect
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from mlops_ci.fingerprint.split import row_key, side
from mlops_ci.model import Split
from mlops_ci.resources import folder


@dataclass(frozen=True, slots=True)
class Example:
    """An example that ships: its table, its label, the columns that it drops, and each how many-th row is used here."""

    name: str
    table: str
    label: str
    drop: tuple[str, ...] = ()
    split: Split = field(default_factory=Split)
    every: int = 1

    @property
    def root(self) -> Path:
        return folder("pipelines") / self.name

    def parts(self, root: Path) -> Parts:
        """Return the table, split into channels below `root`."""
        place = self.root / self.table
        with gzip.open(place, "rt", newline="") if place.suffix == ".gz" else place.open(newline="") as lines:
            header, *rows = csv.reader(lines)
        kept = [at for at, name in enumerate(header) if name not in self.drop]
        sides: dict[str, list[list[str]]] = defaultdict(list)
        for row in rows[:: self.every]:
            sides[side(row_key(row), self.split)].append([row[at] for at in kept])
        columns = [header[at] for at in kept]
        for name in ("train", "validation"):
            (root / name).mkdir()
            with (root / name / f"{name}.csv").open("w", newline="") as out:
                csv.writer(out, lineterminator="\n").writerows([columns, *sides[name]])
        at = columns.index(self.label)
        return Parts(
            root,
            tuple(",".join(row[:at] + row[at + 1 :]) for row in sides["test"]),
            tuple(row[at] for row in sides["test"]),
        )

    def code(self, kind: str, to: Path) -> Path:
        """Return a code folder as jobs get it: the sources of a kind and the shared ones, without their folders."""
        to.mkdir()
        for file in (*(self.root / "src" / kind).glob("*.py"), *(self.root / "src" / "shared").glob("*.py")):
            (to / file.name).write_bytes(file.read_bytes())
        return to

    def train(self, script: str, arguments: tuple[str, ...], parts: Parts, to: Path) -> tuple[Path, str]:
        """Return the model's folder and the log of a training in script mode."""
        model = to / "model"
        model.mkdir(parents=True)
        done = subprocess.run(
            [sys.executable, f"{script}.py", *arguments, "--seed", "7"],
            cwd=self.code("train", to / "code"),
            env={
                "PATH": os.environ["PATH"],
                "OMP_NUM_THREADS": "1",
                "SM_MODEL_DIR": str(model),
                "SM_CHANNEL_TRAIN": str(parts.channels / "train"),
                "SM_CHANNEL_VALIDATION": str(parts.channels / "validation"),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return model, done.stdout

    @contextmanager
    def serving(self, to: Path) -> Iterator[ModuleType]:
        """Yield the serving script as an endpoint imports it: its own folder first, no `training` in sight."""
        home = self.code("serve", to)
        shared = [path.stem for path in (self.root / "src" / "shared").glob("*.py")]
        sys.path.insert(0, str(home))
        for name in shared:
            sys.modules.pop(name, None)
        try:
            yield _imported("inference", home / "inference.py")
        finally:
            sys.path.remove(str(home))
            for name in shared:
                sys.modules.pop(name, None)

    def run_user_tests(self, endpoint: HandlerEndpoint) -> int:
        """Run the example's own tests against its handlers; return how many there were, parametrized ones once."""
        tests = _imported(f"{self.name}_endpoint_tests", self.root / "tests" / "test_endpoint.py")
        found = [(name, getattr(tests, name)) for name in dir(tests) if name.startswith("test_")]
        for _, test in found:
            for values in _cases(test):
                test(endpoint, **values)
        return len(found)


@dataclass(frozen=True, slots=True)
class Parts:
    """The channels of a split table, and its test rows (text, without label) with their labels."""

    channels: Path
    rows: tuple[str, ...]
    labels: tuple[str, ...]


def _cases(test: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - a function with pytest's marks
    """Yield the arguments of a test beside `endpoint`, case by case."""
    marks = [mark for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
    if not marks:
        assert [*inspect.signature(test).parameters] == ["endpoint"]
        yield {}
        return
    (mark,) = marks
    for values in mark.args[1]:
        yield dict(zip(mark.args[0], values, strict=True))


def _imported(name: str, place: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "dont_write_bytecode", True)  # the example's folder ships as it is
        spec.loader.exec_module(module)
    return module


def answers(inference: ModuleType, model: dict[str, Any], body: str, content_type: str = "text/csv") -> list[Any]:
    """Return what the four handlers make of a body."""
    text, accept = inference.output_fn(
        inference.predict_fn(inference.input_fn(body, content_type), model), "application/json"
    )
    assert accept == "application/json"
    found: list[Any] = json.loads(text)
    return found


@dataclass(frozen=True, slots=True)
class HandlerAnswer:
    """What the endpoint fixture's answers look like, from the handlers without HTTP."""

    body: list[Any]
    status: int = 200

    def json(self) -> list[Any]:
        return self.body


@dataclass(frozen=True, slots=True)
class HandlerEndpoint:
    """The `endpoint` fixture's behaviour over an example's own handlers, without HTTP."""

    inference: ModuleType
    model: dict[str, Any]

    def invoke(self, rows: list[list[object]]) -> HandlerAnswer:
        body = "\n".join(",".join(str(cell) for cell in row) for row in rows)
        return HandlerAnswer(answers(self.inference, self.model, body))


def in_every_format(columns: list[str], rows: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield (content type, body) of these rows of CSV in each of the other formats."""
    cells = [row.split(",") for row in rows]
    objects = [dict(zip(columns, row, strict=True)) for row in cells]
    yield "application/json", json.dumps(cells)
    yield "application/json", json.dumps({"instances": objects})
    yield "application/jsonlines", "\n".join(json.dumps(row) for row in cells)
    yield "application/jsonlines", "".join(f"{json.dumps(row)}\n" for row in objects)
