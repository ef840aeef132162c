"""What the tables of SageMaker's images said, remembered: whoever asks again imports nothing."""

from __future__ import annotations

import json
import re
from dataclasses import astuple, dataclass
from pathlib import Path

from mlops_ci.adapters.aws.images.tables import Listed, Wanted, looked_up
from mlops_ci.ports.jobs import CannotRun
from mlops_ci.ports.snapshots import Snapshots

_SNAPSHOT = "images.json"
_FOLDER = re.compile(r"sagemaker_core-(?P<version>[^-]+)\.dist-info")


@dataclass(slots=True)
class Tables:
    """The tables of the `sagemaker-core` in these folders of distributions; another version is another memory."""

    snapshots: Snapshots
    folders: tuple[Path, ...]
    _listed: dict[str, Listed] | None = None
    _version: str | None = None

    def find(self, wanted: Wanted) -> Listed | CannotRun:
        """Return what the tables say of an image, or why it cannot run."""
        if not self.version:
            return CannotRun(
                f"an image of `{wanted.name}` is found by sagemaker-core, which is not installed",
                "pip install 'mlops-ci[aws]', or name an `image` in ECR",
            )
        if self._listed is None:
            self._listed = self._load()
        found: Listed | CannotRun | None = self._listed.get(wanted.key)
        if found is None:
            found = looked_up(wanted)
            if isinstance(found, Listed):
                self._listed[wanted.key] = found
                self._save()
        return found

    @property
    def version(self) -> str:
        """The version of what is installed, read from a folder's name; empty where it is not."""
        if self._version is None:
            there = (place.name for folder in self.folders for place in folder.glob("sagemaker_core-*"))
            self._version = next((found["version"] for name in there if (found := _FOLDER.fullmatch(name))), "")
        return self._version

    def _load(self) -> dict[str, Listed]:
        try:
            kept = json.loads(self.snapshots.load(_SNAPSHOT))
            if kept["version"] == self.version:
                return {key: Listed(*row) for key, row in kept["listed"].items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            pass  # no snapshot, or a damaged one
        return {}

    def _save(self) -> None:
        rows = {key: astuple(found) for key, found in sorted((self._listed or {}).items())}
        self.snapshots.save(_SNAPSHOT, json.dumps({"version": self.version, "listed": rows}).encode())
