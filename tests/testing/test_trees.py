from __future__ import annotations

import subprocess

import pytest

from mlops_ci.testing.trees import MemoryTree

TREE = MemoryTree({"b/c.txt": b"hello\n", "b.txt": b"", "a/b/c.txt": b"\0\xff", "ab": b"x"})


def test_blob_ids_are_those_of_git() -> None:
    for path, blob in TREE.blobs(""):
        asked = subprocess.run(
            ["git", "hash-object", "--stdin"], input=TREE.read(path), capture_output=True, check=True
        )
        assert blob == asked.stdout.decode().strip()


def test_blobs_are_sorted_and_a_prefix_is_a_file_or_a_folder() -> None:
    assert [path for path, _ in TREE.blobs("")] == ["a/b/c.txt", "ab", "b.txt", "b/c.txt"]
    assert [path for path, _ in TREE.blobs("a")] == ["a/b/c.txt"]
    assert [path for path, _ in TREE.blobs("b/")] == ["b/c.txt"]
    assert [path for path, _ in TREE.blobs("b.txt")] == ["b.txt"]
    assert TREE.blobs("none") == ()


def test_a_file_is_read_whole_or_up_to_a_limit() -> None:
    assert TREE.read("b/c.txt") == b"hello\n"
    assert TREE.read("b/c.txt", 3) == b"hel"
    assert TREE.read("b/c.txt", 0) == b""
    with pytest.raises(FileNotFoundError):
        TREE.read("none")
