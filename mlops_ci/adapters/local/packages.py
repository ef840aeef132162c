"""Unpacked packages: a folder a package digest, made once from verified archives and used by every endpoint."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mlops_ci.adapters.drafts import signed, sweep
from mlops_ci.adapters.unpacking import Bounds
from mlops_ci.adapters.unpacking import unpack as extract
from mlops_ci.errors import ProviderError
from mlops_ci.ports.endpoints import Package
from mlops_ci.ports.stores import ArtifactStore
from mlops_ci.runtime import package as folder

SIZE_LIMIT = 32 << 30
"""Bytes that an archive may unpack to."""

CODE = "model/code"

_DRAFT = ".draft-"
"""How folders begin that are being made, or on their way out."""


def unpack(package: Package, artifacts: ArtifactStore, root: Path, *, size_limit: int = SIZE_LIMIT) -> Path:
    """Return `root/<package digest>`: `model/`, `model/code/`, `package.json` and `files.json`.

    A folder that is there is used again if every byte in it is still what was unpacked, and is made anew if not. Of
    several that unpack at once, one folder stays.

    Raises:
        IntegrityError: an archive in the store has other bytes, or is no archive; nothing is left behind.
        ProviderError: an archive is not there, is larger than `size_limit` bytes, or holds what is never unpacked:
            links, devices, paths that leave the folder.

    """
    place = root / package.digest
    if place.is_dir():
        with _turn(root):  # of two who find it damaged, the second must not discard what the first made anew
            try:
                folder.verify(place)
            except folder.Damaged:
                _discard(place, root)
            except FileNotFoundError:
                pass  # discarded a moment ago
            else:
                with suppress(OSError):
                    os.utime(place)  # when it was used last
                return place
    archives = [("model", artifacts.fetch(package.model)), (CODE, artifacts.fetch(package.code))]
    root.mkdir(parents=True, exist_ok=True)
    sweep(root, _DRAFT)
    making = Path(tempfile.mkdtemp(prefix=signed(_DRAFT), dir=root))
    try:
        (making / CODE).mkdir(parents=True)
        files: dict[str, tuple[int, str]] = {}
        for below, archive in archives:
            if below == CODE and package.entry:  # code that a training put beside its model is not what is released
                shutil.rmtree(making / CODE)
                (making / CODE).mkdir()
                files = {path: about for path, about in files.items() if not path.startswith(f"{CODE}/")}
            files |= _extract(archive, making, below, size_limit)
        folder.write(
            making,
            digest=package.digest,
            entry=package.entry,
            features=package.features,
            environment=package.environment,
            files=files,
        )
        _settle(making, place)
    except OSError as cause:
        raise ProviderError(
            f"package {package.digest[:12]} cannot be unpacked to `{place}`: {cause.strerror or cause}",
            hint="make room on the disk, or give yourself permission to write there",
        ) from cause
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return place


def _extract(archive: Path, making: Path, below: str, size_limit: int) -> dict[str, tuple[int, str]]:
    found = extract(archive, making / below, Bounds(size=size_limit))
    return {f"{below}/{file.path}": (file.size, file.sha256) for file in found}


def _settle(making: Path, place: Path) -> None:
    making.chmod(0o755)
    try:
        making.rename(place)
    except OSError:
        if not (place / folder.DESCRIPTION).is_file():
            raise
        # Somebody else was faster, with the same bytes.


def _discard(place: Path, root: Path) -> None:
    """Move a damaged folder out of the way first, so that it is never half there under its name."""
    aside = Path(tempfile.mkdtemp(prefix=signed(_DRAFT), dir=root))
    try:
        os.rename(place, aside / "package")  # noqa: PTH104 - beside mkdtemp it reads as one move
    except FileNotFoundError:
        pass  # somebody else did
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _turn(root: Path) -> Iterator[None]:
    with root.with_name(f".{root.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
