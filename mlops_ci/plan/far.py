"""Data on S3: what the manifest pins, what is there now, and what a plan says of the difference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlops_ci.model.data import LATEST
from mlops_ci.plan.change import Note

SHOWN = 12
"""Characters of a version that people are shown."""


@dataclass(frozen=True, slots=True)
class Far:
    """A channel's data on S3. `version` is what the manifest says: a version, `latest`, or nothing.

    `now` is the version that was listed; empty where nobody was asked.
    """

    channel: str
    address: str
    version: str
    now: str

    @property
    def is_moved(self) -> bool:
        """Return whether other data is there than was pinned."""
        return bool(self.now) and self.version not in {"", LATEST, self.now}


def far_notes(model: str, far: tuple[Far, ...]) -> Iterator[Note]:
    """Yield what a plan says of a model's data on S3: what moved since it was pinned, and what is not pinned."""
    for one in far:
        if one.is_moved:
            sentence = (
                f"data moved since it was pinned: `{one.address}` is {one.now[:SHOWN]}, pinned is "
                f"{one.version[:SHOWN]}; nothing is trained on it"
            )
            yield Note(model, one.channel, "data-moved", sentence, f"mlops-ci data pin {model}")
        elif one.version == LATEST:
            sentence = f"`{one.address}` is taken as it is now ({one.now[:SHOWN]}): its `version` is `latest`"
            yield Note(model, one.channel, "data-latest", sentence, f"mlops-ci data pin {model}")
