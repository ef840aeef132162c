"""The log of bounded size, against a plain list of bytes."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.runtime.bounded import BoundedLog, last_line, read_log


def written(folder: Path, pieces: list[bytes], kept: int) -> bytes:
    log = BoundedLog(folder, kept=kept)
    for piece in pieces:
        log.write(piece)
    log.close()
    return b"".join(read_log(folder, kept=kept))


def test_a_short_log_is_kept_whole(tmp_path: Path) -> None:
    assert written(tmp_path, [b"one\n", b"two\n"], 100) == b"one\ntwo\n"


def test_a_log_that_just_fits_both_ends_is_kept_whole(tmp_path: Path) -> None:
    assert written(tmp_path, [b"0123456789" * 2], 10) == b"0123456789" * 2


def test_of_a_long_log_the_first_and_last_lines_are_kept_and_the_rest_is_counted(tmp_path: Path) -> None:
    lines = [b"line %04d\n" % number for number in range(1000)]
    found = written(tmp_path, lines, 100)
    assert found.startswith(b"".join(lines[:10]))
    assert found.endswith(b"".join(lines[-9:]))
    assert b"\n... 9810 bytes left out ...\n" in found
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 300


def test_a_log_is_read_while_it_is_written(tmp_path: Path) -> None:
    log = BoundedLog(tmp_path, kept=10)
    log.write(b"half a li")
    assert b"".join(read_log(tmp_path, kept=10)) == b"half a li"
    log.close()


def test_nothing_written_is_nothing_read(tmp_path: Path) -> None:
    assert b"".join(read_log(tmp_path)) == b""
    assert last_line(tmp_path) == ""


def test_the_last_line_is_the_last_that_says_something_of_the_jobs_own(tmp_path: Path) -> None:
    written(tmp_path, [b"mlops-ci: ours\nreason \xff\n\n  \n", b"mlops-ci: ours again\n"], 1000)
    assert last_line(tmp_path) == "reason \N{REPLACEMENT CHARACTER}"


@given(pieces=st.lists(st.binary(max_size=40), max_size=30), kept=st.integers(min_value=1, max_value=50))
def test_what_is_read_is_the_beginning_and_the_end_of_what_was_written(pieces: list[bytes], kept: int) -> None:
    whole = b"".join(pieces)
    with tempfile.TemporaryDirectory() as folder:
        found = written(Path(folder), pieces, kept)
        used = sum(path.stat().st_size for path in Path(folder).iterdir())
    assert used <= 3 * kept + 2
    if len(whole) <= 2 * kept:
        assert found == whole
        return
    first, gap, last = found.partition(b" bytes left out ...\n")
    assert gap
    assert first.startswith(whole[:kept])
    assert whole.endswith(last)
    assert len(last) <= kept
    missing = int(first.rpartition(b"... ")[2])
    assert missing == len(whole) - kept - len(last)
