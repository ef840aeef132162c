"""A whole world in memory: every port small and real, so that the executor is tried without processes or git.

A model is a number, the `cut`; a row is a number, and is `yes` where it is above 5. Training copies the candidate's
hyperparameter into the model, serving compares. What happens to a job is said beforehand in `SmallJobs.fates`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from mlops_ci import resources
from mlops_ci.adapters.local.access import LocalAccess
from mlops_ci.adapters.optuna.sampler import OptunaSampler
from mlops_ci.commands import select
from mlops_ci.commands.work import Result, work
from mlops_ci.executor.assess import Situation, assess
from mlops_ci.executor.events import Event, StepEnded
from mlops_ci.executor.glance import Glance
from mlops_ci.executor.packages import package_of
from mlops_ci.executor.reading import read_ledger, read_release
from mlops_ci.executor.schedule import OnFailure
from mlops_ci.executor.survey import survey
from mlops_ci.executor.turns import Patience
from mlops_ci.executor.world import Proposing, World
from mlops_ci.manifest import load_project
from mlops_ci.model import Release
from mlops_ci.plan.steps import Scheduled
from mlops_ci.ports.jobs import (
    TrainingJob,
    TransformJob,
)
from mlops_ci.ports.metrics import CustomMetrics
from mlops_ci.ports.search import Sampler
from mlops_ci.ports.tuning import Tuner
from mlops_ci.records.ledger import Ledger
from mlops_ci.views.proposal import proposal_markdown
from tests.executor.small_commits import SmallCommits
from tests.executor.small_locks import SmallLocks
from tests.executor.small_ports import (
    ROWS,
    NoMetrics,
    NoSuites,
    SmallClock,
    SmallDatasets,
    SmallEndpoints,
    SmallImages,
    SmallJobs,
    answers,
    truth,
)
from tests.executor.small_proposals import SmallProposals
from tests.executor.small_registry import SmallRegistry
from tests.executor.small_repository import SmallRepository
from tests.executor.small_snapshots import SmallSnapshots
from tests.executor.small_stores import SmallArtifacts, SmallRecords

MODEL = """\
format: 1
name: tiny
owner: ada
problem: binary_classification
data: {path: data/tiny.csv, label: large, positive: "yes"}
evaluation: {metric: accuracy}
serving: {script: src/serve/inference.py}
tests: {skip: [contract, parity, latency, robustness]}
environments:
  staging: {}
  production: {promotes_from: staging}
