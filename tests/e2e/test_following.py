"""The log of a training that runs, followed by another command until it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.slow import slow, starts, until
from tests.e2e.tiny import Tiny

pytestmark = pytest.mark.e2e


def test_a_training_is_followed_until_it_ends(tiny: Tiny, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    slow(tiny, mark)
    tiny.write(
        "src/train/fit.py", tiny.read("src/train/fit.py").replace("given = ", 'print("begins", flush=True)\ngiven = ')
    )
    tiny.push("say that it begins")
    train = tiny.start("train", "tiny", "--candidate", "middle")
    until(lambda: starts(mark) == ["0.45"])
    follow = tiny.start("logs", "tiny", "--follow")
    assert follow.stdout is not None
    lines = [follow.stdout.readline() for _ in range(2)]
    assert "begins\n" in lines, "it is told while the training runs"
    assert train.poll() is None
    assert follow.poll() is None
    (tmp_path / "go").touch()
    rest, said = follow.communicate(timeout=60)
    assert follow.returncode == 0, said
    assert "train:rows=" in rest
    assert "begins" not in rest, "each line is told once"
    train.communicate(timeout=60)
    assert train.returncode == 0
