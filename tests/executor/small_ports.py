"""The ports of a world in memory: small, real, and without processes or git. What they serve is a number, the `cut`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mlops_ci.errors import ProviderError
from mlops_ci.model import Data, Json, Problem, Tree
from mlops_ci.model.rollout import told
from mlops_ci.model.sources import within
from mlops_ci.plan.deployed import Deployed, EndpointState
from mlops_ci.plan.far import Far
from mlops_ci.ports.datasets import TEST, Dataset, TestSet
from mlops_ci.ports.endpoints import Answer, EndpointSpec
from mlops_ci.ports.jobs import (
    CannotRun,
    Code,
    Image,
    Input,
    JobStatus,
    Output,
    Outputs,
    Running,
    Software,
    Stopped,
    Succeeded,
)
from mlops_ci.ports.suites import SuiteResult
from mlops_ci.testing.trees import MemoryTree
from tests.executor.small_stores import SmallArtifacts, place

RELEASE = "pipelines/tiny/release.yaml"
ROWS = tuple(str(n) for n in range(10))
VALIDATION = tuple(str(n / 2) for n in range(20))
AT = "2026-01-01T00:00:00.000Z"


def truth(row: str) -> str:
    """Return the label of a row."""
    return "yes" if float(row) > 5 else "no"


@dataclass
class SmallClock:
    """A clock that moves when somebody waits; `on_sleep` is what happens meanwhile."""

    time: float = 0.0
    on_sleep: Callable[[], None] = lambda: None

    def now(self) -> str:
        self.time += 0.001
        return f"2026-01-01T{int(self.time // 3600):02d}:{int(self.time // 60 % 60):02d}:{self.time % 60:06.3f}Z"

    def seconds(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds
        self.on_sleep()


@dataclass
class SmallJobs:
    """`Jobs` of any kind: `made` computes the outputs. `fates` are statuses by name, told one after the other.

    A job without a fate succeeds at once. `begun` are the keys that were started, `stopped` those asked to stop.
    """

    artifacts: SmallArtifacts
    made: Callable[[Any], dict[str, bytes]]
    fates: dict[str, list[JobStatus | None]] = field(default_factory=dict)
    jobs: dict[str, Any] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    on_submit: Callable[[str], None] = lambda key: None

    def submit(self, job: Any, *, key: str) -> None:  # noqa: ANN401 - of any kind
        self.on_submit(key)
        if key not in self.jobs:
            self.jobs[key] = job
            self.begun.append(key)

    def status(self, key: str) -> JobStatus | None:
        if key in self.stopped:
            return Stopped(AT, AT, 1.0)
        job = self.jobs.get(key)
        fate = self.fates.get(getattr(job, "candidate", "") or getattr(job, "subject", ""), [])
        if fate:
            return fate[0] if len(fate) == 1 and isinstance(fate[0], Running) else fate.pop(0)
        return Succeeded(AT, AT, 2.0) if job is not None else None

    def collect(self, key: str) -> Outputs:
        job = self.jobs[key]
        kept = {"log": b"it printed\n", **self.made(job)}
        outputs = tuple(Output(name, self.artifacts.put(content), len(content)) for name, content in kept.items())
        return Outputs(outputs, image=getattr(job, "image", None) or Image())

    def logs(self, key: str, *, start: int) -> Iterator[str]:
        return iter(("it printed",)[start:])

    def stop(self, key: str) -> None:
        self.stopped.append(key)


@dataclass
class SmallImages:
    """`Images`: every framework is there."""

    def resolve(self, asked: Software) -> Image | CannotRun:
        if asked.image:
            return CannotRun("no container engine answers", "install docker")
        return Image(python="3.11", requirements=asked.requirements, framework=asked.framework)

    def serving(self, asked: Software) -> str | CannotRun:
        return ""

    def tags(self, asked: Software) -> tuple[str, ...]:
        return ()

    def digests(self, tags: tuple[str, ...]) -> tuple[str, ...]:
        return ("",) * len(tags)


@dataclass
class SmallDatasets:
    """`Datasets`: the table's bytes count, the rows are always the same ten."""

    root: Path

    def digests(self, data: Data, tree: Tree, folder: str) -> tuple[tuple[str, str], ...]:
        places = ((name, within(folder, path) or "") for name, path in data.paths())
        return tuple((name, dict(tree.blobs(place))[place]) for name, place in places)

    def materialize(
        self,
        data: Data,
        tree: Tree,
        folder: str,
        slices: tuple[str, ...],
        content_type: str,
        *,
        scored: tuple[str, ...] = TEST,
    ) -> Dataset:
        test, validation = self._rows("rows.csv", ROWS), self._rows("validation.csv", VALIDATION)
        counts = (("test", len(ROWS)), ("validation", len(VALIDATION)))
        channels = (Input("train", str(self.root)),)
        return Dataset(channels, ("x",), test, counts, validation if "validation" in scored else None)

    def _rows(self, name: str, rows: tuple[str, ...]) -> TestSet:
        table = self.root / name
        place(table, "".join(f"{row}\n" for row in rows).encode())
        return TestSet(str(table), tuple(truth(row) for row in rows), ())

    def adopt(
        self,
        data: Data,
        outputs: tuple[tuple[str, str], ...],
        slices: tuple[str, ...],
        content_type: str,
        *,
        scored: tuple[str, ...] = TEST,
    ) -> Dataset:
        return self.materialize(data, MemoryTree({}), "", slices, content_type, scored=scored)

    def far(self, data: Data) -> tuple[Far, ...]:
        return ()

    def unmoved(self, data: Data) -> None:
        pass

    def headless(self, dataset: Dataset, data: Data, problem: Problem) -> tuple[Input, ...]:
        return dataset.channels

    def locate(self, path: str) -> str:
        return path


