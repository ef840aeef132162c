"""The project: `mlops-ci.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlops_ci.model.effects import Pairs

LOCAL = "local"
AWS = "aws"
"""The kinds of targets."""


@dataclass(frozen=True, slots=True)
class Network:
    """Where jobs and endpoints of an account stand, by ids of a VPC; without subnets they are in SageMaker's own.

    `isolation` takes all network from a container; `encryption` encrypts what the instances of one job send each other.
    """

    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    isolation: bool = False
    encryption: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """Where work runs (`kind`: `local`, `aws`) and where the store is: a folder of the project, or `s3://bucket/prefix`.

    `pass_environment` names variables of our own environment that training, processing and the user's tests see;
    `kms_key` encrypts what is written to a store on S3 and what jobs write (empty: the bucket's own setting).

    For `aws`: `region` (empty: as boto3 finds it), the `role` that jobs and endpoints take on (an ARN), the one that
    jobs of pull requests take on (empty: the same), the key of the volumes they work on, and the `tags` that everything
    made there has.
    """

    name: str
    kind: str = "local"
    store: str = ".mlops-ci/store"
    pass_environment: tuple[str, ...] = ()
    kms_key: str = ""
    region: str = ""
    role: str = ""
    pull_request_role: str = ""
    volume_kms_key: str = ""
    network: Network = Network()
    tags: Pairs = ()


@dataclass(frozen=True, slots=True)
class Place:
    """What an environment needs to know of this machine or account; `port` 0 is chosen once and kept."""

    name: str
    port: int = 0


@dataclass(frozen=True, slots=True)
class Project:
    """The team's branch and target; any other target is private: its releases stay in its own store.

    `trust_pull_requests` says whether a training that a pull request recorded counts on the branch.
    """

    branch: str = "main"
    remote: str = "origin"
    target: str = "local"
    targets: tuple[Target, ...] = (Target("local"),)
    places: tuple[Place, ...] = ()
    pipelines: str = "pipelines"
    trust_pull_requests: bool = False

    def named_target(self, name: str) -> Target | None:
        """Return the target of that name, or None."""
        return next((t for t in self.targets if t.name == name), None)
