"""git as it is: real repositories, bare remotes, races between clones."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mlops_ci.adapters.files.records import FolderRecords
from mlops_ci.adapters.git.private import PrivateRepository
from mlops_ci.adapters.git.repository import GitRepository
from mlops_ci.errors import ManifestError, ProviderError
from mlops_ci.fingerprint.canonical import blob_id
from mlops_ci.ports.repository import Landed, LostRace, ReleaseCommit, Repository
from tests.contracts.repository import RELEASE, RepositoryContract

WHO = {
    "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "PATH": "/usr/bin:/bin:/usr/local/bin",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in WHO.items():
        monkeypatch.setenv(key, value)


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, env=WHO, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def make_project(folder: Path, *, below: str = "") -> Path:
    """Return a project with one committed model, `below` a folder of the repository where that is named."""
    project = folder / below if below else folder
    (project / "pipelines/a").mkdir(parents=True)
    (project / "pipelines/a/model.yaml").write_bytes(b"one\n")
    (folder / ".gitignore").write_text("*.secret\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    return project


def opened(project: Path) -> GitRepository:
    return GitRepository(project, branch="main", remote="origin", environment=WHO)


def promote(base: str, content: bytes = b"v1\n", tag: str = "") -> ReleaseCommit:
    return ReleaseCommit(base, ((RELEASE, content),), "Promote a v1", tag)


class TestWithoutARemote(RepositoryContract):
    @pytest.fixture
    def repository(self, tmp_path: Path) -> Repository:
        return opened(make_project(tmp_path))


class TestInASubfolder(RepositoryContract):
    @pytest.fixture
    def repository(self, tmp_path: Path) -> Repository:
        return opened(make_project(tmp_path, below="team/ml"))


class TestWithARemote(RepositoryContract):
    @pytest.fixture
    def repository(self, tmp_path: Path) -> Repository:
        return opened(clones(tmp_path, 1)[0])


class TestPrivateTarget(RepositoryContract):
    @pytest.fixture
    def repository(self, tmp_path: Path) -> Repository:
        return PrivateRepository(opened(make_project(tmp_path / "project")), FolderRecords(tmp_path / "store"))


def clones(folder: Path, count: int) -> list[Path]:
    """Return clones of one bare repository."""
    make_project(folder / "seed")
    git(folder, "clone", "-q", "--bare", "seed", "origin.git")
    for number in range(count):
        git(folder, "clone", "-q", f"file://{folder}/origin.git", f"clone{number}")
    return [folder / f"clone{number}" for number in range(count)]


def test_a_private_release_leaves_git_alone(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project")
    private = PrivateRepository(opened(project), FolderRecords(tmp_path / "store"))
    before = git(project, "rev-parse", "HEAD")
    private.land(promote(private.tip(fetch=True)))
    assert git(project, "rev-parse", "HEAD") == before
    assert git(project, "status", "--porcelain") == ""


def test_untracked_files_count_and_ignored_ones_do_not(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    (project / "pipelines/a/new.py").write_bytes(b"new\n")
    (project / "pipelines/a/key.secret").write_bytes(b"secret\n")
    assert dict(opened(project).worktree().blobs("pipelines"))["pipelines/a/new.py"] == blob_id(b"new\n")
    assert "pipelines/a/key.secret" not in dict(opened(project).worktree().blobs("pipelines"))


def test_committing_the_same_bytes_changes_nothing(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    (project / "pipelines/a/model.yaml").write_bytes(b"two\n")
    (project / "pipelines/a/new file\u00e9.py").write_bytes(b"new\n")
    dirty = opened(project).worktree().blobs("")
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "second")
    assert opened(project).worktree().blobs("") == dirty
    repository = opened(project)
    assert repository.tree(repository.tip(fetch=False)).blobs("") == dirty


def test_a_deleted_file_is_gone_from_the_working_tree(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    (project / "pipelines/a/model.yaml").unlink()
    assert opened(project).worktree().blobs("pipelines") == ()


def test_blobs_below_a_folder_leave_out_its_neighbours(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    for name in ("a-b", "a.b", "ab", "a0"):
        (project / f"pipelines/{name}").mkdir()
        (project / f"pipelines/{name}/model.yaml").write_bytes(b"x")
    assert [path for path, _ in opened(project).worktree().blobs("pipelines/a")] == ["pipelines/a/model.yaml"]


def test_head_index_and_file_move_together_and_other_edits_stay(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    (project / "pipelines/a/model.yaml").write_bytes(b"edited\n")
    (project / "staged.txt").write_text("staged")
    git(project, "add", "staged.txt")
    repository = opened(project)
    landed = repository.land(promote(repository.tip(fetch=True), tag="a/v1"))
    assert isinstance(landed, Landed)
    assert git(project, "rev-parse", "HEAD") == landed.commit
    assert (project / RELEASE).read_bytes() == b"v1\n"
    assert git(project, "status", "--porcelain").splitlines() == ["M pipelines/a/model.yaml", "A  staged.txt"]
    assert git(project, "cat-file", "-t", "a/v1") == "tag"
    assert git(project, "rev-parse", "a/v1^{commit}") == landed.commit


def test_on_another_branch_only_the_release_branch_moves(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    git(project, "checkout", "-q", "-b", "feature")
    repository = opened(project)
    landed = repository.land(promote(repository.tip(fetch=True)))
    assert isinstance(landed, Landed)
    assert git(project, "rev-parse", "main") == landed.commit
    assert not (project / RELEASE).exists()


def test_an_edited_release_file_is_refused_and_kept(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    repository = opened(project)
    repository.land(promote(repository.tip(fetch=True)))
    (project / RELEASE).write_bytes(b"by hand\n")
    with pytest.raises(ManifestError) as caught:
        repository.land(promote(repository.tip(fetch=True), b"v2\n"))
    assert caught.value.diagnostics[0].code == "edited-release"
    assert (project / RELEASE).read_bytes() == b"by hand\n"


def test_two_clones_that_promote_at_once_lose_nothing(tmp_path: Path) -> None:
    one, two = (opened(project) for project in clones(tmp_path, 2))
    base = one.tip(fetch=True)
    assert base == two.tip(fetch=True)
    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(lambda pair: pair[0].land(promote(base, pair[1])), ((one, b"one\n"), (two, b"two\n"))))
    assert sorted(type(end).__name__ for end in ends) == ["Landed", "LostRace"]
    loser = one if isinstance(ends[0], LostRace) else two
    again = loser.land(promote(loser.tip(fetch=True), b"again\n"))
    assert isinstance(again, Landed)
    assert git(tmp_path / "origin.git", "rev-list", "--count", "main") == "3"


def test_branch_and_tag_reach_the_remote_together(tmp_path: Path) -> None:
    (project,) = clones(tmp_path, 1)
    repository = opened(project)
    landed = repository.land(promote(repository.tip(fetch=True), tag="a/v1"))
    assert isinstance(landed, Landed)
    assert git(tmp_path / "origin.git", "rev-parse", "main", "a/v1^{commit}").split() == [landed.commit, landed.commit]
    assert git(project, "rev-parse", "HEAD") == landed.commit


def test_a_remote_that_refuses_is_an_error_with_its_words(tmp_path: Path) -> None:
    (project,) = clones(tmp_path, 1)
    hook = tmp_path / "origin.git/hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho 'main is protected' >&2\nexit 1\n")
    hook.chmod(0o755)
    repository = opened(project)
    before = git(project, "rev-parse", "HEAD")
    with pytest.raises(ProviderError) as caught:
        repository.land(promote(repository.tip(fetch=True)))
    assert "main is protected" in caught.value.detail
    assert git(project, "rev-parse", "HEAD") == before


def test_a_remote_that_is_gone_is_an_error_with_a_hint(tmp_path: Path) -> None:
    (project,) = clones(tmp_path, 1)
    (tmp_path / "origin.git").rename(tmp_path / "away.git")
    with pytest.raises(ProviderError) as caught:
        opened(project).tip(fetch=True)
    assert caught.value.hint == "git fetch origin main"


def test_a_shallow_detached_checkout_can_land(tmp_path: Path) -> None:
    clones(tmp_path, 0)
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{tmp_path}/origin.git", "shallow")
    project = tmp_path / "shallow"
    git(project, "checkout", "-q", "--detach")
    repository = opened(project)
    landed = repository.land(promote(repository.tip(fetch=True)))
    assert isinstance(landed, Landed)
    assert git(tmp_path / "origin.git", "rev-parse", "main") == landed.commit


def test_a_folder_without_git_is_told_with_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(ManifestError) as caught:
        opened(tmp_path)
    assert caught.value.diagnostics[0].code == "no-git"
    assert caught.value.diagnostics[0].hint.startswith("git init")


def test_a_tag_that_names_something_else_is_told_and_not_taken_for_a_race(tmp_path: Path) -> None:
    alone = make_project(tmp_path / "alone")
    (remote,) = clones(tmp_path, 1)
    for project in (alone, remote):
        git(project, "tag", "a/v1")
    git(remote, "push", "-q", "origin", "a/v1")
    for project in (alone, remote):
        repository = opened(project)
        tip = repository.tip(fetch=True)
        change = ReleaseCommit(tip, (("pipelines/a/release.yaml", b"v1\n"),), "Promote a v1", "a/v1")
        with pytest.raises(ProviderError) as raised:
            repository.land(change)
        assert "a/v1" in raised.value.summary
        assert "git" in raised.value.hint
        assert repository.tip(fetch=True) == tip


def test_a_commit_is_listed_once_however_often_it_is_read(tmp_path: Path) -> None:
    repository = opened(make_project(tmp_path))
    tip = repository.tip(fetch=False)
    assert repository.tree(tip) is repository.tree(tip)
    landed = repository.land(ReleaseCommit(tip, ((RELEASE, b"v1\n"),), "Promote a v1"))
    assert isinstance(landed, Landed)
    assert repository.tree(landed.commit).read(RELEASE) == b"v1\n"


def test_a_fetch_waits_for_another_command_that_holds_gits_lock(tmp_path: Path) -> None:
    (project,) = clones(tmp_path, 1)
    one, other = opened(project), opened(clones(tmp_path / "more", 1)[0])
    landed = one.land(promote(one.tip(fetch=True)))
    assert isinstance(landed, Landed)
    git(project, "update-ref", "refs/remotes/origin/main", f"{landed.commit}~1")  # so that there is something to fetch
    lock = project / ".git/refs/remotes/origin/main.lock"
    lock.touch()
    with ThreadPoolExecutor(1) as pool:
        tip = pool.submit(opened(project).tip, fetch=True)
        assert other.tip(fetch=True)  # a moment in which the lock is held
        lock.unlink()
        assert tip.result(timeout=30) == landed.commit
