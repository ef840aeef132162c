"""The project: `mlops-ci.yaml`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """Where work runs (`kind`: `local`) and where the store is: a folder relative to the project, or `s3://bucket/prefix`.

    `pass_environment` names variables of our own environment that training, processing and the user's tests see;
    `kms_key` encrypts what is written to a store on S3 (empty: the bucket's own setting).
    """

    name: str
    kind: str = "local"
    store: str = ".mlops-ci/store"
    pass_environment: tuple[str, ...] = ()
    kms_key: str = ""


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
