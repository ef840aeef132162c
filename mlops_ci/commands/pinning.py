"""`data pin`: the versions of what lies on S3 now, written into the manifests."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mlops_ci.diagnostics import has_errors
from mlops_ci.errors import ManifestError, ProviderError, UsageError
from mlops_ci.executor.world import World
from mlops_ci.manifest import load
from mlops_ci.manifest.pinning import pinned
from mlops_ci.plan.far import Far


@dataclass(frozen=True, slots=True)
class Pinned:
    """One channel of a model: what its manifest said, and what it says now; the same where nothing moved."""

    model: str
    path: str
    far: Far

    @property
    def is_new(self) -> bool:
        """Return whether the manifest says something else now."""
        return self.far.version != self.far.now


def pin(world: World, folder: Path, select: tuple[str, ...], tell: Callable[[Pinned], None]) -> int:
    """Write the versions of today into the manifests of these models; return how many channels have another one now.

    `folder` is that of the project. A manifest without data on S3 is left alone.

    Raises:
        UsageError: none of the models has data on S3, or a `version` cannot be written without writing lines anew.
        ManifestError: a manifest is wrong.
        ProviderError: S3 refuses, or a file cannot be written.

    """
    loaded = load(world.repository.worktree(), world.schemas, select=select)
    if has_errors(loaded.diagnostics):
        raise ManifestError(loaded.diagnostics)
    found = [(model, far) for model in loaded.models if (far := world.datasets.far(model.data))]
    if not found:
        raise UsageError("none of these models has data on S3", hint="`data.path: s3://bucket/rows.csv` in model.yaml")
    count = 0
    for model, far in found:
        path = f"{model.folder}/model.yaml"
        document = loaded.document(path)
        if document is None:
            raise AssertionError("a model that was loaded has a document")
        if any(one.version != one.now for one in far):
            text = pinned(document, {one.channel: one.now for one in far})
            if not text:
                place = document.value("data", "version")
                raise UsageError(
                    f"`{place}`: these versions are on several lines, and the channels are others now",
                    hint="delete `version`, then type `mlops-ci data pin` again",
                )
            _write(folder / path, document.text, text)
        for one in far:
            tell(Pinned(model.name, path, one))
        count += sum(one.version != one.now for one in far)
    return count


def _write(place: Path, before: str, text: str) -> None:
    """Write a file anew, whole or not at all; one that somebody edited meanwhile stays as it is."""
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        try:
            draft.write_bytes(text.encode())
            draft.chmod(place.stat().st_mode & 0o777)
            if place.read_bytes() != before.encode():
                raise ProviderError(f"`{place}` was edited meanwhile", hint="type `mlops-ci data pin` again")
            draft.replace(place)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise ProviderError(f"cannot write `{place}`: {error.strerror}", hint=f"ls -l {place}") from error
