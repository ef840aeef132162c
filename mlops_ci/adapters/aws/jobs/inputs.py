"""What jobs read, on S3: files of this machine are sent to `inputs/<digest>/`, once; what is on S3 stays there."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from io import BufferedReader
from pathlib import Path

from mlops_ci.adapters.aws.packages import REQUIREMENTS
from mlops_ci.adapters.aws.requests.training import CODE_NAME
from mlops_ci.adapters.aws.store.bucket import PART, Bucket
from mlops_ci.adapters.checked import checked
from mlops_ci.adapters.faults import guarded
from mlops_ci.errors import InputsMoved, ProviderError
from mlops_ci.fingerprint.canonical import digest
from mlops_ci.model import Tree
from mlops_ci.ports.jobs import Code, Input

_AGAIN = "type the command again"
_Stamp = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Inputs:
    """Sends what jobs need to below the address of `bucket`. `tree` gives the snapshot that code is read from."""

    bucket: Bucket
    tree: Callable[[], Tree]
    _digests: dict[tuple[str, _Stamp], tuple[tuple[str, int, str], ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def placed(self, given: Input) -> Input:
        """Return an input with its address on S3: a folder's files below it, or the one file.

        Raises:
            ProviderError: there is nothing at its location, or it cannot be read or sent.
            InputsMoved: a file changed while it was sent.

        """
        if "://" in given.location:
            return given
        source = Path(given.location)
        with guarded(f"read input `{given.name}` at", source):
            files = self._listed(given.name, source)
            folder = f"inputs/{digest([[path, sha] for path, _, sha in files])}/"
            known = {found.key: found.size for found in self.bucket.list(folder)}
            for path, size, sha in files:
                if known.get(folder + path) != size:
                    with _at(source, path).open("rb") as stream:
                        self._sent(folder + path, stream, size, sha)
        return replace(given, location=f"{self.bucket.address}/{folder}")

    def sent(self, files: Iterable[tuple[str, bytes]]) -> str:
        """Return the address of a folder on S3 that has these files and no others."""
        found = [(path, content, hashlib.sha256(content).hexdigest()) for path, content in files]
        folder = f"inputs/{digest([[path, sha] for path, _, sha in found])}/"
        known = {item.key: item.size for item in self.bucket.list(folder)}
        for path, content, sha in found:
            if known.get(folder + path) != len(content):
                self.bucket.put(folder + path, io.BytesIO(content), len(content), sha)
        return f"{self.bucket.address}/{folder}"

    def code(self, code: Code, requirements: str) -> tuple[tuple[str, bytes], ...]:
        """Return the files of a job's code; what its image requires stands there for what the code requires itself.

        Raises:
            InputsMoved: a file has other bytes than it was fingerprinted by.

        """
        files = dict(checked(code, self.tree))
        if requirements:
            files[REQUIREMENTS] = requirements.encode()
        return tuple(sorted(files.items()))

    def archive(self, files: Iterable[tuple[str, bytes]]) -> str:
        """Return the address of a folder on S3 with the code's archive in it; the same files give the same bytes."""
        return self.sent(((CODE_NAME, _archived(files)),))

    def _listed(self, name: str, source: Path) -> tuple[tuple[str, int, str], ...]:
        """Return (path, size, sha256) of every file, sorted; what did not change since is not read again."""
        if not source.exists():
            raise ProviderError(f"input `{name}`: there is nothing at `{source}`", hint="`mlops-ci validate`")
        paths = sorted(_files(source))
        key = (str(source), tuple(_stamp(source, path) for path in paths))
        if key not in self._digests:
            self._digests[key] = tuple((path, size, _sha256(_at(source, path))) for path, size, _, _ in key[1])
        return self._digests[key]

    def _sent(self, key: str, stream: BufferedReader, size: int, sha: str) -> None:
        """Send a file. What goes in parts S3 compares with no digest of the whole, so it is read again afterwards."""
        try:
            self.bucket.put(key, stream, size, sha)
        except ProviderError as error:
            if _is_still(stream, sha):
                raise
            raise InputsMoved(_moved(stream), hint=_AGAIN) from error
        if size >= PART and not _is_still(stream, sha):
            self.bucket.put(key, io.BytesIO(), 0, hashlib.sha256().hexdigest())  # of another size: nobody takes it
            raise InputsMoved(_moved(stream), hint=_AGAIN)


def _is_still(stream: BufferedReader, sha: str) -> bool:
    stream.seek(0)
    return hashlib.file_digest(stream, "sha256").hexdigest() == sha


def _moved(stream: BufferedReader) -> str:
    return f"`{stream.name}` changed while it was sent"


def _files(source: Path) -> Iterator[str]:
    if source.is_file():
        yield source.name
        return
    for base, _, names in os.walk(source, followlinks=True):
        for name in names:
            yield Path(base, name).relative_to(source).as_posix()


def _at(source: Path, path: str) -> Path:
    return source if source.is_file() else source / path


def _stamp(source: Path, path: str) -> tuple[str, int, int, int]:
    status = _at(source, path).stat()
    return path, status.st_size, status.st_mtime_ns, status.st_ino


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _archived(files: Iterable[tuple[str, bytes]]) -> bytes:
    made = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=made, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path, content in files:
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(content), 0o644
            archive.addfile(member, io.BytesIO(content))
    return made.getvalue()