@dataclass
class SmallEndpoints:
    """An `EndpointHost`. A package in `broken` does not come up; `applied` are (environment, version) pairs."""

    artifacts: SmallArtifacts
    serving: dict[tuple[str, str], tuple[EndpointSpec, Deployed]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    applied: list[tuple[str, int]] = field(default_factory=list)

    def describe(self) -> tuple[Deployed, ...]:
        return tuple(deployed for _, (_, deployed) in sorted(self.serving.items()))

    def apply(self, spec: EndpointSpec) -> None:
        key = (spec.environment, spec.model)
        self.applied.append((spec.environment, spec.version))
        if spec.package.digest in self.broken:
            if key in self.serving:
                old, now = self.serving[key]
                self.serving[key] = (old, replace(now, detail="ImportError: no module named x"))
            return
        now = Deployed(*key, EndpointState.IN_SERVICE, spec.version, spec.package.digest, spec.workers, spec.batching,
                       "http://127.0.0.1:1", "", spec.instance, spec.count,
                       told(spec.autoscaling), told(spec.capture))  # fmt: skip
        self.serving[key] = (spec, now)

    def kill(self, environment: str, model: str = "tiny") -> None:
        """Let an endpoint die."""
        spec, now = self.serving[environment, model]
        self.serving[environment, model] = (spec, replace(now, state=EndpointState.OUT_OF_SERVICE))

    def invoke(self, environment: str, model: str, body: bytes, content_type: str, accept: str) -> Answer:
        spec, _ = self.serving[environment, model]
        rows = body.decode().split()
        answer = json.dumps(answers(self.artifacts.fetch(spec.package.model).read_bytes(), rows)).encode()
        return Answer(200, answer, "application/json", f"{model}/v{spec.version}", 0.001)

    def ping(self, environment: str, model: str) -> int:
        return 200

    def delete(self, environment: str, model: str) -> None:
        self.serving.pop((environment, model), None)

    def logs(self, environment: str, model: str, *, tail: int) -> tuple[str, ...]:
        return ("it serves",)


@dataclass
class NoMetrics:
    """`CustomMetrics` of a model that has none."""

    def compute(self, function: str, code: Code, image: Image, rows: tuple[Json, ...]) -> float:
        raise ProviderError(f"there is no {function}")


@dataclass
class NoSuites:
    """`UserTests` of a model that has none."""

    def run(self, paths: tuple[str, ...], *, model: str, environment: str, version: int, url: str) -> SuiteResult:
        raise ProviderError("there are none")


def answers(model: bytes, rows: list[str]) -> list[float]:
    """Return what a model answers to rows."""
    cut = float(json.loads(model)["cut"])
    return [1.0 if float(row) > cut else 0.0 for row in rows]
