"""A search killed before every single record that it makes: the same end, and no job begun twice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from mlops_ci.commands import select
from mlops_ci.commands.wanted import wanted
from tests.executor.searching import begun, end, searching, told
from tests.executor.small import Small
from tests.executor.small_stores import SmallRecords

GRID = """\
format: 1
script: src/train/fit.py
search:
  strategy: grid
  budget: {parallel: PARALLEL}
  ranges: {cut: {values: [2, 5, 7]}}
"""


class Killed(BaseException):
    """What a kill is to those who have no say in it."""


@dataclass
class DyingRecords(SmallRecords):
    """A `RecordStore` that keeps so many records, and none from then on, as if the process were gone."""

    left: int = 0

    def put(self, name: str, content: bytes) -> bool:
        if self.left == 0:
            raise Killed
        self.left -= 1
        return super().put(name, content)


def train(world: Small) -> int:
    situation = world.assess()
    return world.perform(situation, select.trainings(situation, wanted(("good",)))).exit_code


@pytest.mark.parametrize("parallel", [1, 2])
def test_killed_before_any_record_it_goes_on_to_the_same_end_and_begins_no_job_twice(
    tmp_path: Path, parallel: int
) -> None:
    text = GRID.replace("PARALLEL", str(parallel))
    (tmp_path / "whole").mkdir()
    whole = searching(tmp_path / "whole", text=text)
    assert train(whole) == 0
    seen = [name for name in whole.records.kept if "/seen/" not in name]
    assert len(seen) == 3 * 6 + 2  # of each trial two jobs, a package and a score; of the search its beginning and end

    for after in range(len(seen)):
        place = tmp_path / str(after)
        place.mkdir()
        world = searching(place, text=text)
        store, world.records = world.records, DyingRecords(world.records.kept, left=after)
        with pytest.raises(Killed):
            train(world)
        world.records = store

        assert train(world) == 0
        assert told(world) == told(whole), after
        assert end(world).artifacts == end(whole).artifacts
        assert sorted(begun(world)) == ["good#1", "good#2", "good#3"], after
        assert len(world.transformer.begun) == 3, after
