"""Landing a commit on the branch's tip: all of it or nothing, whoever else lands at the same moment.

The commit is made from the base's tree without touching index or working tree. Where there is a remote, its
acceptance of the push decides the race, and branch and tag move in one atomic push; without one, the
compare-and-swap of the local branch does. What is checked out follows last: if we die in between, the next landing or
`git pull` heals it.
"""

from __future__ import annotations

import fcntl
import io
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_ci.adapters.git.locks import blocking_lock, left_behind, standing_locks
from mlops_ci.adapters.git.process import Git, discreet, reason
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
    commit = committed(git, change, files)
    if remote:
        lost = _push(git, branch, remote, change, commit)
        if lost is not None:
            return lost
    return _follow(git, branch, remote, change, commit)


def committed(git: Git, change: ReleaseCommit, files: tuple[tuple[str, bytes], ...]) -> str:
    """Return a commit of the change over its base; no name points at it yet.

    Raises:
        ProviderError: git could not make it.

    """
    import git as gitpython

    repository = gitpython.Repo(git.folder)
    try:
        return _commit(repository, change, files)
    except gitpython.exc.GitError as error:
        raise ProviderError(f"git could not make the commit: {error}") from error
    finally:
        repository.close()


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
        specs.append(f"{tag_object(git, change.tag, commit, change.message)}:refs/tags/{change.tag}")
    done = git.attempt("push", "--quiet", "--atomic", "--porcelain", remote, *specs)
    if done.returncode == 0:
        return None
    said = discreet(done.stdout + done.stderr).decode(errors="replace")
    if change.tag and "[rejected] (already exists)" in said and "[rejected] (atomic push failed)" in said:
        raise _taken(change.tag, f"on `{remote}`", f"git push {remote} --delete refs/tags/{change.tag}")
    if lost := raced(branch, remote, said):
        return lost
    hint = (
        f"let this account push to `{branch}` on `{remote}`, or have moves put before people instead "
        "(`promotion: {mode: pull_request}` in model.yaml); then type the command again: nothing is lost"
    )
    raise refused(branch, remote, said, hint)


def raced(branch: str, remote: str, said: str) -> LostRace | None:
    """Return that somebody was faster, if a push was not taken for that."""
    if not any(word in said for word in _RACES):
        return None
    return LostRace(f"`{branch}` {f'is locked on `{remote}`' if blocking_lock(said) else f'moved on `{remote}`'}")


def refused(branch: str, remote: str, said: str, hint: str) -> ProviderError:
    """Return the error for a push that the remote did not take, with its own words; `hint` is for a rule of its."""
    lines = [line.strip() for line in said.splitlines()]
    words = [line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:")]
    told = next((word.removeprefix("error: ") for word in words if word), "")
    if "[remote rejected]" in said:  # a hook, or a rule that protects the branch
        rule = next((line.rpartition("[remote rejected] ")[2] for line in lines if "[remote rejected] (" in line), "")
        return ProviderError(
            f"`{remote}` refuses the commit on `{branch}`: {told or rule.strip('()')}",
            hint=hint,
            detail=said,
        )
    return ProviderError(
        f"`{remote}` did not accept the commit on `{branch}`: {told or reason(said) or 'no reason given'}",
        hint=f"may you push to it? try: git push --dry-run {remote} HEAD:{branch}; then type the command again",
        detail=said,
    )


def _taken(tag: str, where: str, hint: str) -> ProviderError:
    """Return the error for a tag that names something else already: no race, trying again would not end it."""
    return ProviderError(
        f"the tag `{tag}` is there already {where}, and `release.yaml` knows no such version", hint=hint
    )


def tag_object(git: Git, name: str, commit: str, message: str) -> str:
    """Return an annotated tag object; no name points at it yet."""
    who = git.run("var", "GIT_COMMITTER_IDENT").decode().strip()
    text = f"object {commit}\ntype commit\ntag {name}\ntagger {who}\n\n{message}\n"
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
    if remote:
        catch_up(git, branch, commit)
        git.finish("update-ref", f"refs/remotes/{remote}/{branch}", commit)
    elif _at(git, branch) != change.base:
        return LostRace(f"`{branch}` moved")
    else:
        if change.tag and git.line("rev-parse", "--verify", "--quiet", f"refs/tags/{change.tag}"):
            raise _taken(change.tag, "in this repository", f"git tag -d {change.tag}")
        if locks := standing_locks(git, branch):
            raise left_behind(locks)
        done = _forward(git, branch, commit)
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip()
            if any(word in said for word in _RACES_LOCAL):
                return LostRace(f"`{branch}` moved")
            raise ProviderError(f"`{branch}` could not be moved: {reason(said)}", detail=said, hint="git status")
    if change.tag:
        made = tag_object(git, change.tag, commit, change.message)
        git.finish("update-ref", f"refs/tags/{change.tag}", made, "")
    return Landed(commit)


def catch_up(git: Git, branch: str, target: str) -> None:
    """Move the local branch ahead to a commit, if it lacks nothing but releases: what people made comes when they pull.

    A checkout that was left halfway there, since git was ended in the middle, is healed: the files are there already.
    """
    local = _at(git, branch)
    if not local or local == target or git.attempt("merge-base", "--is-ancestor", local, target).returncode:
        return
    between = git.attempt("diff", "--name-only", "-z", local, target).stdout.decode(errors="replace")
    paths = [path for path in between.split("\0") if path]
    if not all(path.endswith("/release.yaml") for path in paths) or standing_locks(git, branch):
        return
    if not _forward(git, branch, target).returncode:
        return
    for step in git.line("rev-list", "--reverse", "--first-parent", f"{local}..{target}").split():
        for path in paths:
            if is_as_in(git, step, path) and not is_as_in(git, "HEAD", path):
                git.finish("add", "--", path)
        _forward(git, branch, step)


def is_as_in(git: Git, commit: str, path: str) -> bool:
    """Return whether a file on disk is what a commit has there."""
    here = git.line("hash-object", "--", path)  # as git would keep it; empty where it is gone
    return bool(here) and here == git.line("rev-parse", "--verify", "--quiet", f"{commit}:{path}")


def _forward(git: Git, branch: str, target: str) -> subprocess.CompletedProcess[bytes]:
    """Move the local branch ahead to a commit; with HEAD, index and files where it is checked out."""
    if git.line("symbolic-ref", "--quiet", "--short", "HEAD") == branch:
        return git.finish("-c", "core.hooksPath=/dev/null", "merge", "--ff-only", "--quiet", target)
    return git.finish("update-ref", f"refs/heads/{branch}", target, _at(git, branch))


def _at(git: Git, branch: str) -> str:
    return git.line("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}")
