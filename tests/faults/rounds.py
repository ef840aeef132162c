"""Two clones that promote two models at once, round after round, over a bare remote."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree, rmtree

from tests.e2e.tiny import CANDIDATE, TRAINED, Tiny, clone

MODELS = ("one", "two")


def two_clones(tiny: Tiny, folder: Path) -> tuple[Tiny, Tiny]:
    """Return two clones of a project of two models with one candidate each; both serve nowhere."""
    for name in MODELS:
        place = tiny.folder / "pipelines" / name
        copytree(tiny.folder / "pipelines/tiny", place)
        (place / "model.yaml").write_text(TRAINED.replace("name: tiny", f"name: {name}"))
        (place / "candidates/low.yaml").unlink()
    rmtree(tiny.folder / "pipelines/tiny")
    tiny.push("two models")
    return clone(tiny, folder / "left"), clone(tiny, folder / "right")


def play(clones: tuple[Tiny, Tiny], number: int, *, verbs: tuple[str, ...]) -> None:
    """Change both models, and have both clones perform the verbs, the last of them at the same moment."""
    left, right = clones
    left.git("pull", "-q", "--rebase")
    for name in MODELS:
        place = left.folder / f"pipelines/{name}/candidates/middle.yaml"
        place.write_text(CANDIDATE.format(cut=round(0.2 + 0.01 * number, 3)))
    left.commit(f"round {number}")
    left.git("push", "-q", "origin", "main")
    right.git("pull", "-q", "--rebase")
    for verb in verbs[:-1]:
        for each in clones:
            each.run(verb)
    racing = [each.start(verbs[-1]) for each in clones]
    ends = [process.communicate(timeout=300) for process in racing]
    assert [process.returncode for process in racing] == [0, 0], ends


def check(clones: tuple[Tiny, Tiny], rounds: int) -> None:
    """Hold the remote and both clones to what so many rounds must leave: nothing lost, nothing twice."""
    left, right = clones
    for each in clones:
        each.git("pull", "-q", "--rebase")
        assert each.git("status", "--porcelain") == ""
        assert each.git("log", "--format=%s", "origin/main..HEAD") == ""
    subjects = left.git("log", "--format=%s").splitlines()
    told = sorted(subject for subject in subjects if subject.startswith("Promote"))
    assert told == sorted(f"Promote {name} v{n}: middle" for name in MODELS for n in range(1, rounds + 1))
    tags = {line.split("/", 2)[-1] for line in left.git("ls-remote", "--tags", "--refs", "origin").splitlines()}
    assert tags == {f"{name}/v{n}" for name in MODELS for n in range(1, rounds + 1)}
    for each in (left, right):
        board = each.run("status", "--json").json()["models"]
        assert [model["champion"]["version"] for model in board] == [rounds, rounds]
