"""Snapshots in a folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from mlops_ci.adapters.files.snapshots import FolderSnapshots


def test_what_was_kept_last_is_there(tmp_path: Path) -> None:
    snapshots = FolderSnapshots(tmp_path / "below" / "cache", "code")
    assert snapshots.load("plan") == b""
    snapshots.save("plan", b"one")
    snapshots.save("plan", b"two\nlines")
    assert snapshots.load("plan") == b"two\nlines"
    assert [path.name for path in (tmp_path / "below" / "cache").iterdir()] == ["plan"]


def test_what_other_code_kept_is_not_there(tmp_path: Path) -> None:
    FolderSnapshots(tmp_path, "code").save("plan", b"one")
    assert FolderSnapshots(tmp_path, "other code").load("plan") == b""
    (tmp_path / "plan").write_bytes(b"code")
    assert FolderSnapshots(tmp_path, "code").load("plan") == b""


def test_what_a_killed_command_left_half_written_is_removed_by_the_next(tmp_path: Path) -> None:
    dies = (
        "import os, sys, pathlib\n"
        "from mlops_ci.adapters.files.snapshots import FolderSnapshots\n"
        "pathlib.Path.replace = lambda *_: os._exit(9)\n"
        "FolderSnapshots(pathlib.Path(sys.argv[1]), 'code').save('plan', b'one')\n"
    )
    assert subprocess.run([sys.executable, "-c", dies, str(tmp_path)], check=False).returncode == 9
    assert len(list(tmp_path.iterdir())) == 1
    snapshots = FolderSnapshots(tmp_path, "code")
    assert snapshots.load("plan") == b""
    snapshots.save("plan", b"two")
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]


def test_where_nothing_can_be_written_nothing_is_kept_and_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file stands here")
    snapshots = FolderSnapshots(tmp_path / "cache", "code")
    snapshots.save("plan", b"one")
    assert snapshots.load("plan") == b""
