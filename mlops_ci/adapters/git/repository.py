"""The project's repository: reads by the git command, one kind of write by GitPython."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from mlops_ci.adapters.git.fetching import fetched
from mlops_ci.adapters.git.process import Git, open_git
from mlops_ci.adapters.git.trees import CommitTree, WorkTree
from mlops_ci.diagnostics import Diagnostic, Span
from mlops_ci.errors import ManifestError, ProviderError
from mlops_ci.model import Tree
from mlops_ci.ports.repository import Head, Landed, Landing, LostRace, ReleaseCommit


class GitRepository:
    """Implements `ports.Repository` and `ports.Landings` for the repository that holds the project folder."""

    def __init__(self, project: Path, *, branch: str, remote: str, environment: Mapping[str, str]) -> None:
        self._project = project
        self._git: Git
        self._git, self._prefix = open_git(project, environment)
        self._branch = branch
        self._trees: dict[tuple[str, tuple[str, ...]], CommitTree] = {}
        self._named = remote
        self._known = self._git.start("config", "--get", f"remote.{remote}.url") if remote else None

    @cached_property
    def _remote(self) -> str:
        """The remote's name, or an empty string where the repository has none of that name."""
        return self._named if self._known is not None and self._known.ended()[1].strip() else ""

    def head(self) -> Head:
        """Return the checked-out commit and branch."""
        commit = self._git.start("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        branch = self._git.start("symbolic-ref", "--quiet", "--short", "HEAD")
        return Head(*(asked.ended()[1].decode().strip() for asked in (commit, branch)))

    def tip(self, *, fetch: bool) -> str:
        """Return the tip of the release branch: the remote's where it has the branch, else the local one's."""
        if self._remote and fetch:
            fetched(self._git, self._remote, self._branch)
        places = [f"refs/heads/{self._branch}"]
        listed = self._git.start("for-each-ref", "--format=%(refname) %(objectname)", *places, self._followed())
        if self._remote:
            places.insert(0, self._followed())
        found = dict(line.split(" ") for line in listed.output().decode().splitlines())
        return next((found[place] for place in places if place in found), "")

    def worktree(self, scope: tuple[str, ...] = ()) -> Tree:
        """Return the files as they lie on disk."""
        return WorkTree(self._git, self._prefix, self._project, scope)

    def tree(self, commit: str, scope: tuple[str, ...] = ()) -> Tree:
        """Return the files of a commit; they never change, so they are listed, and their reader started, once."""
        if (commit, scope) not in self._trees:
            self._trees[commit, scope] = CommitTree(self._git, self._prefix, commit, scope)
        return self._trees[commit, scope]

    def _followed(self) -> str:
        return f"refs/remotes/{self._named}/{self._branch}"

    def land(self, change: ReleaseCommit) -> Landed | LostRace:
        """Put a commit on the branch's tip, on the remote first, and move what is checked out with it."""
        from mlops_ci.adapters.git.landing import land

        paths = tuple(self._prefix + path for path, _ in change.files)
        if self.head().branch == self._branch:
            self._refuse_edited(change.base, paths)
        files = tuple((self._prefix + path, content) for path, content in change.files)
        return land(self._git, self._branch, self._remote, change, files)

    def landed(self, tip: str, paths: tuple[str, ...]) -> tuple[Landing, ...]:
        """Return the commits up to `tip` that changed one of these files, first to last."""
        places = tuple(self._prefix + path for path in paths)
        said = self._git.run(
            "log", "-z", "--reverse", "--no-show-signature", "--format=%H%n%P%n%ct%n%B", tip, "--", *places
        )
        return tuple(filter(None, map(_landing, said.decode(errors="replace").split("\0"))))

    def follow(self, tip: str) -> None:
        """Move what is checked out along to the tip, if it lacks nothing but releases."""
        from mlops_ci.adapters.git.landing import catch_up, turn

        if self._remote and self.head().branch == self._branch:
            with turn(self._git):
                catch_up(self._git, self._branch, tip)

    def identity(self) -> str:
        """Return `name <email>` as git is configured."""
        who = self._git.line("var", "GIT_COMMITTER_IDENT")
        if not who:
            hint = "git config user.name 'Your Name' && git config user.email you@example.org"
            raise ProviderError("git does not know who you are", hint=hint)
        return who.rsplit(" ", 2)[0]

    def _refuse_edited(self, base: str, paths: tuple[str, ...]) -> None:
        """Raise where a file that we are to write was edited by hand.

        One that is as the tip has it was written by us, and HEAD did not follow: somebody ended git in the middle.
        """
        from mlops_ci.adapters.git.landing import is_as_in, turn

        with turn(self._git):  # what another command of ours is writing just now was not edited by hand
            said = self._git.run("status", "--porcelain", "-z", "--", *paths)
        whole = (entry[3:].decode(errors="replace") for entry in said.split(b"\0") if entry)
        edited = sorted(path.removeprefix(self._prefix) for path in whole if not is_as_in(self._git, base, path))
        if edited:
            raise ManifestError(
                tuple(
                    Diagnostic(
                        "edited-release",
                        Span(path),
                        "this file is written by promotions and deployments, and it was edited here",
                        hint=f"git checkout HEAD -- {path}",
                    )
                    for path in edited
                )
            )


def _landing(entry: str) -> Landing | None:
    """Return the commit that `git log` told; None where it has no parent here."""
    commit, parents, seconds, message = (*entry.split("\n", 3), "", "", "")[:4]
    if not parents:
        return None
    at = datetime.fromtimestamp(int(seconds), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Landing(commit, parents.split(" ")[0], at, message)
