"""Where a project begins: the repository around it, and where this mlops-ci came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlops_ci.adapters.git.remotes import public
from mlops_ci.adapters.git.surroundings import address_of, branch_exists, published, top_of
from mlops_ci.commands.ci_package import Origin, origin_of


@dataclass(frozen=True, slots=True)
class Ground:
    """The repository that a folder is in, or will be: its top, and the folder's place in it (`.`: the top itself)."""

    top: Path
    place: str
    is_repository: bool


@dataclass(frozen=True, slots=True)
class Far:
    """What is known of a remote and a branch; `address` is None without such a remote, empty for one on this disk."""

    address: str | None
    is_branch_there: bool


def ground(folder: Path, environment: Mapping[str, str]) -> Ground:
    """Return the repository that a folder is in; where it is in none, the one that it will be the top of."""
    real = folder.resolve()
    top = top_of(real, environment)
    return Ground(top or real, real.relative_to(top).as_posix() if top else ".", top is not None)


def far(folder: Path, remote: str, branch: str, environment: Mapping[str, str]) -> Far:
    """Return what the repository of a folder knows of a remote and of a branch."""
    return Far(address_of(folder, remote, environment), branch_exists(folder, branch, environment))


def own_origin(environment: Mapping[str, str]) -> Origin:
    """Return where this mlops-ci can be installed from again; empty where nobody but this machine knows."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        found = origin_of(distribution("mlops-ci").read_text("direct_url.json") or "")
    except PackageNotFoundError:
        found = Origin()
    if found.commit:
        return Origin(public(found.address), found.commit)
    checkout = Path(__file__).resolve().parents[2]
    return Origin(*published(checkout, environment)) if (checkout / ".git").exists() else Origin()
