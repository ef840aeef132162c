"""A bare git repository, as the server that keeps it works in it."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_WHO = {"NAME": "GitHub", "EMAIL": "noreply@github.com"}


class Conflict(Exception):  # noqa: N818 - named after what was found
    """Two commits do not merge by themselves."""


@dataclass(frozen=True, slots=True)
class Bare:
    """The repository at `path`. Hooks run for those who push, and not for what is done here."""

    path: Path

    @classmethod
    def make(cls, path: Path, branch: str) -> Bare:
        """Return the repository at a path, made where there is none."""
        bare = cls(path)
        if not (path / "HEAD").exists():
            path.mkdir(parents=True, exist_ok=True)
            bare.git("init", "--quiet", "--bare", f"--initial-branch={branch}", ".")
        # As GitHub does, any commit of a pull request may be asked for by its name.
        bare.git("config", "uploadpack.allowAnySHA1InWant", "true")
        bare.git("config", "http.receivepack", "true")
        return bare

    def git(self, *words: str, at: Path | None = None, given: str | None = None) -> str:
        """Return what git says, without the last line end; raises CalledProcessError."""
        identity = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in _WHO.items()}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        done = subprocess.run(
            ["git", *words],
            cwd=at or self.path,
            env={**kept, **identity, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"},
            input=given,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.rstrip("\n")

    def rev(self, name: str) -> str:
        """Return the commit that a name means; empty where there is none."""
        try:
            return self.git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        except subprocess.CalledProcessError:
            return ""

    def branch(self, name: str) -> str:
        """Return the commit of a branch; empty where there is none."""
        return self.rev(f"refs/heads/{name}")

    def branches(self) -> dict[str, str]:
        """Return the commit of every branch."""
        lines = self.git("for-each-ref", "--format=%(objectname) %(refname:lstrip=2)", "refs/heads").splitlines()
        return {name: commit for commit, _, name in (line.partition(" ") for line in lines)}

    def has(self, ancestor: str, commit: str) -> bool:
        """Return whether a commit has another one in its history."""
        try:
            self.git("merge-base", "--is-ancestor", ancestor, commit)
        except subprocess.CalledProcessError:
            return False
        return True

    def log(self, since: str, until: str) -> Sequence[str]:
        """Return the commits of `until` that `since` does not have, the oldest first."""
        return self.git("rev-list", "--reverse", f"{since}..{until}").split()

    def point(self, ref: str, commit: str, old: str = "") -> None:
        """Move a reference; raises CalledProcessError where it is not at `old` any more."""
        self.git("update-ref", ref, commit, *([old] if old else []))

    def take(self, other: Bare, commit: str) -> None:
        """Have a commit of another repository here too."""
        if other.path != self.path and not self.rev(commit):
            self.git("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", str(other.path), commit)

    def merged(self, base: str, head: str, message: str, parents: Sequence[str]) -> str:
        """Return a new commit that has what both have.

        Raises:
            Conflict: they do not merge.

        """
        try:
            tree = self.git("merge-tree", "--write-tree", base, head).partition("\n")[0]
        except subprocess.CalledProcessError as error:
            raise Conflict(error.stdout) from error
        return self.git("commit-tree", tree, *(word for parent in parents for word in ("-p", parent)), given=message)

    def rebased(self, base: str, head: str) -> str:
        """Return the last of the commits of `head`, made anew on `base`; raises Conflict."""
        with tempfile.TemporaryDirectory(prefix="mlops-ci-github-") as folder:
            place = Path(folder) / "tree"
            self.git("worktree", "add", "--quiet", "--detach", str(place), head)
            try:
                self.git("rebase", "--quiet", "--force-rebase", base, at=place)
                return self.git("rev-parse", "HEAD", at=place)
            except subprocess.CalledProcessError as error:
                raise Conflict(error.stdout) from error
            finally:
                self.git("worktree", "remove", "--force", str(place))
