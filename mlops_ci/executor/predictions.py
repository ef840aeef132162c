"""Predictions on record: one JSON value a test row, in order."""

from __future__ import annotations

import json

from mlops_ci.executor.world import World
from mlops_ci.model import Json


def recorded(world: World, digest: str) -> tuple[Json, ...]:
    """Return the predictions kept under a digest.

    Raises:
        IntegrityError: they are not what the digest says.
        ProviderError: they are not in the store.

    """
    with world.artifacts.fetch(digest).open(encoding="utf-8") as lines:
        return tuple(json.loads(line) for line in lines if line.strip())
