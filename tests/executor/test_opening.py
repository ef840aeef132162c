"""The ledger of a long history is opened instead of read, and says the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pytest

from mlops_ci.executor import opening
from mlops_ci.executor.opening import open_ledger
from mlops_ci.executor.reading import read_ledger
from mlops_ci.records.ledger import Ledger
from tests.executor.small import Small, candidate, project_files, small


@pytest.fixture
def long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Small:
    """Return two models with versions, losers and a damaged record, of which every history counts as long."""
    monkeypatch.setattr(opening, "LONG", 1)
    made = small(tmp_path, project_files() | project_files("other"))
    made.run()
    for cut in (4.5, 5):
        made.push("candidates/good.yaml", candidate(cut))
        made.run()
    made.records.kept["tiny/evaluations/moved"] = b"{}"
    made.records.kept["tiny/junk"] = b"\xff"
    made.records.kept["other/gates/production/x/y"] = b"{"
    return made


def same(one: Ledger, other: Ledger) -> None:
    """Assert that two ledgers say the same, key by key first and then as wholes."""
    for field in dataclasses.fields(Ledger):
        found, expected = getattr(one, field.name), getattr(other, field.name)
        if isinstance(expected, Mapping):
            for key, item in expected.items():
                assert found[key] == item
                assert found.get(key) == item
            assert dict(found) == dict(expected)
            assert len(found) == len(expected)
            assert sorted(map(repr, found.values())) == sorted(map(repr, expected.values()))
            assert sorted(map(repr, found.items())) == sorted(map(repr, expected.items()))
        else:
            assert found == expected


def test_an_opened_ledger_says_what_a_read_one_says_cold_and_warm(long: Small) -> None:
    whole = read_ledger(long.world, ("tiny", "other"))
    assert len(whole.damaged) == 3
    for _ in range(2):
        same(open_ledger(long.world, ("tiny", "other")), whole)
    assert sorted(long.snapshots.kept) == ["plan", "records-other", "records-tiny"]


def test_a_warm_one_reads_only_what_is_asked_for(long: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    open_ledger(long.world, ("tiny",))
    asked: list[str] = []
    get = long.records.get

    def counting(name: str) -> bytes | None:
        asked.append(name)
        return get(name)

    monkeypatch.setattr(long.records, "get", counting)
    ledger = open_ledger(long.world, ("tiny",))
    assert ledger.promotions["tiny"]
    assert asked == []
    evaluation = next(
        name for name in long.records.kept if name.startswith("tiny/evaluations/") and name[-5:] != "moved"
    )
    assert ledger.evaluations[evaluation.rpartition("/")[2]].model == "tiny"
    assert ledger.evaluations.get("0" * 64) is None
    assert asked == [evaluation]


def test_the_trials_of_a_search_are_opened_by_their_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LONG", 1)
    made = small(tmp_path)
    grid = b"format: 1\nscript: src/train/fit.py\nsearch:\n  strategy: grid\n  ranges: {cut: {values: [3, 5]}}\n"
    made.push("candidates/good.yaml", grid)
    made.run()
    whole = read_ledger(made.world, ("tiny",))
    assert [len(trials) for trials in whole.trials.values()] == [2]
    for _ in range(2):
        same(open_ledger(made.world, ("tiny",)), whole)


@pytest.mark.parametrize("change", ["new", "gone"])
def test_what_changed_in_the_store_is_seen(long: Small, change: str) -> None:
    open_ledger(long.world, ("tiny",))
    name = next(name for name in long.records.kept if name.startswith("tiny/contests/"))
    if change == "new":
        long.records.kept["tiny/contests/x"] = b"{}"
    else:
        del long.records.kept[name]
    same(open_ledger(long.world, ("tiny",)), read_ledger(long.world, ("tiny",)))


def test_a_damaged_snapshot_is_none(long: Small) -> None:
    open_ledger(long.world, ("tiny",))
    whole = long.snapshots.kept["records-tiny"]
    for at in range(0, len(whole), 211):
        long.snapshots.kept["records-tiny"] = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        assert open_ledger(long.world, ("tiny",)).contests == read_ledger(long.world, ("tiny",)).contests
