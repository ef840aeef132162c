"""What a repository says of itself before there is a project in it: its top, its remotes, where a commit is known."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mlops_ci.adapters.git.process import Git
from mlops_ci.adapters.git.remotes import public


def top_of(folder: Path, environment: Mapping[str, str]) -> Path | None:
    """Return the top of the repository that a folder is or will be in, without links; None where there is none."""
    nearest = next((place for place in (folder, *folder.parents) if place.is_dir()), Path("/"))
    top = Git(nearest, environment).line("rev-parse", "--show-toplevel")
    return Path(top).resolve() if top else None


def address_of(folder: Path, remote: str, environment: Mapping[str, str]) -> str | None:
    """Return a remote's address without credentials: None where there is no such remote, empty for one on this disk."""
    said = Git(folder, environment).line("config", "--get", f"remote.{remote}.url")
    return public(said) if said else None


def branch_exists(folder: Path, branch: str, environment: Mapping[str, str]) -> bool:
    """Return whether a branch is there, or is the one that the first commit will make."""
    git = Git(folder, environment)
    is_next = git.line("symbolic-ref", "--quiet", "HEAD") == f"refs/heads/{branch}"
    return is_next or bool(git.line("for-each-ref", "--count=1", f"refs/heads/{branch}", f"refs/remotes/*/{branch}"))


def published(checkout: Path, environment: Mapping[str, str]) -> tuple[str, str]:
    """Return the address of a checkout's `origin` and its commit, both empty where that remote does not have it."""
    git = Git(checkout, environment)
    commit = git.line("rev-parse", "HEAD")
    address = address_of(checkout, "origin", environment)
    if not commit or not address or not git.line("branch", "--remotes", "--contains", commit):
        return "", ""
    return address, commit
