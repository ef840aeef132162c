"""Packages: what is released, described by a recipe whose digest names it."""

from __future__ import annotations

import json

from mlops_ci.errors import ProviderError
from mlops_ci.executor.assess import Situation
from mlops_ci.executor.images import image_from
from mlops_ci.executor.reading import record
from mlops_ci.executor.sources import archive, code_of
from mlops_ci.executor.world import World
from mlops_ci.fingerprint.canonical import canonical
from mlops_ci.fingerprint.recipes import fingerprint
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.ports.endpoints import Package
from mlops_ci.ports.jobs import Code
from mlops_ci.ports.stores import RecordStore
from mlops_ci.records.codec import decode
from mlops_ci.records.facts import Finished, Packaged


def keep_package(world: World, situation: Situation, desired: DesiredModel, candidate: str, trained: Finished) -> str:
    """Return the digest of the package that this training and today's serving code make, having kept all of it."""
    recipe = desired.package_recipe(trained, candidate)
    digest = fingerprint(recipe)
    sources = () if desired.serves_itself(trained, candidate) else desired.model.serving.sources
    code = code_of(situation.tree, desired.model.folder, sources)
    record(
        world,
        Packaged(
            model=desired.name,
            package=digest,
            candidate=candidate,
            fingerprint=trained.fingerprint,
            artifact=trained.artifact("model"),
            code=_kept(world, situation, code),
            recipe=canonical(dict(recipe)),
        ),
    )
    return digest


def _kept(world: World, situation: Situation, code: Code) -> str:
    """Return the sha256 of the code's archive, which is kept; of one code it is made once a command."""
    known = world.archives.get(code.digest)
    if known is None or not world.artifacts.has(known):
        known = world.archives[code.digest] = world.artifacts.put(archive(situation.tree, code))
    return known


def package_of(records: RecordStore, model: str, digest: str) -> Package:
    """Return a package by its digest.

    Raises:
        ProviderError: the store does not hold it, or holds it damaged.

    """
    name = f"{model}/packages/{digest}"
    content = records.get(name)
    fact = decode(name, content) if content is not None else None
    if not isinstance(fact, Packaged):
        what = "is damaged in the store" if content is not None else "is not in the store"
        raise ProviderError(
            f"package {digest[:12]} of `{model}` {what}",
            hint="use the store in which it was trained, or train it again: mlops-ci run " + model,
        )
    recipe = json.loads(fact.recipe)
    return Package(
        digest=digest,
        model=fact.artifact,
        code=fact.code,
        entry=recipe["entry"],
        image=image_from(recipe["image"]),
        environment=tuple(sorted(recipe["environment"].items())),
        features=tuple(recipe["features"]),
    )
