"""Which commit a plan is compared with, and what is found between the two."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.errors import ProviderError, UsageError
from mlops_ci.executor.compare import AUTO, Base, base_of, compare
from mlops_ci.model import Data, Tree
from mlops_ci.plan.manifest_diff import Since, State
from mlops_ci.ports.repository import Head
from tests.executor.small import Small, candidate, project_files, small
from tests.executor.small_ports import SmallDatasets


def since(world: Small, ref: str, *select: str) -> Since:
    return compare(world.world, select, base_of(world.world, ref))


def told(found: Since) -> list[tuple[str, list[str]]]:
    return [(model.model, [line.sentence for line in model.lines]) for model in found.models]


def on_branch(world: Small, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.repository, "head", lambda: Head(world.repository.checked_out, name))


def test_on_the_release_branch_it_is_the_commit_before(tmp_path: Path) -> None:
    world = small(tmp_path)
    first = world.repository.main
    assert base_of(world.world, AUTO) == Base("", "the start")
    world.push("candidates/good.yaml", candidate(5))
    assert base_of(world.world, AUTO) == Base(first, "`HEAD~1`")


def test_on_another_branch_it_is_where_that_left_the_release_branch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = small(tmp_path)
    first = world.repository.main
    on_branch(world, "topic", monkeypatch)
    assert base_of(world.world, AUTO) == Base(first, "`HEAD` left `main`")
    world.repository.commits["b" * 40] = dict(world.repository.files)
    world.repository.checked_out = "b" * 40
    assert base_of(world.world, AUTO).commit == first


def test_a_build_that_checked_a_commit_of_the_release_branch_out_compares_with_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = small(tmp_path)
    first = world.repository.main
    world.push("candidates/good.yaml", candidate(5))
    on_branch(world, "", monkeypatch)
    assert base_of(world.world, AUTO) == Base(first, "`HEAD~1`")


def test_a_commit_that_is_not_there_is_refused_with_the_next_command(tmp_path: Path) -> None:
    world = small(tmp_path)
    with pytest.raises(UsageError, match="there is no commit `nope`") as refused:
        base_of(world.world, "nope")
    assert "git fetch" in refused.value.hint
    with pytest.raises(UsageError, match="there is no commit `tiny`") as refused:
        base_of(world.world, "tiny")
    assert "`mlops-ci plan tiny --base`" in refused.value.hint


def test_a_shallow_clone_is_told_how_to_get_the_rest(tmp_path: Path) -> None:
    world = small(tmp_path)
    first = world.repository.main
    world.push("candidates/good.yaml", candidate(5))
    world.commits.gone.add(first)
    for ref in (AUTO, first):
        with pytest.raises(ProviderError) as refused:
            base_of(world.world, ref)
        assert refused.value.hint == "git fetch --unshallow"
        assert "fetch-depth: 0" in refused.value.detail


def test_a_clone_that_lacks_the_release_branch_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = small(tmp_path)
    on_branch(world, "topic", monkeypatch)
    world.repository.main = ""
    with pytest.raises(UsageError, match="`HEAD` and `main` have no commit in common"):
        base_of(world.world, AUTO)


def test_what_is_on_disk_is_compared_with_the_commit_committed_or_not(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.write("candidates/good.yaml", candidate(5))
    assert told(since(world, "HEAD")) == [("tiny", ["`hyperparameters.cut`: 4 -> 5"])]
    world.push("src/serve/inference.py", b"serve better")
    assert told(since(world, "HEAD")) == []
    assert told(since(world, "HEAD~1")) == [
        ("tiny", ["`hyperparameters.cut`: 4 -> 5", "serving code `inference.py` changed"])
    ]


def test_a_comment_and_another_order_change_nothing_and_it_says_so(tmp_path: Path) -> None:
    world = small(tmp_path)
    lines = world.repository.files["pipelines/tiny/model.yaml"].decode().splitlines()
    world.write("model.yaml", "\n".join(["# why", *reversed(lines[:6]), *lines[6:]]).encode() + b"\n")
    (model,) = since(world, "HEAD").models
    assert model.lines == ()
    assert model.quiet == ("pipelines/tiny/model.yaml",)
    assert since(world, "HEAD").is_empty


def test_files_that_belong_to_no_model_and_releases_are_not_told(tmp_path: Path) -> None:
    world = small(tmp_path)
    assert world.run().exit_code == 0
    world.repository.files["README.md"] = b"read me"
    assert since(world, world.repository.tip(fetch=False)).is_empty
    first = next(iter(world.repository.commits))
    assert since(world, first).models == ()


def test_a_file_outside_of_its_folder_is_told_of_the_model_that_names_it_alone(tmp_path: Path) -> None:
    files = project_files("tiny") | project_files("other")
    name = b"data/tiny.csv"
    files["shared/tiny.csv"] = files["pipelines/other/data/tiny.csv"]
    files["pipelines/other/model.yaml"] = files["pipelines/other/model.yaml"].replace(name, b"../../shared/tiny.csv")
    world = small(tmp_path, files)
    world.repository.files["shared/tiny.csv"] += b"11,yes\n"
    assert told(since(world, "HEAD")) == [("other", ["data `data` changed"])]
    escaped = files["pipelines/other/model.yaml"].replace(
        b"../../shared/tiny.csv", b'"\\u002e\\x2e/../shared/tiny.csv"'
    )
    world.repository.files["pipelines/other/model.yaml"] = escaped
    world.repository.push()
    world.repository.files["shared/tiny.csv"] += b"12,yes\n"
    assert told(since(world, "HEAD")) == [("other", ["data `data` changed"])]


def test_only_models_that_were_touched_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = small(tmp_path, project_files("tiny") | project_files("other"))
    world.write("candidates/good.yaml", candidate(5))
    asked: list[str] = []
    digests = SmallDatasets.digests

    def counted(self: SmallDatasets, data: Data, tree: Tree, folder: str) -> tuple[tuple[str, str], ...]:
        asked.append(folder)
        return digests(self, data, tree, folder)

    monkeypatch.setattr(SmallDatasets, "digests", counted)
    assert len(since(world, "HEAD").models) == 1
    assert asked == ["pipelines/tiny", "pipelines/tiny"]


def test_models_that_came_and_went_are_told_and_those_that_were_not_asked_for_are_not(tmp_path: Path) -> None:
    world = small(tmp_path, project_files("tiny") | project_files("old"))
    for path in [path for path in world.repository.files if path.startswith("pipelines/old/")]:
        del world.repository.files[path]
    world.repository.files.update(project_files("young"))
    found = since(world, "HEAD")
    assert [(model.model, model.state) for model in found.models] == [("old", State.GONE), ("young", State.NEW)]
    assert [model.model for model in since(world, "HEAD", "you*").models] == ["young"]


def test_a_model_whose_manifest_was_not_valid_there_is_shown_as_new(tmp_path: Path) -> None:
    world = small(tmp_path)
    good = world.repository.files["pipelines/tiny/model.yaml"]
    for wrong in (
        b"format: 1\nname: [",
        good.replace(b"accuracy", b"accurracy"),
        good.replace(b"data/tiny", b"data/no"),
    ):
        world.push("model.yaml", wrong)
        world.write("model.yaml", good)
        (model,) = since(world, "HEAD").models
        assert model.state is State.UNREADABLE


def test_a_base_without_a_valid_project_file_still_compares(tmp_path: Path) -> None:
    world = small(tmp_path)
    good = world.repository.files["mlops-ci.yaml"]
    world.repository.files["mlops-ci.yaml"] = b"format: [\n"
    world.repository.push()
    world.repository.files["mlops-ci.yaml"] = good
    assert [model.state for model in since(world, "HEAD").models] == [State.UNREADABLE]
    del world.repository.files["mlops-ci.yaml"]
    world.repository.push()
    world.repository.files["mlops-ci.yaml"] = good
    assert [model.state for model in since(world, "HEAD").models] == [State.UNREADABLE]


def test_the_project_file_is_told_field_by_field_or_as_unchanged_in_what_counts(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.repository.files["mlops-ci.yaml"] += b"environments: {staging: {port: 8001}}\n"
    assert [line.field for line in since(world, "HEAD").project] == ["environments.staging.port"]
    world.repository.push()
    world.repository.files["mlops-ci.yaml"] += b"# said\n"
    found = since(world, "HEAD")
    assert (found.project, found.quiet, found.is_empty) == ((), ("mlops-ci.yaml",), True)
