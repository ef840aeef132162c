"""Making a repository where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mlops_ci.adapters.git.process import Git
from mlops_ci.errors import ProviderError


def branch_of(folder: Path, environment: Mapping[str, str]) -> str | None:
    """Return the release branch of the repository that a folder is in, or None where it is in none.

    It is the remote's default branch where one is known, else the branch that is checked out.
    """
    nearest = next((place for place in (folder, *folder.parents) if place.is_dir()), Path("/"))
    git = Git(nearest, environment)
    if git.line("rev-parse", "--is-inside-work-tree") != "true":
        return None
    default = git.line("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    return default.removeprefix("origin/") or git.line("symbolic-ref", "--quiet", "--short", "HEAD") or "main"


def create(folder: Path, branch: str, paths: tuple[str, ...], environment: Mapping[str, str]) -> str:
    """Return the first commit of a new repository in `folder`, with these files.

    Raises:
        ProviderError: git does not know who commits, or said no.

    """
    git = Git(folder, environment)
    git.run("init", "--quiet", f"--initial-branch={branch}")
    git.run("add", "--", *paths)
    done = git.attempt("commit", "--quiet", "--message", "Start with mlops-ci")
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        if "tell me who you are" in said or "empty ident" in said or "user.email" in said:
            raise ProviderError(
                "git does not know who you are, so the first commit was not made; the files are there",
                hint="git config --global user.name 'Your Name' && git config --global user.email you@example.org "
                "&& git commit -m 'Start with mlops-ci'",
            )
        raise ProviderError(f"git could not make the first commit: {said.splitlines()[-1] if said else ''}")
    return git.line("rev-parse", "HEAD")
