"""Packages on S3: `packages/<digest>/model.tar.gz`, the model with the serving code in `code/`, made once.

Its sha256 stands beside it in a file that is written last: an archive that is there with that size and checksum is
whole, and is not made again.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from mlops_ci.adapters.archives import pack
from mlops_ci.adapters.aws.entries import more_for
from mlops_ci.adapters.aws.store.bucket import Bucket, Seen, is_same
from mlops_ci.adapters.faults import guarded
from mlops_ci.adapters.unpacking import unpack
from mlops_ci.ports.endpoints import Package
from mlops_ci.ports.stores import ArtifactStore

_ARCHIVE = "model.tar.gz"
_SAID = "model.json"
REQUIREMENTS = "requirements.txt"
"""What SageMaker's toolkits install before they load the code beside it."""


@dataclass(frozen=True, slots=True)
class Packages:
    """Puts packages where SageMaker finds them: below the address of `bucket`."""

    bucket: Bucket
    artifacts: ArtifactStore
    _known: set[str] = field(default_factory=set, compare=False, repr=False)

    def placed(self, package: Package) -> str:
        """Return the `s3://` address of a package's archive, having made and sent it where it was not there.

        Raises:
            IntegrityError: the store's model or code has other bytes than its digest says, or is no archive.
            ProviderError: they are not in the store, or hold what is never unpacked; S3 or the disk refuses.

        """
        key = f"packages/{package.digest}/{_ARCHIVE}"
        if package.digest not in self._known:
            if not self._is_there(package.digest, self.bucket.look(key)):
                self._send(package, key)
            self._known.add(package.digest)
        return f"{self.bucket.address}/{key}"

    def _is_there(self, digest: str, seen: Seen | None) -> bool:
        said = self.bucket.get(f"packages/{digest}/{_SAID}") if seen else None
        if seen is None or said is None:
            return False
        try:
            about = json.loads(said)
            return is_same(seen, str(about["sha256"]), int(about["size"]))
        except (ValueError, KeyError, TypeError):
            return False

    def _send(self, package: Package, key: str) -> None:
        with guarded("pack a package in", tempfile.gettempdir()), tempfile.TemporaryDirectory() as folder:
            archive = Path(folder, _ARCHIVE)
            build(package, self.artifacts, Path(folder, "model"), archive)
            with archive.open("rb") as stream:
                digest, size = hashlib.file_digest(stream, "sha256").hexdigest(), archive.stat().st_size
                stream.seek(0)
                self.bucket.put(key, stream, size, digest)
            said = json.dumps({"sha256": digest, "size": size}).encode()
            self.bucket.put(f"packages/{package.digest}/{_SAID}", io.BytesIO(said), len(said), _sha256(said))


def build(package: Package, artifacts: ArtifactStore, folder: Path, archive: Path) -> None:
    """Write a package's archive, by way of a new folder: the model's files, and the serving code in `code/`.

    Code that a training put beside its model is not what is released. What the image requires stands in the code
    folder, for what the code requires itself. Raises as `Packages.placed`.
    """
    unpack(artifacts.fetch(package.model), folder)
    code = folder / "code"
    if package.entry:
        shutil.rmtree(code, ignore_errors=True)
        unpack(artifacts.fetch(package.code), code)
        for name, content in more_for(package.entry).items():
            (code / name).write_bytes(content)
    if package.image.requirements:
        code.mkdir(exist_ok=True)
        (code / REQUIREMENTS).unlink(missing_ok=True)  # what was unpacked is read-only
        (code / REQUIREMENTS).write_text(package.image.requirements, encoding="utf-8")
    pack(folder, archive)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
