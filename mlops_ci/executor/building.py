"""Building a candidate's image: skipped where it is there, else started, followed, and found by its digest."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from mlops_ci.errors import JobFailed, ProviderError
from mlops_ci.executor.sources import code_of
from mlops_ci.executor.world import World
from mlops_ci.fingerprint.canonical import digest
from mlops_ci.model import Candidate, Model, Tree
from mlops_ci.model.sources import within
from mlops_ci.ports.builds import Builder, Building, BuildState
from mlops_ci.ports.jobs import CodeFile

DOCKERFILE = "Dockerfile"
_PAUSE = 2.0
"""Seconds between two looks at a build."""

_SHOWN = 30
"""Lines of a log that tell why a build failed."""


@dataclass(frozen=True, slots=True)
class Built:
    """An image by its digest, and whether it was there before."""

    candidate: str
    reference: str
    was_known: bool


def building_of(tree: Tree, model: Model, candidate: Candidate) -> Building:
    """Return what the Dockerfile of a candidate makes: its context are the candidate's sources, as a job has them."""
    found = {file.path: file for file in code_of(tree, model.folder, candidate.sources).files}
    origin = within(model.folder, candidate.dockerfile) or candidate.dockerfile
    blob = dict(tree.blobs(origin)).get(origin, "")
    found[DOCKERFILE] = CodeFile(DOCKERFILE, origin, blob)
    files = tuple(found[path] for path in sorted(found))
    repository = f"mlops-ci/{re.sub('-+', '-', model.name)}"
    tag = digest({file.path: file.blob for file in files})
    return Building(model.name, candidate.name, repository, tag, files)


def build(world: World, building: Building, tell: Callable[[str], None]) -> Built:
    """Return the image; `tell` is given each line of the log while it is built.

    Raises:
        ProviderError: nothing here builds images, or it could not be started.
        JobFailed: the build failed; the end of its log is the detail.

    """
    builder = builder_of(world)
    known = builder.find(building)
    if known:
        return Built(building.candidate, known, was_known=True)
    name = builder.start(building)
    tail: list[str] = []
    while True:
        state = builder.state(name)  # before the log is read: what it says at last is read too
        for line in builder.lines(name):
            tail = [*tail[-_SHOWN + 1 :], line]
            tell(line)
        if state is not BuildState.RUNNING:
            break
        world.clock.sleep(_PAUSE)
    found = builder.find(building)  # also where it failed: somebody else may have been faster, and tags never move
    if not found:
        raise JobFailed(
            f"the image of `{building.candidate}` was not built (build `{name}`)",
            hint="mend what its log names, then type it again",
            detail="\n".join(tail),
        )
    return Built(building.candidate, found, was_known=False)


def builder_of(world: World) -> Builder:
    """Return what builds images.

    Raises:
        ProviderError: this target has nothing that does.

    """
    if world.builder is None:
        raise ProviderError(
            f"images are built in an account of AWS, and target `{world.target.name}` is this machine",
            hint="choose a target of `kind: aws`: mlops-ci image build MODEL --target NAME",
        )
    return world.builder
