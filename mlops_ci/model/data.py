"""Where the rows come from, and which side each row is on."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_ci.model.address import is_remote
from mlops_ci.model.effects import Effect, causes, section

LATEST = "latest"
"""The version that is whatever is there."""

SIDES = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Split:
    """Shares of the rows, summing to 1; a row's side follows from a hash of its key and `salt`."""

    train: float = causes(Effect.RETRAIN, Effect.REEVALUATE, default=0.7)
    validation: float = causes(Effect.RETRAIN, Effect.REEVALUATE, default=0.15)
    test: float = causes(Effect.RETRAIN, Effect.REEVALUATE, default=0.15)
    salt: str = causes(Effect.RETRAIN, Effect.REEVALUATE, default="")


@dataclass(frozen=True, slots=True)
class Channel:
    """A named channel: a file (or every file below a folder), relative to the model's folder, or `s3://`.

    Which channels there are enters fingerprints by the digests of the bytes, which are named after them.
    """

    name: str = causes(Effect.METADATA)
    path: str = causes(Effect.METADATA)


@dataclass(frozen=True, slots=True)
class Pin:
    """Which content of a channel on S3 is meant: a version, or `latest`; no channel's name means every one.

    The version itself enters fingerprints in the place of a digest.
    """

    name: str = causes(Effect.METADATA)
    version: str = causes(Effect.METADATA)


@dataclass(frozen=True, slots=True)
class Data:
    """One table that we split (`path`), or channels that are split already (`channels`); never both.

    The bytes behind the paths enter fingerprints by their digests; moving a file changes nothing, so paths
    are metadata. `label` is a column of every channel. `positive` names the class that counts as positive.
    """

    label: str = causes(Effect.RETRAIN, Effect.REEVALUATE)
    path: str = causes(Effect.METADATA, default="")
    channels: tuple[Channel, ...] = causes(Effect.METADATA, default=())
    version: tuple[Pin, ...] = causes(Effect.METADATA, default=())
    positive: str = causes(Effect.REEVALUATE, default="")
    drop: tuple[str, ...] = causes(Effect.RETRAIN, Effect.REEVALUATE, default=())
    key: tuple[str, ...] = causes(Effect.RETRAIN, Effect.REEVALUATE, default=())
    split: Split = section(Split())

    def paths(self) -> tuple[tuple[str, str], ...]:
        """Return (channel, path) pairs; the one table's channel is `data`."""
        return (("data", self.path),) if self.path else tuple((c.name, c.path) for c in self.channels)

    def far(self) -> tuple[tuple[str, str], ...]:
        """Return those of them that are addresses of S3."""
        return tuple((name, path) for name, path in self.paths() if is_remote(path))

    def pinned(self, channel: str) -> str:
        """Return the version that the manifest says of a channel: a version, `latest`, or nothing."""
        found = {pin.name: pin.version for pin in self.version}
        return found.get(channel, found.get("", ""))
