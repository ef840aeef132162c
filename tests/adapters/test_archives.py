"""Archives whose bytes follow from the files alone."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

from mlops_ci.adapters.archives import pack
from mlops_ci.errors import ProviderError


def test_times_owners_modes_and_order_of_writing_do_not_count(tmp_path: Path) -> None:
    for name, order in (("one", ("b", "a/c", "a-b")), ("two", ("a-b", "a/c", "b"))):
        for number, path in enumerate(order):
            target = tmp_path / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(path)
            target.chmod(0o600 if name == "one" else 0o664)
            os.utime(target, (number, number * 1000))
        pack(tmp_path / name, tmp_path / f"{name}.tar.gz")
    assert (tmp_path / "one.tar.gz").read_bytes() == (tmp_path / "two.tar.gz").read_bytes()
    with tarfile.open(tmp_path / "one.tar.gz") as archive:
        assert archive.getnames() == ["a", "a/c", "a-b", "b"]
        assert {(m.mtime, m.uid, m.gid, m.uname, m.mode) for m in archive if m.isfile()} == {(0, 0, 0, "", 0o644)}


def test_a_program_stays_one(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "run").write_text("#!")
    (tmp_path / "model" / "run").chmod(0o700)
    pack(tmp_path / "model", tmp_path / "archive")
    with tarfile.open(tmp_path / "archive") as archive:
        assert archive.getmember("run").mode == 0o755


def test_a_link_within_the_folder_is_the_file_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "a").write_text("content")
    (tmp_path / "model" / "b").symlink_to("a")
    pack(tmp_path / "model", tmp_path / "archive")
    with tarfile.open(tmp_path / "archive") as archive:
        found = archive.extractfile("b")
        assert found
        assert archive.getmember("b").isreg()
        assert found.read() == b"content"


@pytest.mark.parametrize("target", ["/etc/passwd", "../secret", "absent", "."])
def test_a_link_that_leads_elsewhere_is_refused(tmp_path: Path, target: str) -> None:
    (tmp_path / "secret").write_text("hush")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "link").symlink_to(target)
    with pytest.raises(ProviderError, match="link"):
        pack(tmp_path / "model", tmp_path / "archive")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    os.mkfifo(tmp_path / "model" / "pipe")
    with pytest.raises(ProviderError, match="neither file nor folder"):
        pack(tmp_path / "model", tmp_path / "archive")
