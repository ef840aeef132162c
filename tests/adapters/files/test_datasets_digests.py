"""What a dataset is known by: digests of git and of files that git does not know, and the bytes behind them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from mlops_ci.adapters.files.datasets import LocalDatasets
from mlops_ci.errors import InputsMoved
from mlops_ci.fingerprint.canonical import blob_id
from mlops_ci.model import Data
from mlops_ci.testing.trees import MemoryTree
from tests.adapters.files.sample import CHANNELS, CSV, DATA, EMPTY, named, table, tree


def test_digests_are_gits_own_where_git_knows_the_file(datasets: LocalDatasets) -> None:
    found = dict(datasets.digests(CHANNELS, named(), "m"))
    assert found["train"] == blob_id(b"id,a,b,left\n1,2,3,yes\n4,5,6,no\n")
    assert dict(datasets.digests(CHANNELS, named(**{"m/va/.hidden": "y"}), "m")) == found
    changed = dict(datasets.digests(CHANNELS, named(**{"m/va/2.csv": "left,a,b\nno,9,9\n"}), "m"))
    assert {name for name in found if found[name] != changed[name]} == {"validation"}


def test_files_that_git_does_not_know_are_known_by_sha256(datasets: LocalDatasets, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere.csv"
    outside.write_text(table())
    data = Data(label="left", path=str(outside), positive="yes", drop=("id",))
    wanted = hashlib.sha256(table().encode()).hexdigest()
    assert datasets.digests(data, EMPTY, "m") == (("data", f"sha256:{wanted}"),)
    (datasets.project / "m").mkdir()
    (datasets.project / "m" / "t.csv").write_text(table())
    assert datasets.digests(DATA, EMPTY, "m") == (("data", f"sha256:{wanted}"),)
    inside = datasets.materialize(DATA, EMPTY, "m", (), CSV)
    assert inside == datasets.materialize(data, EMPTY, "m", (), CSV)
    outside.write_text(table(61))
    assert datasets.digests(data, EMPTY, "m") != (("data", f"sha256:{wanted}"),)


def test_the_snapshots_file_counts_even_where_the_disk_has_another(datasets: LocalDatasets) -> None:
    (datasets.project / "m").mkdir()
    (datasets.project / "m" / "t.csv").write_text("edited,left\n")
    made = datasets.materialize(DATA, tree(t__csv=table()), "m", (), CSV)
    assert made.features == ("group", "size")


def test_bytes_that_are_not_those_of_their_blob_are_refused(datasets: LocalDatasets) -> None:
    class Moving(MemoryTree):
        """A working tree in which somebody saves the file just after its digest was taken."""

        def blobs(self, prefix: str) -> tuple[tuple[str, str], ...]:
            return (("m/t.csv", blob_id(b"what it was")),)

    with pytest.raises(InputsMoved):
        datasets.materialize(DATA, Moving(tree(t__csv=table()).files), "m", (), CSV)
    assert not list(datasets.root.iterdir())
