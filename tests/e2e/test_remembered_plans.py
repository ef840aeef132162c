"""A plan from the snapshot is the plan without it, whatever changed in between."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.e2e.tiny import TRAINED, Tiny, make, table

pytestmark = pytest.mark.e2e


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    return make(tmp_path / "project")


def plan(tiny: Tiny, code: int = 0) -> str:
    """Return a plan as JSON, and what was said beside it, having made it without the snapshot, too."""
    warm = tiny.run("plan", "--json", code=code)
    shutil.rmtree(tiny.folder / ".mlops-ci/cache")
    assert warm == tiny.run("plan", "--json", code=code)
    return warm.out


def retraining(tiny: Tiny, *models: str) -> list[str]:
    """Return why a field or file wants a candidate trained anew."""
    return [c["summary"] for c in tiny.run("plan", *models, "--json").json()["changes"] if c["action"] == "retrain"]


def test_data_that_git_ignores_beside_a_hidden_file_that_it_tracks_is_looked_at(tiny: Tiny) -> None:
    tiny.replace("model.yaml", "path: data/tiny.csv", "channels: {train: data/train, test: data/test}")
    tiny.replace("model.yaml", "  key: [id]\n  drop: [id]\n  split: {train: 0.5, validation: 0.1, test: 0.4}\n", "")
    for side in ("train", "test"):
        tiny.write(f"data/{side}/.gitignore", "*\n!.gitignore\n")
        tiny.write(f"data/{side}/rows.csv", table())
    tiny.push("data that git does not have")
    tiny.run("train")
    plan(tiny)
    assert retraining(tiny) == []
    tiny.write("data/train/rows.csv", table().replace("0.5,", "0.6,"))
    assert len(retraining(tiny)) == 2
    plan(tiny)


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_a_file_that_git_was_told_not_to_look_at_counts_by_its_bytes(tiny: Tiny, flag: str) -> None:
    tiny.run("train")
    plan(tiny)
    tiny.git("update-index", flag, "pipelines/tiny/candidates/low.yaml", "pipelines/tiny/src/train/fit.py")
    plan(tiny)
    tiny.replace("candidates/low.yaml", "0.2", "0.25")
    assert len(retraining(tiny)) == 1
    tiny.replace("src/train/fit.py", "rows=", "rows:")
    assert len(retraining(tiny)) == 2
    plan(tiny)
    tiny.run("train")  # the code folder is archived from the very bytes that were hashed
    assert retraining(tiny) == []


def test_what_a_sparse_checkout_left_out_is_looked_at_when_it_comes(tiny: Tiny) -> None:
    tiny.git("sparse-checkout", "set", "--no-cone", "/*", "!/pipelines/tiny/data/")
    assert not (tiny.folder / "pipelines/tiny/data/tiny.csv").exists()
    tiny.replace("model.yaml", "label: large", "label: larg")
    plan(tiny)
    tiny.git("sparse-checkout", "disable")
    tiny.run("plan", code=65)


@pytest.mark.parametrize("name", ["../../../x", "x" * 300, "..", "/etc", "tiny/", "", "ü", "a\nb", "-"])
def test_what_is_no_models_name_is_a_mistake_in_the_command_line(tiny: Tiny, name: str) -> None:
    assert f"there is no model `{name}`" in tiny.run("plan", "--", name, code=64).err


def test_more_names_than_a_command_line_of_git_takes_are_found(tiny: Tiny) -> None:
    assert tiny.run("plan", *["tiny"] * 100_000, "--json").json()["models"] == 1
    done = tiny.run("plan", *[f"{at:06d}" for at in range(90_000)], code=64)
    assert "there is no model `000000`" in done.err


def test_a_release_in_a_folder_whose_name_is_no_text_is_passed_over_again_and_again(tiny: Tiny) -> None:
    for name in (b"caf\xe9", b"a\tb", b"a\nb"):
        folder = os.fsencode(tiny.folder) + b"/pipelines/" + name
        os.mkdir(folder)  # noqa: PTH102 - a name that is no text
        Path(os.fsdecode(folder), "release.yaml").write_text("format: 1\n")
    for _ in range(2):
        assert tiny.run("plan", "--json").json()["models"] == 1
    plan(tiny)


def test_a_run_that_only_records_what_it_saw_counts_the_models_it_did_not_look_at(tiny: Tiny) -> None:
    tiny.write("model.yaml", TRAINED)
    shutil.copytree(tiny.folder / "pipelines/tiny", tiny.folder / "pipelines/other")
    tiny.write("../other/model.yaml", TRAINED.replace("name: tiny", "name: other"))
    tiny.push("two models")
    tiny.run("run")
    for record in (tiny.folder / ".mlops-ci/store/records/tiny").glob("seen~*"):
        record.unlink()
    for _ in range(2):
        assert tiny.run("run").out == "plan: nothing to do. 2 models are as git says.\n"
    assert [*(tiny.folder / ".mlops-ci/store/records/tiny").glob("seen~*")]
