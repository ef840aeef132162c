"""What pull requests recorded, as it is offered to the release branch."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_ci.ports.stores import ArtifactStore, RecordStore


@dataclass(frozen=True, slots=True)
class Offered:
    """The stores that the commands of one pull request wrote to. Nothing in them is believed as it stands."""

    pull_request: str
    records: RecordStore
    artifacts: ArtifactStore
