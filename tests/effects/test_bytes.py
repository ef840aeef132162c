"""The bytes behind a path enter by their digests: other bytes cause what docs/manifests.md says in brackets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.plan.change import Action
from mlops_ci.testing.trees import MemoryTree
from tests.effects.bases import FOLDER, manifests, tree
from tests.effects.cases import At
from tests.effects.worlds import desired, put
from tests.worlds import done

NAMES = ("boosting", "brought", "imaged")
TESTS = {(name, Action.REEVALUATE) for name in ("staging", "canary")}
AGAIN = {(name, Action.REEVALUATE) for name in NAMES}
ANEW = {*((name, Action.RETRAIN) for name in NAMES), ("champion", Action.REEVALUATE), *TESTS}
OTHER: dict[At, object] = {("processing", "post", "requirements"): "moved.txt"}
HELD_OUT: dict[At, object] = {("data", "channels", "test"): "data/moved.csv"}


@pytest.mark.parametrize(
    ("base", "file", "first", "expected"),
    [
        ("split", "data/rows.csv", {}, ANEW),
        ("channels", "data/rows.csv", HELD_OUT, {(name, Action.RETRAIN) for name in NAMES}),
        ("channels", "data/moved.csv", HELD_OUT, AGAIN | TESTS),
        ("processed", "data/rows.csv", {}, ANEW),
        ("split", "src/train/one.py", {}, {("boosting", Action.RETRAIN), ("imaged", Action.RETRAIN)}),
        ("split", "requirements.txt", OTHER, {("boosting", Action.RETRAIN)}),
        ("split", "moved.txt", OTHER, AGAIN | TESTS),
        ("split", "model.tar.gz", {}, {("brought", Action.RETRAIN)}),
        ("split", "src/serve/inference.py", {}, AGAIN),
        ("split", "src/metrics/worth.py", {}, AGAIN | TESTS),
        ("split", "src/process/q.py", {}, AGAIN | TESTS),
        ("processed", "src/process/p.py", {}, ANEW),
        ("split", "tests/test_it.py", {}, TESTS),
        ("split", "moved.tar.gz", {}, set()),
        ("split", "README.md", {}, set()),
    ],
)
def test_other_bytes_cause_exactly_what_depends_on_them(
    tmp_path: Path, base: str, file: str, first: dict[At, object], expected: set[tuple[str, Action]]
) -> None:
    given = manifests(base)
    put(given, "model.yaml", first)
    before = tree(given)
    after = MemoryTree({**before.files, f"{FOLDER}/{file}": before.files.get(f"{FOLDER}/{file}", b"") + b"\n"})
    world = replace(done(desired(tmp_path, before)), known=("m",))
    plan = replace(world, desired=replace(desired(tmp_path, after), release=world.desired.release)).plan()
    assert {(change.subject, change.action) for change in plan.changes} == expected
    assert bool(plan.steps) == bool(expected)
