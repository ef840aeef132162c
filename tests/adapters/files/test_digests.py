"""Digests of files that git does not know."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from mlops_ci.adapters.files.digests import FileDigests


def test_a_digest_is_remembered_only_while_the_file_was_not_touched(tmp_path: Path) -> None:
    file, cache = tmp_path / "big.csv", tmp_path / "cache.json"
    file.write_text("one")
    os.utime(file, ns=(10, 10))
    known = FileDigests(cache)
    (first,) = known.of([file])
    held = json.loads(cache.read_bytes())
    entry = held["files"][str(file)]
    # Believed: an entry that was made up is given back as long as every part of the signature holds.
    held["files"][str(file)] = [*entry[:4], "made-up"]
    held["before"] = max(entry[1], entry[2]) + 1
    cache.write_text(json.dumps(held))
    assert known.of([file]) == ("made-up",)
    # Racy: touched in the same tick as the digests were taken, so it is read again.
    held["before"] = max(entry[1], entry[2])
    cache.write_text(json.dumps(held))
    assert known.of([file]) == (first,)
    # Same size, same mtime, other bytes: ctime tells.
    file.write_text("two")
    os.utime(file, ns=(10, 10))
    assert known.of([file]) == (hashlib.sha256(b"two").hexdigest(),)
    cache.write_text("no json")
    assert known.of([file]) == (hashlib.sha256(b"two").hexdigest(),)


def test_where_no_digest_can_be_kept_it_is_taken_every_time(tmp_path: Path) -> None:
    file, place = tmp_path / "big.csv", tmp_path / "a file stands here"
    file.write_bytes(b"one")
    place.touch()
    known = FileDigests(place / "digests.json")
    assert known.of([file]) == (hashlib.sha256(b"one").hexdigest(),)
    file.write_bytes(b"two")
    assert known.of([file]) == (hashlib.sha256(b"two").hexdigest(),)
