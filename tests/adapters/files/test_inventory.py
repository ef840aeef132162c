"""What is in a store, and taking it out while others put things in."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.files.inventory import FolderInventory, FolderPruning
from mlops_ci.adapters.files.layers import own_store
from mlops_ci.adapters.files.records import FolderRecords
from mlops_ci.errors import ProviderError


def test_everything_is_listed_once_with_its_size(tmp_path: Path) -> None:
    FolderRecords(tmp_path).put("b/two", b"{}")
    FolderRecords(tmp_path).put("a/one", b"{ }")
    digests = sorted(FolderArtifacts(tmp_path).put(b"%d" % number * 100) for number in range(20))
    FolderRecords(own_store(tmp_path, "7")).put("a/one", b"12345")
    inventory = FolderInventory(tmp_path)
    assert [(held.name, held.size) for held in inventory.records()] == [("a/one", 3), ("b/two", 2)]
    assert [held.name for held in inventory.artifacts()] == digests
    assert list(inventory.strays()) == []
    (own,) = inventory.pull_requests()
    assert own.name == "7"
    assert own.size == 5 + len(b'{"format": 2}\n')


def test_a_store_that_is_not_there_is_empty(tmp_path: Path) -> None:
    inventory = FolderInventory(tmp_path / "none")
    assert [*inventory.records(), *inventory.artifacts(), *inventory.strays(), *inventory.pull_requests()] == []


def test_removing_twice_is_removing_once(tmp_path: Path) -> None:
    FolderRecords(tmp_path).put("a/b/c", b"{}")
    nested = tmp_path / "records/a/b"
    nested.mkdir()
    (nested / "c").write_bytes(b"{}")
    pruning = FolderPruning(tmp_path)
    for _ in range(2):
        pruning.remove_record("a/b/c")
        assert FolderRecords(tmp_path).get("a/b/c") is None
    digest = FolderArtifacts(tmp_path).put(b"x")
    assert [pruning.remove_artifact(digest, before=2e9 * 2) for _ in range(2)] == [True, False]


def test_putting_an_artifact_again_renews_it(tmp_path: Path) -> None:
    artifacts = FolderArtifacts(tmp_path)
    digest = artifacts.put(b"x")
    os.utime(artifacts.fetch(digest), (0, 0))
    artifacts.put(b"x")
    assert not FolderPruning(tmp_path).remove_artifact(digest, before=1e9)
    assert artifacts.fetch(digest).read_bytes() == b"x"


def test_whoever_puts_while_it_is_taken_out_finds_it_afterwards(tmp_path: Path) -> None:
    artifacts, pruning = FolderArtifacts(tmp_path), FolderPruning(tmp_path)
    digest = artifacts.put(b"raced")
    ended = threading.Event()

    def take_out() -> None:
        while not ended.is_set():
            pruning.remove_artifact(digest, before=1e9)

    thread = threading.Thread(target=take_out)
    thread.start()
    try:
        for _ in range(300):
            place = tmp_path / "artifacts/sha256" / digest[:2] / digest
            try:
                os.utime(place, (0, 0))  # it looks like left over again
            except FileNotFoundError:
                continue
            artifacts.put(b"raced")
    finally:
        artifacts.put(b"raced")
        ended.set()
        thread.join()
    assert artifacts.fetch(digest).read_bytes() == b"raced"


def test_a_link_that_stands_for_a_pull_request_goes_and_not_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "store/pr").mkdir(parents=True)
    (tmp_path / "store/pr/7").symlink_to(tmp_path / "precious")
    FolderPruning(tmp_path / "store").remove_pull_request("7")
    assert (tmp_path / "precious").is_dir()
    assert not (tmp_path / "store/pr/7").is_symlink()


@pytest.mark.parametrize("name", ["../x", "", "short", "Z" * 64])
def test_what_is_no_digest_is_never_removed(tmp_path: Path, name: str) -> None:
    with pytest.raises(ProviderError):
        FolderPruning(tmp_path).remove_artifact(name, before=2e9)
