"""Datasets: the rows a training job sees, and the test rows it never sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from mlops_ci.model import Data, Problem, Tree
from mlops_ci.plan.far import Far
from mlops_ci.ports.jobs import Input

TEST = ("test",)
"""The side whose rows are always scored."""


@dataclass(frozen=True, slots=True)
class TestSet:
    """Rows that are scored, as evaluation needs them: those of `test`, and where there is a search, of `validation`.

    `rows` is the location of a file without header and label, in the train channel's column order. `labels` has the
    label of each row as text, `slices` one column of values each, both in the order of `rows`.
    """

    __test__ = False  # its name is no test of pytest's

    rows: str
    labels: tuple[str, ...]
    slices: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Dataset:
    """Channels for training (never `test`), the test rows, and the columns a row has without the label.

    `validation` has the validation rows in the way of the test rows, where that was asked for and there are any.
    """

    channels: tuple[Input, ...]
    features: tuple[str, ...]
    test: TestSet
    counts: tuple[tuple[str, int], ...]
    validation: TestSet | None = None


class Datasets(Protocol):
    """Makes datasets. The same inputs give the same bytes."""

    def digests(self, data: Data, tree: Tree, folder: str) -> tuple[tuple[str, str], ...]:
        """Return (channel, digest) of the files behind the data's paths, as git or sha256 names them."""
        ...

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
        """Return the dataset of a manifest, split and without label where it must be; `scored` sides as requests.

        Raises:
            ManifestError: a column is missing, a row has another length, a side has no rows.

        """
        ...

    def adopt(
        self,
        data: Data,
        outputs: tuple[tuple[str, str], ...],
        slices: tuple[str, ...],
        content_type: str,
        *,
        scored: tuple[str, ...] = TEST,
    ) -> Dataset:
        """Return the dataset that a processing job's outputs (name, sha256 of its archive) hold."""
        ...

    def far(self, data: Data) -> tuple[Far, ...]:
        """Return the channels whose data is on S3, with what is pinned and what is there now; it is listed, not read.

        Raises:
            ManifestError: there is nothing at an address.
            ProviderError: S3 refuses.

        """
        ...

    def unmoved(self, data: Data) -> None:
        """Return if data on S3 is still what is pinned, or what was there when this command began.

        Raises:
            InputsMoved: it is not.

        """
        ...

    def headless(self, dataset: Dataset, data: Data, problem: Problem) -> tuple[Input, ...]:
        """Return the channels as SageMaker's built-in algorithms read them: CSV without header, the label first.

        In a binary problem the label is 1 for the positive class and 0 for the other one.

        Raises:
            ProviderError: the labels are no classes that such algorithms take.

        """
        ...

    def locate(self, path: str) -> str:
        """Return where a job finds a file or folder of the project, or an `s3://` address as it is."""
        ...
