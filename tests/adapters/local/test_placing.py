"""Inputs, put where a job sees them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.adapters.local.placing import _cloned, place_input
from mlops_ci.ports.jobs import Input


def test_a_folder_is_copied_with_all_below_it_and_links_as_files(tmp_path: Path) -> None:
    (tmp_path / "in" / "a" / "b").mkdir(parents=True)
    (tmp_path / "in" / "a" / "b" / "c.csv").write_text("1")
    (tmp_path / "in" / "link.csv").symlink_to("a/b/c.csv")
    place_input(Input("train", str(tmp_path / "in")), tmp_path / "out")
    assert (tmp_path / "out" / "a" / "b" / "c.csv").read_text() == "1"
    assert not (tmp_path / "out" / "link.csv").is_symlink()
    assert (tmp_path / "out" / "link.csv").read_text() == "1"


def test_a_single_file_keeps_its_name(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("1")
    place_input(Input("train", str(tmp_path / "rows.csv")), tmp_path / "out")
    assert (tmp_path / "out" / "rows.csv").read_text() == "1"


@pytest.mark.parametrize("mode", [0o644, 0o444])
def test_a_large_file_costs_no_copy_only_where_nobody_may_write_to_it(tmp_path: Path, mode: int) -> None:
    source = tmp_path / "large.csv"
    with source.open("wb") as stream:
        stream.truncate(65 << 20)
    source.chmod(mode)
    place_input(Input("train", str(source)), tmp_path / "out")
    placed = tmp_path / "out" / "large.csv"
    assert placed.stat().st_size == 65 << 20
    may_be_linked = mode == 0o444 and not _cloned(source, tmp_path / "clone")
    assert placed.is_symlink() is may_be_linked