"""
CANDIDATE = "format: 1\nscript: src/train/fit.py\nhyperparameters: {cut: CUT}\n"


def candidate(cut: float) -> bytes:
    """Return the manifest of a candidate; 5 is perfect."""
    return CANDIDATE.replace("CUT", str(cut)).encode()


def project_files(name: str = "tiny") -> dict[str, bytes]:
    """Return the files of a project with one model and two candidates, of which `good` is better."""
    at = f"pipelines/{name}"
    return {
        "mlops-ci.yaml": b"format: 1\nbranch: main\ntarget: local\ntargets:\n  local: {kind: local}\n",
        f"{at}/model.yaml": MODEL.replace("tiny\n", f"{name}\n").encode(),
        f"{at}/candidates/bad.yaml": candidate(1),
        f"{at}/candidates/good.yaml": candidate(4),
        f"{at}/src/train/fit.py": b"fit",
        f"{at}/src/serve/inference.py": b"serve",
        f"{at}/data/tiny.csv": b"x,large\n" + b"".join(f"{x},{truth(x)}\n".encode() for x in ROWS),
    }


@dataclass
class Small:
    """The world, its parts by their own types, and what the verbs do with it."""

    root: Path
    repository: SmallRepository
    records: SmallRecords
    artifacts: SmallArtifacts
    trainer: SmallJobs
    processor: SmallJobs
    transformer: SmallJobs
    endpoints: SmallEndpoints
    clock: SmallClock
    cancelled: list[bool]
    commits: SmallCommits
    snapshots: SmallSnapshots
    locks: SmallLocks = field(default_factory=SmallLocks)
    told: list[Event] = field(default_factory=list)
    sampler: Sampler = field(default_factory=OptunaSampler)
    metrics: CustomMetrics = field(default_factory=NoMetrics)
    registry: SmallRegistry | None = None
    proposals: SmallProposals | None = None
    is_reviewed: bool = True
    tuner: Tuner | None = None

    @property
    def glance(self) -> Glance:
        world = self.world
        return Glance(
            branch=world.project.branch,
            target=world.target.name,
            pipelines=world.project.pipelines,
            is_private=False,
            is_current=True,
            state=self.repository.files["mlops-ci.yaml"].decode(),
            snapshot="plan",
            repository=self.repository,
            records=self.records,
            describe=self.endpoints.describe,
            snapshots=self.snapshots,
            images=world.images.digests,
            spread=lambda work, items: [work(item) for item in items],
            world=lambda: world,
        )

    @property
    def world(self) -> World:
        schemas = {path.name.split(".")[0]: json.loads(path.read_text()) for path in
                   resources.folder("schemas").glob("*.schema.json")}  # fmt: skip
        project = load_project(self.repository.files["mlops-ci.yaml"], schemas)
        return World(
            project=project,
            target=project.targets[0],
            schemas=schemas,
            repository=self.repository,
            landings=self.repository,
            commits=self.commits,
            records=self.records,
            artifacts=self.artifacts,
            trainer=self.trainer,
            processor=self.processor,
            transformer=self.transformer,
            images=SmallImages(),
            datasets=SmallDatasets(self.root),
            endpoints=self.endpoints,
            access=LocalAccess(),
            metrics=self.metrics,
            suites=NoSuites(),
            sampler=self.sampler,
            snapshots=self.snapshots,
            clock=self.clock,
            locks=self.locks,
            is_cancelled=lambda: bool(self.cancelled),
            registry=self.registry,
            proposing=self.proposing,
            tuner=self.tuner,
        )

    @property
    def proposing(self) -> Proposing | None:
        if self.proposals is None:
            return None
        reviews = self.proposals.reviews
        return Proposing(self.proposals, lambda: reviews if self.is_reviewed else None, proposal_markdown)

    def assess(self, *models: str) -> Situation:
        """Return the situation; a survey, whatever it remembers, must tell the same plan."""
        situation = assess(self.world, models, fetch=True)
        remembered = survey(self.glance, models)
        again = survey(self.glance, models)
        assert remembered is not None
        assert remembered == again
        assert remembered.plan == situation.plan
        assert remembered.warnings == situation.warnings
        assert remembered.damaged == situation.ledger.damaged
        return situation

    def changes(self) -> list[tuple[str, str]]:
        """Return (action, subject) of each line of the plan."""
        return [(change.action.value, change.subject) for change in self.assess().plan.changes]

    def steps(self) -> list[str]:
        """Return the ids of the plan's steps."""
        return [scheduled.step.id for scheduled in self.assess().plan.steps]

    def run(self, *models: str, on_failure: OnFailure = OnFailure.BEGIN_NO_OTHER) -> Result:
        situation = self.assess(*models)
        return self.perform(situation, select.part(situation, "run"), on_failure=on_failure)

    def perform(
        self,
        situation: Situation,
        steps: tuple[Scheduled, ...],
        *,
        on_failure: OnFailure = OnFailure.BEGIN_NO_OTHER,
    ) -> Result:
        told = self.told = []
        result = work(
            self.world, situation, steps, width=1, on_failure=on_failure, patience=self.patience(),
            emit=told.append, cancel=lambda: self.cancelled.append(True),
        )  # fmt: skip
        assert [event for event in told if isinstance(event, StepEnded)] == list(result.ended)
        return result

    def patience(self, seconds: float = 60.0) -> Patience:
        """Return how long a model is waited for, and how `run` plans it anew."""

        def replan(model: str) -> tuple[Situation, tuple[Scheduled, ...]]:
            now = self.assess(model)
            return now, select.part(now, "run")

        return Patience(seconds, self.clock.now(), replan)

    def write(self, path: str, content: bytes) -> None:
        """Change a file of the model on disk."""
        self.repository.files[f"pipelines/tiny/{path}"] = content

    def push(self, path: str, content: bytes) -> None:
        """Change a file of the model, and put it on the branch."""
        self.write(path, content)
        self.repository.push()

    def rewrite(self, old: str, new: str) -> None:
        """Change `model.yaml`, and put it on the branch."""
        text = self.repository.files["pipelines/tiny/model.yaml"].decode()
        assert old in text
        self.push("model.yaml", text.replace(old, new).encode())

    @property
    def release(self) -> Release:
        return read_release(self.repository.tree(self.repository.main), "pipelines/tiny")

    @property
    def ledger(self) -> Ledger:
        return read_ledger(self.world, ("tiny",))

    def outcomes(self, result: Result) -> dict[str, str]:
        """Return the outcome of each step by its id without the model."""
        return {end.step.id.partition("/")[2]: end.outcome.value for end in result.ended}


def small(root: Path, files: dict[str, bytes] | None = None) -> Small:
    """Return a world in which nothing was done yet; what is on disk is on the branch."""
    artifacts = SmallArtifacts(root)
    records = SmallRecords()
    repository = SmallRepository(project_files() if files is None else files)
    repository.push()

    def fitted(job: TrainingJob) -> dict[str, bytes]:
        return {"model": json.dumps({"cut": float(dict(job.hyperparameters)["cut"])}).encode()}

    def transformed(job: TransformJob) -> dict[str, bytes]:
        package = package_of(records, job.model, job.package)
        rows = Path(job.rows).read_text().split()
        found = answers(artifacts.fetch(package.model).read_bytes(), rows)
        return {"predictions": "".join(f"{value}\n" for value in found).encode()}

    return Small(
        root, repository, records, artifacts,
        SmallJobs(artifacts, fitted), SmallJobs(artifacts, lambda _: {}), SmallJobs(artifacts, transformed),
        SmallEndpoints(artifacts), SmallClock(), [], SmallCommits(repository), SmallSnapshots(),
    )  # fmt: skip
