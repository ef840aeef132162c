"""Every boundary of a run: killed before it and after it, alone, with the whole group, or the runner of its jobs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.trial import UNDISTURBED, Fate, end_of, marks, project, suffer

pytestmark = pytest.mark.soak

ERRNOS = ("ENOSPC", "EROFS", "EACCES", "EIO", "ESTALE", "EDQUOT")


def boundaries(folder: Path) -> int:
    """Return how many boundaries a run comes to that nobody disturbs, having held its end to what is known of it."""
    tiny = project(folder)
    try:
        done, found = suffer(tiny, Fate(0))
        assert done.code == 0, done.err
        assert end_of(tiny) == UNDISTURBED
    finally:
        tiny.end()
    return len(found)


def trial(folder: Path, fate: Fate) -> list[str]:
    """Return what went wrong in one trial."""
    tiny, wrong = project(folder), []
    try:
        first, found = suffer(tiny, fate)
        runs = 1
        while tiny.run("run", code=None).code and runs < 3:  # a job that was lost is told once
            runs += 1
        allowed = 2 if fate.do == "runner" else 1
        if runs > allowed:
            wrong.append(f"it took {runs} runs")
        said = marks(tiny)
        for cut in ("0.2", "0.45"):
            starts = said.count(f"start {cut}")
            if starts > allowed:
                wrong.append(f"{cut} trained {starts} times: {said}")
        end = end_of(tiny)
        wrong += [f"{key}: {end[key]} instead of {UNDISTURBED[key]}" for key in end if end[key] != UNDISTURBED[key]]
        where = found[-1].replace(str(tiny.folder), "") if found else "nothing"
    finally:
        tiny.end()
    return [f"{fate} at `{where}`, exit {first.code}: {what}" for what in wrong]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("do", ["us", "group", "runner"])
def test_killed_at_every_boundary_a_run_reaches_the_same_end(tmp_path: Path, do: str, when: str) -> None:
    count = boundaries(tmp_path / "undisturbed")
    assert count > 50
    step = int(os.environ.get("SOAK_STEP", "1"))
    wrong = [what for at in range(1, count + 1, step) for what in trial(tmp_path / f"{at}", Fate(at, do, when))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("do", ERRNOS)
def test_refused_at_every_boundary_a_run_says_so_and_the_next_one_ends_the_same(tmp_path: Path, do: str) -> None:
    count = boundaries(tmp_path / "undisturbed")
    step = int(os.environ.get("SOAK_STEP", "1"))
    wrong = []
    for at in range(1, count + 1, step):
        wrong += refusal(tmp_path / f"{at}", Fate(at, do))
    assert not wrong, "\n".join(wrong)


def refusal(folder: Path, fate: Fate) -> list[str]:
    """Return what went wrong where the machine said no, once."""
    tiny, wrong = project(folder), []
    try:
        first, found = suffer(tiny, fate)
        if first.code not in {0, 1, 69, 75}:
            wrong.append(f"exit {first.code}: {first.err[-500:]}")
        elif first.code and "hint: " not in first.err + first.out:
            wrong.append(f"no hint: {first.err[-500:]}")
        if tiny.run("run", code=None).code:
            wrong.append(f"run again: {tiny.run('run', code=None).err[-500:]}")
        end = end_of(tiny)
        wrong += [f"{key}: {end[key]} instead of {UNDISTURBED[key]}" for key in end if end[key] != UNDISTURBED[key]]
        where = found[int(fate.at) - 1].replace(str(tiny.folder), "") if len(found) >= int(fate.at) else "nothing"
    finally:
        tiny.end()
    return [f"{fate} at `{where}`: {what}" for what in wrong]
