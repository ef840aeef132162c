"""Fetching a released package out of the store."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from mlops_ci.errors import ProviderError, UsageError
from mlops_ci.executor.packages import package_of
from mlops_ci.executor.world import World
from mlops_ci.model.effects import plain
from mlops_ci.plan.desired import DesiredModel


def version_of(desired: DesiredModel, text: str) -> int:
    """Return the version that `v3`, `3` or nothing (the champion's) names.

    Raises:
        UsageError: the model has no such version.

    """
    release = desired.release
    if not text:
        if release.champion is None:
            raise UsageError(f"`{desired.name}` has no champion yet", hint=f"mlops-ci run {desired.name}")
        return release.champion.version
    number = text.removeprefix("v")
    if not number.isdigit() or release.package(int(number)) is None:
        known = ", ".join(f"v{n}" for n, _ in release.versions) or "none"
        raise UsageError(
            f"`{desired.name}` has no version `{text}` (versions: {known})", hint=f"mlops-ci history {desired.name}"
        )
    return int(number)


def pull(world: World, desired: DesiredModel, version: int, folder: Path) -> Path:
    """Return the folder with `model.tar.gz`, `code.tar` and `package.json` of a version, digests verified.

    Raises:
        UsageError: the folder exists and is not empty.
        ProviderError: it cannot be written.

    """
    digest = desired.release.package(version)
    if digest is None:
        raise UsageError(f"`{desired.name}` has no version {version}", hint=f"mlops-ci history {desired.name}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            f"`{folder}` is there already, and is not empty",
            hint=f"mlops-ci pull {desired.name}@v{version} --output ANOTHER_FOLDER",
        )
    package = package_of(world.records, desired.name, digest)
    model, code = world.artifacts.fetch(package.model), world.artifacts.fetch(package.code)
    described = {"format_version": 1, "model": desired.name, "version": version, "package": plain(package)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(model, folder / "model.tar.gz")
        shutil.copyfile(code, folder / "code.tar")
        (folder / "package.json").write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        hint = f"mlops-ci pull {desired.name}@v{version} --output ANOTHER_FOLDER"
        raise ProviderError(f"cannot write `{error.filename or folder}`: {error.strerror}", hint=hint) from error
    return folder
