"""The package folder: `model/` with the model's files, `model/code/` with the serving code, and two descriptions.

`package.json` says what the package is; `files.json` lists every file's size and sha256 as it was unpacked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DESCRIPTION = "package.json"
LISTING = "files.json"
BLOCK = 1 << 20


class Damaged(Exception):  # noqa: N818 - named after what happened
    """A file of an unpacked package has not the bytes it was unpacked with."""


@dataclass(frozen=True, slots=True)
class PackageFolder:
    """An unpacked package; `features` are a row's columns in order, empty where nobody knows them."""

    root: Path
    digest: str
    entry: str
    features: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]

    @property
    def model(self) -> Path:
        """Return the folder that `model_fn` is given."""
        return self.root / "model"

    @property
    def code(self) -> Path:
        """Return the folder that is first on the import path and the working folder."""
        return self.root / "model" / "code"


def read(root: Path) -> PackageFolder:
    """Return the package in a folder.

    Raises:
        Damaged: the folder holds no whole description.

    """
    try:
        about = json.loads((root / DESCRIPTION).read_bytes())
        return PackageFolder(
            root=root,
            digest=about["digest"],
            entry=about["entry"],
            features=tuple(about["features"]),
            environment=tuple(sorted(about["environment"].items())),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as cause:
        raise Damaged(f"{root} holds no whole package: {cause}") from cause


def write(
    root: Path,
    *,
    digest: str,
    entry: str,
    features: tuple[str, ...],
    environment: tuple[tuple[str, str], ...],
    files: Mapping[str, tuple[int, str]],
) -> None:
    """Write both descriptions; `files` maps a path below `root` to (size in bytes, sha256)."""
    listing = {path: {"size": size, "sha256": sha} for path, (size, sha) in sorted(files.items())}
    (root / LISTING).write_text(json.dumps(listing, indent=1), encoding="utf-8")
    about = {"digest": digest, "entry": entry, "features": list(features), "environment": dict(environment)}
    (root / DESCRIPTION).write_text(json.dumps(about, indent=1), encoding="utf-8")


def verify(root: Path) -> None:
    """Read every file that was unpacked and compare it with the listing.

    Files that came later (caches of the user's code) are not looked at.

    Raises:
        Damaged: names the first file whose bytes changed or that is gone.

    """
    try:
        listing = json.loads((root / LISTING).read_bytes())
        expected = [(path, about["size"], about["sha256"]) for path, about in listing.items()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as cause:
        raise Damaged(f"{root} holds no whole package: {cause}") from cause
    for path, size, sha in expected:
        try:
            found_size = (root / path).stat().st_size
            found = sha256(root / path) if found_size == size else ""
        except OSError as cause:
            raise Damaged(f"`{path}` of the unpacked package cannot be read: {cause.strerror}") from cause
        if found != sha:
            what = f"sha256 {found[:12]}, expected {sha[:12]}" if found else f"{found_size} bytes, expected {size}"
            raise Damaged(f"`{path}` of the unpacked package is not what was unpacked: {what}")


def sha256(path: Path) -> str:
    """Return the sha256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
