"""Software that is named without a version: which one it is today is told, since it may be another one tomorrow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mlops_ci.diagnostics import Diagnostic, Severity
from mlops_ci.executor.world import World
from mlops_ci.manifest.document import Document, listed
from mlops_ci.model import Model
from mlops_ci.ports.jobs import Software


@dataclass(frozen=True, slots=True)
class Floating:
    """A key of the manifest at `path` that names a framework or an algorithm, and the image that this is today.

    `others` are the candidates of the same model that name the same.
    """

    path: str
    key: str
    name: str
    image: str
    others: tuple[str, ...] = ()

    def diagnostic(self, document: Document | None) -> Iterator[Diagnostic]:
        """Yield it at its line of the manifest; nothing where that was not read."""
        if document is None:
            return
        yield document.problem(
            "floating-image",
            document.value(self.key),
            f"`{self.name}` has no version: today it is `{self.image}`",
            detail=f"nor in {listed(self.others)}" if self.others else "",
            hint=f'write the version, so that no update retrains: `{self.key}: {{name: {self.name}, version: "..."}}`',
            severity=Severity.WARNING,
        )


def floating(world: World, model: Model, software: tuple[Software, ...]) -> Iterator[Floating]:
    """Yield each framework or algorithm without a version once a model, where an image stands for it."""
    found: dict[tuple[str, str], Floating] = {}
    for candidate, asked in zip(model.candidates, software, strict=True):
        named = candidate.framework or candidate.algorithm
        if named is None or named.version:
            continue
        key = "framework" if candidate.framework else "algorithm"
        for tag in world.images.tags(asked)[:1]:
            about = (named.name, tag.rpartition("/")[2])
            if about in found:
                found[about] = replace(found[about], others=(*found[about].others, candidate.name))
            else:
                found[about] = Floating(f"{model.folder}/candidates/{candidate.name}.yaml", key, *about)
    yield from found.values()
