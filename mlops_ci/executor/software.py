"""Software: what a manifest asks for, with the bytes behind its paths, and where it leads on this target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mlops_ci.errors import ProviderError
from mlops_ci.executor.building import building_of
from mlops_ci.executor.sources import code_of
from mlops_ci.executor.world import World
from mlops_ci.model import Candidate, Model, Tree
from mlops_ci.model.sources import within
from mlops_ci.ports.datasets import Dataset
from mlops_ci.ports.jobs import CannotRun, Code, Image, Software


def software_of(tree: Tree, model: Model, candidate: Candidate) -> Software:
    """Return what a candidate asks for."""
    return Software(
        framework=candidate.framework,
        image=building_of(tree, model, candidate).name if candidate.dockerfile else candidate.image,
        requirements=_text(tree, model.folder, candidate.requirements),
        algorithm=candidate.algorithm,
        instance=candidate.resources.instance,
        served_on=tuple(sorted({environment.resources.instance for environment in model.environments})),
    )


def code_for(tree: Tree, model: Model, candidate: Candidate) -> Code:
    """Return the files that its job is given: what trains without a script is given none."""
    return code_of(tree, model.folder, candidate.sources if candidate.script else ())


def dataset_for(world: World, model: Model, candidate: Candidate, dataset: Dataset) -> Dataset:
    """Return the dataset with the channels as a candidate reads them; raises as `Datasets.headless`."""
    if candidate.algorithm is None:
        return dataset
    return replace(dataset, channels=world.datasets.headless(dataset, model.data, model.problem))


def software_of_script(tree: Tree, model: Model, requirements: str) -> Software:
    """Return what a processing script asks for, whose requirements file is at a path (empty: it has none)."""
    return Software(requirements=_text(tree, model.folder, requirements))


def image_of(world: World, asked: Software) -> Image:
    """Return the image that this resolves to.

    Raises:
        ProviderError: it cannot run here.

    """
    found = world.images.resolve(asked)
    if isinstance(found, CannotRun):
        raise ProviderError(found.summary, hint=found.hint)
    return found


@dataclass(frozen=True, slots=True)
class Needed:
    """All that a model asks for: of its candidates, in their order, and of the script before training."""

    candidates: tuple[Software, ...]
    processing: Software | None

    def tags(self, world: World) -> tuple[str, ...]:
        """Return every reference that somebody may move, sorted; where each leads is then known for all of them."""
        every = (*self.candidates, *((self.processing,) if self.processing else ()))
        found = tuple(sorted({tag for asked in every for tag in world.images.tags(asked)}))
        if found:
            world.images.digests(found)
        return found


def needed(tree: Tree, model: Model) -> Needed:
    """Return all that a model asks for."""
    pre = model.processing.pre
    return Needed(
        tuple(software_of(tree, model, candidate) for candidate in model.candidates),
        software_of_script(tree, model, pre.requirements) if pre is not None else None,
    )


def served(world: World, asked: Software, image: Image) -> Iterator[tuple[str, str] | CannotRun]:
    """Yield what serves what an image trained, where it is another one: (the one that trains, the one that serves)."""
    found = world.images.serving(asked)
    if isinstance(found, CannotRun):
        yield found
    elif found and found != image.reference:
        yield image.reference, found


def _text(tree: Tree, folder: str, requirements: str) -> str:
    return tree.read(within(folder, requirements) or requirements).decode() if requirements else ""
