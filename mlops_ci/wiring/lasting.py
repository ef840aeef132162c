"""What is known of the machine that a command works on: whether it is thrown away, and what lies in the checkout."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mlops_ci.commands.lasting import Whereabouts
from mlops_ci.errors import ProviderError
from mlops_ci.executor.world import World
from mlops_ci.model.address import address_of
from mlops_ci.model.project import LOCAL
from mlops_ci.wiring.place import Place, find
from mlops_ci.wiring.state import VARIABLE

STAYS = "MLOPS_CI_STORE_STAYS"
"""Says that a store stays, whatever it looks like."""


def whereabouts(place: Place, world: World) -> Whereabouts:
    """Return where a command works.

    Raises:
        ProviderError: the checkout or the store's folder cannot be looked at.

    """
    environment, project = place.environment, find(place.folder)
    is_folder = address_of(world.target.store) is None
    store = project / world.target.store
    machine = thrown_away(environment)
    in_ci = bool(machine) or environment.get("GITHUB_ACTIONS") == "true"
    return Whereabouts(
        machine=machine,
        store=world.target.store if is_folder else "",
        shares_disk=bool(machine) and is_folder and device(store) == device(project),
        is_vouched=environment.get(STAYS, "") not in {"", "0"},
        serves_in_checkout=in_ci and world.target.kind == LOCAL and not environment.get(VARIABLE),
    )


def thrown_away(environment: Mapping[str, str]) -> str:
    """Return what this machine is where it does not outlive the job, in words; empty where nothing says so."""
    if environment.get("RUNNER_ENVIRONMENT") == "github-hosted":
        return "a runner that GitHub hosts"
    return "a build container of CodeBuild" if environment.get("CODEBUILD_BUILD_ID") else ""


def device(folder: Path) -> int:
    """Return the number of the file system that a folder lies on, or would lie on where it is not made yet.

    Raises:
        ProviderError: it cannot be looked at.

    """
    place = folder.absolute()
    while True:
        try:
            return place.stat().st_dev
        except (FileNotFoundError, NotADirectoryError):
            place = place.parent
        except OSError as error:
            raise ProviderError(f"`{place}` cannot be looked at: {error.strerror}", hint="mlops-ci doctor") from error
