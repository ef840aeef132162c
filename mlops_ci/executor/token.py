"""The token of a model: the digest of all that its part of a plan depends on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from mlops_ci.executor.glance import Glance
from mlops_ci.executor.remembered import Beside
from mlops_ci.manifest.folders import Folder
from mlops_ci.model import Tree
from mlops_ci.plan.deployed import Deployed


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a survey looks at: the files here, those at the branch's tip (None: it has no commit), and the endpoints."""

    here: Tree
    base: Tree | None
    tip: str
    endpoints: tuple[Deployed, ...]

    def endpoints_of(self, model: str) -> tuple[Deployed, ...]:
        """Return the endpoints of one model."""
        return tuple(endpoint for endpoint in self.endpoints if endpoint.model == model)


@dataclass(frozen=True, slots=True)
class Outside:
    """What was found beside the trees: the digests of `Beside.reads`, of `Beside.data` and of `Beside.tags`."""

    reads: tuple[str, ...] = ()
    data: tuple[tuple[tuple[str, str], ...], ...] = ()
    images: tuple[str, ...] = ()


def outside(glance: Glance, grounds: Grounds, folder: Folder, beside: Beside) -> Outside:
    """Return what is there now.

    Raises:
        MlopsError: data that no tree has is not there, or cannot be read; where images lead cannot be asked.

    """
    data = data_digests(glance, grounds, folder, beside.data)
    images = glance.images(beside.tags) if beside.tags else ()
    if not beside.reads:
        return Outside((), data, images)
    from mlops_ci.executor.witness import read_digests

    return Outside(read_digests(grounds.here, beside.reads), data, images)


def data_digests(
    glance: Glance, grounds: Grounds, folder: Folder, paths: tuple[str, ...]
) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Return (channel, digest) pairs of the data at each of these paths, relative to the model's folder.

    Raises:
        MlopsError: there is none, or it cannot be read.

    """
    if not paths:
        return ()
    from mlops_ci.model import Data

    datasets = glance.world().datasets
    return tuple(datasets.digests(Data(label="", path=path), grounds.here, folder.path) for path in paths)


def token(
    glance: Glance,
    grounds: Grounds,
    folder: Folder,
    beside: Beside,
    names: tuple[tuple[str, str], ...],
    found: Outside,
) -> str:
    """Return the token of a model; `names` are its records with their stamps.

    What is remembered under it must be derived from what was looked at no earlier than `names` and `found` were: what
    changes in between then gives another token the next time.
    """
    about = hashlib.sha256(glance.state.encode())
    about.update(repr((bool(grounds.tip), grounds.tip if glance.is_private else "", names)).encode())
    for place in (folder.path, *beside.places):
        here = (grounds.here.blobs(place), grounds.here.links(place))
        there = (grounds.base.blobs(place), grounds.base.links(place)) if grounds.base is not None else None
        about.update(repr((place, here, None if here == there else there)).encode())
    about.update(repr((grounds.endpoints_of(folder.name), beside.reads, beside.data, beside.tags, found)).encode())
    return about.hexdigest()
