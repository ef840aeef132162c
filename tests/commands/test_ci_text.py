"""Whose a file of a CI system is: ours as we write it today, ours of another day, or somebody's who edited it."""

from __future__ import annotations

import pytest

from mlops_ci.commands.ci_text import Standing, has_moved_on, stamped, standing

TODAY = stamped("name: a\njobs: {}\n", "1.2.0")
OLD = stamped("name: a\n", "1.1.0")
LATER = stamped("name: a\njobs: {b: {}}\n", "1.10.0")


@pytest.mark.parametrize(("found", "expected"), [
    (None, Standing.MISSING),
    (TODAY.encode(), Standing.CURRENT),
    (TODAY.replace("\n", "\r\n").encode(), Standing.CURRENT),
    (b"\xef\xbb\xbf" + TODAY.encode(), Standing.CURRENT),
    (stamped("name: a\njobs: {}\n", "1.1.0").encode(), Standing.CURRENT),
    (OLD.encode(), Standing.BEHIND),
    (OLD.replace("\n", "\r\n").encode(), Standing.BEHIND),
    (LATER.encode(), Standing.AHEAD),
    (TODAY.replace("jobs", "job").encode(), Standing.EDITED),
    ((OLD + "\n").encode(), Standing.EDITED),
    (OLD.partition("\n")[0].encode(), Standing.EDITED),
    (b"name: a\njobs: {}\n", Standing.FOREIGN),
    (b"\n" + TODAY.encode(), Standing.FOREIGN),
    (b"", Standing.FOREIGN),
    (b"\xff\xfe\x00", Standing.FOREIGN),
])  # fmt: skip
def test_a_file_is_told_apart_by_its_bytes_alone(found: bytes | None, expected: Standing) -> None:
    assert standing(found, TODAY) is expected


def test_of_an_edited_file_it_is_known_whether_ours_has_moved_on() -> None:
    assert has_moved_on((OLD + "mine: 1\n").encode(), TODAY)
    assert not has_moved_on((TODAY + "mine: 1\n").encode(), TODAY)
    assert not has_moved_on(b"mine: 1\n", TODAY)
