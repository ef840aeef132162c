"""The files of batch runs: on this machine, and through `Elsewhere` where an address names another place."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from mlops_ci.adapters.faults import guarded
from mlops_ci.adapters.files.durable import drafted
from mlops_ci.adapters.files.problems import Problems
from mlops_ci.adapters.files.requests import requests
from mlops_ci.adapters.files.tables import kind_of
from mlops_ci.errors import UsageError
from mlops_ci.model.address import is_remote
from mlops_ci.ports.batches import Rows

_KNOWN = "known: csv, jsonl, ndjson, each also as .gz"


class Elsewhere(Protocol):
    """Files at `s3://` addresses."""

    def listed(self, address: str) -> tuple[str, ...]:
        """Return the files at or below an address, relative to it; none where nothing is there."""
        ...

    def opened(self, address: str) -> IO[bytes]:
        """Return a file to read from its beginning on."""
        ...

    def put(self, source: Path, address: str) -> None:
        """Write a file, whole or not at all."""
        ...


@dataclass(frozen=True, slots=True)
class FileBatches:
    """A `BatchFiles`. `here` is where relative paths begin, `scratch` holds rows while a job reads them."""

    here: Path
    scratch: Path
    elsewhere: Elsewhere

    def listed(self, address: str) -> tuple[str, ...]:
        """Return the files at an address, relative to it, in order; the empty string for a file itself."""
        found = self.elsewhere.listed(address) if is_remote(address) else _below(self.here / address)
        if not found:
            raise UsageError(f"there is no file at `{address}`", hint="look at what `--input` names")
        readable = tuple(name for name in found if kind_of(name or address) and not _is_hidden(name))
        if not readable:
            one = found[0] or address
            raise UsageError(
                f"`{one}` can be read neither as CSV nor as JSON Lines", hint=f"rename or convert it; {_KNOWN}"
            )
        return readable

    def prepare(self, address: str, features: tuple[str, ...], *, name: str) -> Rows:
        """Return the checked rows of a file, written below `scratch`."""
        problems, digest, count = Problems(), hashlib.sha256(), 0
        with guarded("prepare rows in", self.scratch), drafted(self.scratch) as (stream, draft):
            for row in requests(address, lambda: self._opened(address), features, problems):
                encoded = row.encode()
                stream.write(encoded)
                digest.update(encoded)
                count += 1
            problems.check()
            if not count:
                problems.add("no-rows", address, "the file holds no row", hint="fill it, or leave it out")
                problems.check()
            stream.flush()
            is_csv = kind_of(address) == "text/csv"
            path = self.scratch / f"{name}-{digest.hexdigest()}{'.csv' if is_csv else '.jsonl'}"
            draft.replace(path)
        return Rows(str(path), digest.hexdigest(), count, "text/csv" if is_csv else "application/jsonlines")

    def deliver(self, predictions: Path, address: str) -> None:
        """Write predictions to an address, whole or not at all."""
        if is_remote(address):
            self.elsewhere.put(predictions, address)
            return
        target = self.here / address
        with guarded("write", target):
            target.parent.mkdir(parents=True, exist_ok=True)
            beside = target.with_name(f".{target.name}.part")
            try:
                shutil.copyfile(predictions, beside)
                beside.replace(target)
            finally:
                beside.unlink(missing_ok=True)

    def forget(self, rows: Rows) -> None:
        """Remove prepared rows."""
        with guarded("remove", rows.path):
            Path(rows.path).unlink(missing_ok=True)

    def _opened(self, address: str) -> IO[bytes]:
        if is_remote(address):
            return self.elsewhere.opened(address)
        return (self.here / address).open("rb")


def _below(path: Path) -> tuple[str, ...]:
    """Return the files of a folder relative to it, in order; the empty string for a file."""
    if path.is_file():
        return ("",)
    return tuple(sorted(str(file.relative_to(path)) for file in path.rglob("*") if file.is_file()))


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") for part in Path(name).parts)
