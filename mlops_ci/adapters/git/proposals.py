"""Branches of ours on the remote, each one commit that waits to be merged; and tags of what was merged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from mlops_ci.adapters.git.fetching import fetched
from mlops_ci.adapters.git.process import Git, discreet, open_git
from mlops_ci.ports.proposals import Waiting
from mlops_ci.ports.repository import LostRace, ReleaseCommit

_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")
"""What a folder's name may hold, and a part of a branch's name is better without."""


class GitProposals:
    """Implements `ports.Proposals` for the repository that holds the project folder. Opening it asks git nothing."""

    def __init__(self, project: Path, *, remote: str, environment: Mapping[str, str]) -> None:
        self._project = project
        self._named = remote
        self._environment = environment

    @cached_property
    def _opened(self) -> tuple[Git, str]:
        return open_git(self._project, self._environment)

    @cached_property
    def _remote(self) -> str:
        """The remote's name, or an empty string where the repository has none of that name."""
        return self._named if self._named and self._git.line("config", "--get", f"remote.{self._named}.url") else ""

    @property
    def _git(self) -> Git:
        return self._opened[0]

    def branch(self, name: str) -> str:
        """Return the name of the branch; the project's place in the repository is a part of it."""
        places = (_UNFIT.sub("-", part) for part in self._opened[1].split("/") if part)
        return "/".join(("mlops-ci", *places, name))

    def find(self, name: str, tip: str) -> Waiting | None:
        """Return the branch as it is now, or None where there is none."""
        branch = self.branch(name)
        if self._remote and not fetched(self._git, self._remote, branch):
            return None
        place = f"refs/remotes/{self._remote}/{branch}" if self._remote else f"refs/heads/{branch}"
        commit = self._git.line("rev-parse", "--verify", "--quiet", f"{place}^{{commit}}")
        return Waiting(commit, self._git.line("merge-base", commit, tip)) if commit else None

    def put(self, name: str, change: ReleaseCommit, over: str) -> str | LostRace:
        """Have the branch hold one commit over `change.base`, if it holds `over` now."""
        from mlops_ci.adapters.git.landing import committed

        prefix = self._opened[1]
        commit = committed(self._git, change, tuple((prefix + path, content) for path, content in change.files))
        lost = self._move(self.branch(name), commit, over)
        return commit if lost is None else lost

    def drop(self, name: str, over: str) -> None:
        """Remove the branch, if it holds that commit; one that is gone, or was moved, is nobody's error."""
        self._move(self.branch(name), "", over)

    def tag(self, name: str, commit: str, message: str) -> None:
        """Have an annotated tag at a commit, on the remote and here; one that is there already stays as it is."""
        from mlops_ci.adapters.git.landing import refused, tag_object

        made = tag_object(self._git, name, commit, message)
        if self._remote:
            done = self._git.attempt("push", "--quiet", "--porcelain", self._remote, f"{made}:refs/tags/{name}")
            said = discreet(done.stdout + done.stderr).decode(errors="replace")
            if done.returncode and "already exists" not in said:
                hint = f"let this account push tags to `{self._remote}`, then type the command again: nothing is lost"
                raise refused(name, self._remote, said, hint)
        self._git.finish("update-ref", f"refs/tags/{name}", made, "")

    def _move(self, branch: str, commit: str, over: str) -> LostRace | None:
        """Move the branch from one commit to another; an empty one means that there is no such branch."""
        from mlops_ci.adapters.git.landing import raced, refused

        place, remote = f"refs/heads/{branch}", self._remote
        if not remote:
            asked = ("update-ref", place, commit, over) if commit else ("update-ref", "-d", place, over)
            return LostRace(f"`{branch}` moved") if self._git.finish(*asked).returncode else None
        lease = f"--force-with-lease={place}:{over}"
        done = self._git.attempt("push", "--quiet", "--porcelain", lease, remote, f"{commit}:{place}")
        if not done.returncode:
            return None
        said = discreet(done.stdout + done.stderr).decode(errors="replace")
        lost = raced(branch, remote, said)
        if lost is None and not commit and "remote ref does not exist" in said:
            return LostRace(f"`{branch}` is gone from `{remote}`")
        if lost is None:
            hint = (
                f"let this account push branches `mlops-ci/*` to `{remote}`, then type the command again: "
                "nothing is lost"
            )
            raise refused(branch, remote, said, hint)
        return lost
