"""Software that is named without a version: which one it is today is told, since it may be another one tomorrow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlops_ci.diagnostics import Diagnostic, Severity
from mlops_ci.executor.world import World
from mlops_ci.manifest.document import Document
from mlops_ci.model import Model
from mlops_ci.ports.jobs import Software


@dataclass(frozen=True, slots=True)
class Floating:
    """A key of the manifest at `path` that names a framework or an algorithm, and the image that this is today."""

    path: str
    key: str
    name: str
    image: str

    def diagnostic(self, document: Document | None) -> Iterator[Diagnostic]:
        """Yield it at its line of the manifest; nothing where that was not read."""
        if document is None:
            return
        yield document.problem(
            "floating-image",
            document.value(self.key),
            f"`{self.name}` has no version: today it is `{self.image}`",
            hint=f'write the version, so that no update retrains: `{self.key}: {{name: {self.name}, version: "..."}}`',
            severity=Severity.WARNING,
        )


def floating(world: World, model: Model, software: tuple[Software, ...]) -> Iterator[Floating]:
    """Yield each candidate's framework or algorithm without a version, where an image stands for it."""
    for candidate, asked in zip(model.candidates, software, strict=True):
        named = candidate.framework or candidate.algorithm
        if named is None or named.version:
            continue
        for tag in world.images.tags(asked)[:1]:
            key = "framework" if candidate.framework else "algorithm"
            path = f"{model.folder}/candidates/{candidate.name}.yaml"
            yield Floating(path, key, named.name, tag.rpartition("/")[2])
