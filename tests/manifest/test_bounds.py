"""A file that has more problems than anybody reads is told with the first hundred, and that there are more."""

from __future__ import annotations

import pytest

from mlops_ci.diagnostics import Severity
from mlops_ci.manifest import load
from mlops_ci.manifest.limits import MOST
from mlops_ci.testing.trees import MemoryTree
from tests.manifest.trees_of_cases import GOLDEN, files_of, schemas

BASE = files_of(GOLDEN / "base")
CANDIDATE = "pipelines/m/candidates/one.yaml"
KINDS = {
    "duplicate-key": b"".join(b"a: %d\n" % at for at in range(MOST + 2)),
    "unknown-key": b"format: 1\nscript: src/train/one.py\n" + b"".join(b"zz%d: 1\n" % at for at in range(MOST + 1)),
    "wrong-type": b"format: 1\nscript: src/train/one.py\nsources: [" + b", ".join([b"{}"] * (MOST + 1)) + b"]\n",
    "path-outside": b"format: 1\nscript: src/train/one.py\nsources: [src/train/**, "
    + b", ".join(b"../%d" % at for at in range(MOST + 1)) + b"]\n",
    "empty-glob": b"format: 1\nscript: src/train/one.py\nsources: [src/train/**, "
    + b", ".join(b"x%d" % at for at in range(MOST + 1)) + b"]\n",
}  # fmt: skip


@pytest.mark.parametrize("code", KINDS)
def test_a_hundred_problems_are_told_and_that_there_are_more(code: str) -> None:
    found = load(MemoryTree({**BASE, CANDIDATE: KINDS[code]}), schemas()).diagnostics
    assert [problem.code for problem in found].count(code) == MOST
    (more,) = [problem for problem in found if problem.code == "more-problems"]
    assert more.severity is (Severity.WARNING if code == "empty-glob" else Severity.ERROR)
    assert more.detail == f"the last one told is `{code}`"
    assert more.hint


def test_a_hundred_problems_are_all() -> None:
    content = KINDS["unknown-key"].replace(b"zz0: 1\n", b"")
    found = load(MemoryTree({**BASE, CANDIDATE: content}), schemas()).diagnostics
    assert [problem.code for problem in found] == ["unknown-key"] * MOST


def test_no_glob_takes_longer_than_its_length_says() -> None:
    deep = "/".join(["a"] * 100)
    files = {**BASE, f"pipelines/m/src/train/{deep}/x.py": b"", CANDIDATE: BASE[CANDIDATE]
             + b"sources: [src/train/**, 'src/" + b"**/a/" * 60 + b"y.py']\n"}  # fmt: skip
    assert [problem.code for problem in load(MemoryTree(files), schemas()).diagnostics] == ["empty-glob"]
