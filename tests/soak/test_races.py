"""Two clones that promote at once, twenty rounds of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import tiny
from tests.e2e.tiny import Tiny
from tests.faults.rounds import check, play, two_clones

__all__ = ["tiny"]

pytestmark = pytest.mark.soak

ROUNDS = 20


def test_two_clones_that_promote_at_once_lose_nothing_in_twenty_rounds(
    tiny: Tiny,
    tmp_path: Path,
) -> None:
    clones = two_clones(tiny, tmp_path)
    for number in range(1, ROUNDS + 1):
        play(clones, number, verbs=("train", "evaluate", "promote"))
    check(clones, ROUNDS)
