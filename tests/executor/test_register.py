"""A model trained elsewhere, in git or not, by the real digests of files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.adapters.files.datasets import LocalDatasets
from mlops_ci.executor.assess import assess
from mlops_ci.executor.perform import perform
from mlops_ci.executor.world import World
from mlops_ci.plan.steps import Train
from tests.executor.small import Small, small
from tests.executor.small_ports import truth


class Ignoring:
    """The files on disk as a working tree has them: git ignores `bought/`."""

    def __init__(self, world: Small, project: Path) -> None:
        self._tree = world.repository.worktree()
        self._project = project

    def blobs(self, prefix: str) -> tuple[tuple[str, str], ...]:
        return tuple(pair for pair in self._tree.blobs(prefix) if not pair[0].startswith("bought/"))

    def read(self, path: str, limit: int | None = None) -> bytes:
        place = self._project / path
        return place.read_bytes()[:limit] if place.is_file() else self._tree.read(path, limit)

    def links(self, prefix: str) -> tuple[str, ...]:
        return ()


@pytest.mark.parametrize("path", ["bought/model.bin", "pipelines/tiny/model.bin"])
def test_a_model_trained_elsewhere_is_registered_unless_it_changed_meanwhile(tmp_path: Path, path: str) -> None:
    (tmp_path / "artifacts").mkdir()
    project = tmp_path / "project"
    world = small(tmp_path / "artifacts")
    table = "x,large\n" + "".join(f"{n},{truth(str(n))}\n" for n in range(100))
    world.write("data/tiny.csv", table.encode())
    world.repository.files[path] = b"weights"
    world.push("candidates/brought.yaml", f"format: 1\nartifact: ../../{path}\n".encode())
    for name, content in world.repository.files.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_bytes(content)
    there: World = replace(
        world.world, datasets=LocalDatasets(tmp_path / "sets", tmp_path / "digests.json", project, world.artifacts)
    )
    tree = Ignoring(world, project)

    def worktree(scope: tuple[str, ...] = ()) -> Ignoring:
        return tree

    world.repository.worktree = worktree  # type: ignore[method-assign]
    situation = assess(there, (), fetch=True)
    (project / path).write_bytes(b"others!")
    assert perform(there, situation, Train("tiny", "brought"), lambda _: None).exit_code == 75
    (project / path).write_bytes(b"weights")
    assert perform(there, situation, Train("tiny", "brought"), lambda _: None).exit_code == 0
