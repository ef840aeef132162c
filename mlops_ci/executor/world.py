"""The world, as the executor sees it: every port, and what this command was asked to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mlops_ci.model import Json, Project, Target
from mlops_ci.ports.clock import Clock
from mlops_ci.ports.datasets import Datasets
from mlops_ci.ports.endpoints import EndpointHost
from mlops_ci.ports.jobs import Images, Processor, Trainer, Transformer
from mlops_ci.ports.locks import Locks
from mlops_ci.ports.metrics import CustomMetrics
from mlops_ci.ports.repository import Landings, Repository
from mlops_ci.ports.stores import ArtifactStore, RecordStore
from mlops_ci.ports.suites import UserTests


@dataclass(frozen=True, slots=True)
class World:
    """Ports and settings. `is_cancelled` turns true once, when somebody wants everything to end."""

    project: Project
    target: Target
    schemas: Mapping[str, Json]
    repository: Repository
    landings: Landings
    records: RecordStore
    artifacts: ArtifactStore
    trainer: Trainer
    processor: Processor
    transformer: Transformer
    images: Images
    datasets: Datasets
    endpoints: EndpointHost
    metrics: CustomMetrics
    suites: UserTests
    clock: Clock
    locks: Locks
    is_cancelled: Callable[[], bool]
