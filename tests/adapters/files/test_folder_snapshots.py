"""Snapshots in a folder."""

from __future__ import annotations

from pathlib import Path

from mlops_ci.adapters.files.snapshots import FolderSnapshots


def test_what_was_kept_last_is_there(tmp_path: Path) -> None:
    snapshots = FolderSnapshots(tmp_path / "below" / "cache")
    assert snapshots.load("plan") == b""
    snapshots.save("plan", b"one")
    snapshots.save("plan", b"two")
    assert snapshots.load("plan") == b"two"
    assert [path.name for path in (tmp_path / "below" / "cache").iterdir()] == ["plan"]


def test_where_nothing_can_be_written_nothing_is_kept_and_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file stands here")
    snapshots = FolderSnapshots(tmp_path / "cache")
    snapshots.save("plan", b"one")
    assert snapshots.load("plan") == b""
