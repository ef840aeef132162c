"""The world, as the executor sees it: every port, and what this command was asked to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mlops_ci.executor.kept import KeptLedgers
from mlops_ci.model import Json, Project, Target
from mlops_ci.plan.motion import Motion
from mlops_ci.ports.builds import Builder
from mlops_ci.ports.clock import Clock
from mlops_ci.ports.commits import Commits
from mlops_ci.ports.datasets import Datasets
from mlops_ci.ports.endpoints import EndpointAccess, EndpointHost
from mlops_ci.ports.jobs import Images, Processor, Trainer, Transformer
from mlops_ci.ports.locks import Locks
from mlops_ci.ports.metrics import CustomMetrics
from mlops_ci.ports.offers import Offered
from mlops_ci.ports.proposals import Proposals
from mlops_ci.ports.registry import Registry
from mlops_ci.ports.repository import Landings, Repository
from mlops_ci.ports.reviews import Reviews
from mlops_ci.ports.search import Sampler
from mlops_ci.ports.snapshots import Snapshots
from mlops_ci.ports.stores import ArtifactStore, RecordStore
from mlops_ci.ports.suites import UserTests
from mlops_ci.ports.tuning import Tuner


@dataclass(frozen=True, slots=True)
class Proposing:
    """How moves are put before people: where their branches go, who opens pull requests, and what these say.

    `reviews` gives None where nobody can be asked to open one. `body` gives Markdown.
    """

    branches: Proposals
    reviews: Callable[[], Reviews | None]
    body: Callable[[Motion], str]


@dataclass(frozen=True, slots=True)
class World:
    """Ports and settings. `is_cancelled` turns true once, when somebody wants everything to end.

    `pull_request` is the id of the pull request that this works for, or empty: then nothing reaches the release branch.
    `offers` gives what pull requests recorded.
    `proposing` is None where no move becomes a pull request: the releases of a private target are nobody else's.
    `registry` is None where there is none: this machine's records are all that there is to see.
    `builder` is None where nothing builds images, `tuner` where searches are made here, trial by trial.
    `ledgers` is what this command knows of the records already, `archives` the sha256 of kept code by its digest.
    """

    project: Project
    target: Target
    schemas: Mapping[str, Json]
    repository: Repository
    landings: Landings
    commits: Commits
    records: RecordStore
    artifacts: ArtifactStore
    trainer: Trainer
    processor: Processor
    transformer: Transformer
    images: Images
    datasets: Datasets
    endpoints: EndpointHost
    access: EndpointAccess
    metrics: CustomMetrics
    suites: UserTests
    sampler: Sampler
    snapshots: Snapshots
    clock: Clock
    locks: Locks
    is_cancelled: Callable[[], bool]
    pull_request: str = ""
    offers: Callable[[], tuple[Offered, ...]] = tuple
    proposing: Proposing | None = None
    registry: Registry | None = None
    builder: Builder | None = None
    tuner: Tuner | None = None
    ledgers: KeptLedgers = field(default_factory=KeptLedgers)
    archives: dict[str, str] = field(default_factory=dict)
