"""Landing a commit on the branch's tip: all of it or nothing, whoever else lands at the same moment.

The commit is made from the base's tree without touching index or working tree. Where there is a remote, its
acceptance of the push decides the race, and branch and tag move in one atomic push; without one, the
compare-and-swap of the local branch does. What is checked out follows last: if we die in between, `git pull` heals it.
"""

from __future__ import annotations

import fcntl
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_ci.adapters.git.process import Git, discreet
from mlops_ci.errors import ProviderError
from mlops_ci.ports.repository import Landed, LostRace, ReleaseCommit

if TYPE_CHECKING:
    import git as gitpython

_RACES = ("non-fast-forward", "fetch first", "stale info", "cannot lock ref", "failed to update ref", "already exists")
_RACES_LOCAL = ("cannot lock ref", "but expected", "Not possible to fast-forward", "index.lock")


def land(
    git: Git, branch: str, remote: str, change: ReleaseCommit, files: tuple[tuple[str, bytes], ...]
) -> Landed | LostRace:
    """Return where the commit landed, or who was faster."""
    import git as gitpython

    repository = gitpython.Repo(git.folder)
    try:
        commit = _commit(repository, change, files)
    except gitpython.exc.GitError as error:
        raise ProviderError(f"git could not make the commit: {error}") from error
    finally:
        repository.close()
    if remote:
        lost = _push(git, branch, remote, change, commit)
        if lost is not None:
            return lost
    return _follow(git, branch, remote, change, commit)


def _commit(repository: gitpython.Repo, change: ReleaseCommit, files: tuple[tuple[str, bytes], ...]) -> str:
    """Return a commit over the base, made with an index of its own, so that the user's is neither read nor locked."""
    from git import Commit
    from git.objects import Tree
    from gitdb import IStream

    base = repository.commit(change.base)
    with (
        tempfile.TemporaryDirectory(prefix="mlops-ci-") as folder,
        repository.git.custom_environment(GIT_INDEX_FILE=str(Path(folder, "index"))),
    ):
        repository.git.read_tree(base.hexsha)
        for path, content in files:
            stored = repository.odb.store(IStream("blob", len(content), io.BytesIO(content)))
            repository.git.update_index("--add", "--cacheinfo", f"100644,{stored.hexsha.decode()},{path}")
        tree = Tree(repository, bytes.fromhex(repository.git.write_tree()))
    made = Commit.create_from_tree(repository, tree, change.message + "\n", parent_commits=[base], head=False)
    return made.hexsha


def _push(git: Git, branch: str, remote: str, change: ReleaseCommit, commit: str) -> LostRace | None:
    specs = [f"{commit}:refs/heads/{branch}"]
    if change.tag:
        specs.append(f"{_tag(git, change, commit)}:refs/tags/{change.tag}")
    done = git.attempt("push", "--quiet", "--atomic", "--porcelain", remote, *specs)
    if done.returncode == 0:
        return None
    said = discreet(done.stdout + done.stderr).decode(errors="replace")
    if change.tag and "[rejected] (already exists)" in said and "[rejected] (atomic push failed)" in said:
        raise _taken(change.tag, f"on `{remote}`", f"git push {remote} --delete refs/tags/{change.tag}")
    if any(word in said for word in _RACES):
        return LostRace(f"`{branch}` moved on `{remote}`")
    lines = [line for line in said.splitlines() if line.strip() and not line.startswith(("To ", "Done"))]
    raise ProviderError(
        f"`{remote}` did not accept the commit on `{branch}`: {lines[0] if lines else 'no reason given'}",
        hint=f"may you push to `{branch}`? try: git push {remote} HEAD:{branch}",
        detail=said,
    )


def _taken(tag: str, where: str, hint: str) -> ProviderError:
    """Return the error for a tag that names something else already: no race, trying again would not end it."""
    return ProviderError(
        f"the tag `{tag}` is there already {where}, and `release.yaml` knows no such version", hint=hint
    )


def _tag(git: Git, change: ReleaseCommit, commit: str) -> str:
    """Return an annotated tag object; no name points at it yet."""
    who = git.run("var", "GIT_COMMITTER_IDENT").decode().strip()
    text = f"object {commit}\ntype commit\ntag {change.tag}\ntagger {who}\n\n{change.message}\n"
    return git.run("hash-object", "-t", "tag", "-w", "--stdin", stdin=text.encode()).decode().strip()


def _follow(git: Git, branch: str, remote: str, change: ReleaseCommit, commit: str) -> Landed | LostRace:
    """Move the local branch, and with it HEAD, index and files where it is checked out; then the tag.

    Commands of ours in one repository do this one after the other; the merge itself is git's, so that a kill in the
    middle leaves what git leaves.
    """
    with turn(git):
        return _move(git, branch, remote, change, commit)


@contextmanager
def turn(git: Git) -> Iterator[None]:
    """Hold the lock that commands of ours in one repository move HEAD, index and files under."""
    common = Path(git.folder, git.run("rev-parse", "--git-common-dir").decode().strip())
    with (common / "mlops-ci.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _move(git: Git, branch: str, remote: str, change: ReleaseCommit, commit: str) -> Landed | LostRace:
    local = git.line("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}")
    if local == change.base:
        if change.tag and not remote and git.line("rev-parse", "--verify", "--quiet", f"refs/tags/{change.tag}"):
            raise _taken(change.tag, "in this repository", f"git tag -d {change.tag}")
        if git.line("symbolic-ref", "--quiet", "--short", "HEAD") == branch:
            done = git.attempt("-c", "core.hooksPath=/dev/null", "merge", "--ff-only", "--quiet", commit)
        else:
            done = git.attempt("update-ref", f"refs/heads/{branch}", commit, change.base)
        if done.returncode and not remote:
            said = done.stderr.decode(errors="replace").strip()
            if any(word in said for word in _RACES_LOCAL):
                return LostRace(f"`{branch}` moved")
            raise ProviderError(f"`{branch}` could not be moved: {said.splitlines()[-1]}", detail=said)
    elif not remote:
        return LostRace(f"`{branch}` moved")
    if remote:
        git.attempt("update-ref", f"refs/remotes/{remote}/{branch}", commit)
    if change.tag:
        git.attempt("update-ref", f"refs/tags/{change.tag}", _tag(git, change, commit), "")
    return Landed(commit)
