"""Datasets as folders, one a digest of all that makes them, built once."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from mlops_ci.adapters.drafts import signed, sweep
from mlops_ci.adapters.files.behind import DataFile, DataFiles
from mlops_ci.adapters.files.building import Build
from mlops_ci.adapters.files.digests import FileDigests
from mlops_ci.adapters.files.far import FarFiles
from mlops_ci.adapters.files.headless import headless
from mlops_ci.adapters.files.listings import Listings
from mlops_ci.adapters.files.problems import Problems
from mlops_ci.adapters.files.scored import scored_rows
from mlops_ci.adapters.files.tables import CSV, JSON_LINES, kind_of
from mlops_ci.adapters.unpacking import unpack
from mlops_ci.errors import ProviderError
from mlops_ci.fingerprint.canonical import digest
from mlops_ci.model import Data, Effect, Json, Problem, Tree
from mlops_ci.model.address import is_remote
from mlops_ci.model.data import LATEST
from mlops_ci.model.effects import project as fields
from mlops_ci.plan.far import Far
from mlops_ci.ports.datasets import TEST, Dataset
from mlops_ci.ports.far import Unasked
from mlops_ci.ports.jobs import Input
from mlops_ci.ports.stores import ArtifactStore

_FORMAT = 1
"""Raised when the same inputs give other bytes, so that no older folder is reused."""

_BUILDING = ".building-"


@dataclass(frozen=True, slots=True)
class LocalDatasets:
    """Implements `ports.datasets.Datasets`.

    `root` holds the dataset folders, `cache` is the file that remembers sha256 of data files, `project` the folder that
    paths are relative to. Deleting `root` and `cache` changes nothing but time. `listings` are of data on S3;
    `is_far_read` says whether jobs read addresses of S3 themselves.
    """

    root: Path
    cache: Path
    project: Path
    artifacts: ArtifactStore
    listings: Listings = field(default_factory=lambda: Listings(Unasked()), compare=False)
    is_far_read: bool = False

    def digests(self, data: Data, tree: Tree, folder: str) -> tuple[tuple[str, str], ...]:
        """Return (channel, digest) of the files behind the data's paths.

        A file of the snapshot counts by its blob id, another by its sha256. A channel of one file is that file's; of a
        folder, the digest of its files' names and ids.

        Raises:
            ManifestError: there is nothing at a path.
            ProviderError: a file cannot be read, or S3 refuses.
            InputsMoved: a file was changed while it was read.

        """
        near = self._near(data, tree, folder)
        problems = Problems()
        found = tuple(
            (name, _identity(near[name]) if name in near else self._far_identity(data, name, path, problems))
            for name, path in data.paths()
        )
        problems.check()
        return found

    def far(self, data: Data) -> tuple[Far, ...]:
        """Return the channels whose data is on S3; each address is listed once a command."""
        problems = Problems()
        found = tuple(
            Far(name, address, data.pinned(name), self._far().version(address, problems))
            for name, address in data.far()
        )
        problems.check()
        return found

    def unmoved(self, data: Data) -> None:
        """Return if S3 has what is pinned, or what was listed when this command began.

        Raises:
            InputsMoved: it has something else.

        """
        for name, address in data.far():
            self._far().unmoved(address, data.pinned(name))

    def materialize(
        self,
        data: Data,
        tree: Tree,
        folder: str,
        slices: tuple[str, ...],
        content_type: str,
        *,
        scored: tuple[str, ...] = TEST,
    ) -> Dataset:
        """Return the dataset of a manifest, split and without label where it must be.

        Slices may be any columns of the table, dropped ones too. Beside the errors of `digests`:

        Raises:
            ManifestError: a column is missing, a row has another length, a side has no rows ...; up to 20 problems
                with their lines.

        """
        near = self._near(data, tree, folder)
        far = {name: self._far().files(address, data.pinned(name)) for name, address in data.far()}
        files = {name: near.get(name) or far[name] for name, _ in data.paths()}
        known = dict(self.digests(data, tree, folder)) if far else {}
        kinds = {name: sorted({kind_of(file.shown) or "" for file in found}) for name, found in files.items()}
        sources: dict[str, Json] = {
            name: [known.get(name) or _identity(found), *kinds[name]] for name, found in files.items()
        }

        def fill(build: Build) -> None:
            if data.path:
                build.split(files["data"])
            else:
                build.named(files, wanted=data.drop)
            for found in files.values():
                self._behind().unmoved(found)

        return self._built(sources, data, slices, content_type, scored, fill)

    def adopt(
        self,
        data: Data,
        outputs: tuple[tuple[str, str], ...],
        slices: tuple[str, ...],
        content_type: str,
        *,
        scored: tuple[str, ...] = TEST,
    ) -> Dataset:
        """Return the dataset that a processing job's outputs (name, sha256 of its archive) hold, one channel each.

        Dropped columns that the script has dropped already are no problem.

        Raises:
            ManifestError: `train` or `test` is missing, or a table in them is wrong.
            ProviderError: an archive cannot be fetched or unpacked.

        """

        def fill(build: Build) -> None:
            with tempfile.TemporaryDirectory(dir=self.root, prefix=".unpacked-") as scratch:
                channels: dict[str, tuple[DataFile, ...]] = {}
                for name, archive in outputs:
                    unpack(self.artifacts.fetch(archive), Path(scratch, name))
                    channels[name] = _unpacked(name, Path(scratch, name))
                    if not channels[name] and name in {"train", "test"}:
                        build.problems.add(
                            "empty-output",
                            name,
                            f"processing left nothing in its output `{name}`",
                            hint="its log says what it wrote: mlops-ci logs MODEL",
                        )
                _need(channels, build.problems)
                build.named({name: files for name, files in channels.items() if files}, wanted=())

        return self._built({"outputs": dict(outputs)}, data, slices, content_type, scored, fill)

    def headless(self, dataset: Dataset, data: Data, problem: Problem) -> tuple[Input, ...]:
        """Return the channels as built-in algorithms read them; see the port."""
        return headless(self.root, dataset.channels, data, problem)

    def locate(self, path: str) -> str:
        """Return where a job finds a file or folder of the project; what is on S3 is fetched, or said as it is."""
        if not is_remote(path):
            return str(self.project / path)
        return path if self.is_far_read else str(self._far().folder(path))

    def _far(self) -> FarFiles:
        return FarFiles(self.root, self.listings)

    def _far_identity(self, data: Data, name: str, address: str, problems: Problems) -> str:
        """Return what data on S3 is: what is pinned, else what is there."""
        pinned = data.pinned(name)
        return f"s3:{self._far().version(address, problems) if pinned in {'', LATEST} else pinned}"

    def _behind(self) -> DataFiles:
        return DataFiles(self.project, FileDigests(self.cache))

    def _near(self, data: Data, tree: Tree, folder: str) -> dict[str, tuple[DataFile, ...]]:
        problems = Problems()
        behind = self._behind()
        found = {
            name: behind.behind(path, tree, folder, problems) for name, path in data.paths() if not is_remote(path)
        }
        if not data.path:
            _need(dict.fromkeys((name for name, _ in data.paths()), ()), problems)
        problems.check()
        return found

    def _built(
        self,
        sources: dict[str, Json],
        data: Data,
        slices: tuple[str, ...],
        content_type: str,
        scored: tuple[str, ...],
        fill: Callable[[Build], None],
    ) -> Dataset:
        kind = CSV if content_type.partition(";")[0].strip() == CSV else JSON_LINES
        what: dict[str, Json] = {
            "format": _FORMAT,
            "sources": sources,
            "data": fields(data, Effect.REEVALUATE),
            "slices": [*slices],
            "content_type": kind,
            **({} if scored == TEST else {"scored": [*scored]}),
        }
        folder = self.root / digest(what)
        if (folder / "dataset.json").is_file():
            with suppress(OSError):
                os.utime(folder)  # when it was used last
        else:
            self._build(folder, lambda made: fill(Build(made, data, slices, kind, Problems(), scored)))
        return _load(folder, kind)

    def _build(self, folder: Path, fill: Callable[[Path], None]) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        sweep(self.root, _BUILDING)
        made = Path(tempfile.mkdtemp(dir=self.root, prefix=signed(_BUILDING)))
        try:
            fill(made)
            for place in made.rglob("*"):
                if place.is_file():
                    place.chmod(0o444)  # a job may be shown the file itself, and shall not change it
            made.chmod(0o755)  # mkdtemp's 0700 would hide the rows from a job of another user
            made.rename(folder)
        except OSError as error:
            if not (folder / "dataset.json").is_file():  # else somebody built the same at the same time
                raise ProviderError(f"cannot write the dataset `{folder}`: {error.strerror or error}") from error
        finally:
            shutil.rmtree(made, ignore_errors=True)


def _load(folder: Path, kind: str) -> Dataset:
    try:
        about = json.loads((folder / "dataset.json").read_bytes())
        return Dataset(
            channels=tuple(
                Input(place.name, str(place))
                for place in sorted(folder.iterdir())
                if place.is_dir() and place.name != "test" and not place.name.startswith(".")
            ),
            features=tuple(about["features"]),
            test=scored_rows(folder, "test", kind),
            counts=tuple(about["counts"].items()),
            validation=scored_rows(folder, "validation", kind) if (folder / ".validation").is_dir() else None,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ProviderError(
            f"the dataset in `{folder}` is damaged: {error}", hint=f"delete it, it is made again: rm -r {folder}"
        ) from error


def _identity(files: tuple[DataFile, ...]) -> str:
    return files[0].identity if len(files) == 1 else digest([[file.name, file.identity] for file in files])


def _need(channels: Mapping[str, tuple[DataFile, ...]], problems: Problems) -> None:
    for name in ("train", "test"):
        if name not in channels:
            problems.add("missing-channel", "data", f"there is no channel `{name}`", hint="evaluation needs test rows")
    problems.check()


def _unpacked(name: str, folder: Path) -> tuple[DataFile, ...]:
    below = {place.relative_to(folder).as_posix(): place for place in folder.rglob("*") if place.is_file()}
    return tuple(DataFile(f"{name}/{at}", at, "", below[at]) for at in sorted(below))
