"""What is desired, and whether it is on the branch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.executor.perform import perform
from mlops_ci.plan.desired import Reach
from mlops_ci.plan.steps import Train
from tests.executor.small import small


@pytest.mark.parametrize("path", ["shared/requirements.txt", "shared/data.csv", "shared/model.json"])
def test_a_file_beside_the_pipelines_that_differs_waits_for_the_merge(tmp_path: Path, path: str) -> None:
    world = small(tmp_path)
    world.repository.files.update({f"shared/{name}": b"x,large\n1,no\n9,yes\n" for name in
                                   ("requirements.txt", "data.csv", "model.json")})  # fmt: skip
    text = world.repository.files["pipelines/tiny/model.yaml"].decode()
    world.write("model.yaml", text.replace("data/tiny.csv", "../../shared/data.csv").encode())
    world.write("candidates/bad.yaml", b"format: 1\nscript: src/train/fit.py\nhyperparameters: {cut: 1}\n"
                                       b"requirements: ../../shared/requirements.txt\n")  # fmt: skip
    world.push("candidates/brought.yaml", b"format: 1\nartifact: ../../shared/model.json\n")
    assert world.assess().desired[0].reach is Reach.RELEASE
    world.repository.files[path] += b"\n"
    desired = world.assess().desired[0]
    assert desired.reach is Reach.AFTER_MERGE
    assert path in desired.why_not


def test_a_brought_model_that_changed_since_it_was_named_is_not_recorded_under_that_name(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.write("model.json", b'{"cut": 5}')
    world.push("candidates/brought.yaml", b"format: 1\nartifact: model.json\n")
    situation = world.assess()

    class Moving:
        def blobs(self, prefix: str) -> tuple[tuple[str, str], ...]:
            return situation.tree.blobs(prefix)

        def read(self, path: str, limit: int | None = None) -> bytes:
            return b'{"cut": 0}' if path.endswith("model.json") else situation.tree.read(path, limit)

        def links(self, prefix: str) -> tuple[str, ...]:
            return ()

    ended = perform(world.world, replace(situation, tree=Moving()), Train("tiny", "brought"), lambda _: None)
    assert ended.exit_code == 75
    assert perform(world.world, situation, Train("tiny", "brought"), lambda _: None).exit_code == 0
