"""Saved plans as files: written whole or not at all, never over a file that is none, and read back."""

from __future__ import annotations

import os
from pathlib import Path

from mlops_ci.commands.given import read_given
from mlops_ci.errors import ProviderError, UsageError
from mlops_ci.model import Json
from mlops_ci.plan.saved import SavedPlan
from mlops_ci.plan.saved_json import KIND, dump
from mlops_ci.plan.saved_reading import MAX_BYTES, parse

SUFFIX = ".json"
"""By this a saved plan is told from a model, whose name has no dot."""


def load_saved(name: str, folder: Path, schema: Json) -> SavedPlan:
    """Return the saved plan in a file, `name` relative to `folder`.

    Raises:
        UsageError: there is no such file.
        ManifestError: it is no saved plan, or not as it was saved.
        ProviderError: it cannot be read.

    """
    content = read_given(name, folder, kind="saved plan", most=MAX_BYTES, hint=f"mlops-ci plan -o {name}")
    return parse(content, path=name, schema=schema)


def check_name(name: str, folder: Path, pipelines: Path) -> None:
    """Refuse a name that a saved plan cannot have; `pipelines` is the folder of the models' folders.

    Raises:
        UsageError: it does not end with `.json`, lies in a model's folder, or is another file's.

    """
    place = Path(folder, name)
    if not name.endswith(SUFFIX):
        raise UsageError(
            f"a saved plan's name ends with `.json`, and `{name}` does not", hint="mlops-ci plan -o plan.json"
        )
    if pipelines.resolve() in place.resolve().parents:
        summary = f"`{name}` lies in a model's folder, and a file there is a change of the model"
        raise UsageError(summary, hint=f"mlops-ci plan -o {place.name}")
    if place.exists() and not _is_ours(place):
        raise UsageError(f"`{name}` is there, and is no saved plan", hint="mlops-ci plan -o plan.json, or move it away")


def save(saved: SavedPlan, name: str, folder: Path) -> None:
    """Write a saved plan; a former one of that name is replaced, and never half-written.

    Raises:
        ProviderError: it cannot be written.

    """
    place = Path(folder, name)
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        try:
            with draft.open("wb") as stream:
                stream.write(dump(saved))
                stream.flush()
                os.fsync(stream.fileno())
            draft.replace(place)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        hint = "mlops-ci plan -o FILE, in a folder that can be written"
        raise ProviderError(f"cannot write `{name}`: {error.strerror}", hint=hint) from error


def _is_ours(place: Path) -> bool:
    try:
        return place.is_file() and KIND.encode() in place.read_bytes()
    except OSError:
        return False
