"""The composition root: the only place that knows which adapters exist.

Each name is imported from its file when it is asked for: a plan of which nothing changed wires little.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlops_ci.wiring.batching import batch_files
    from mlops_ci.wiring.doctoring import far_findings
    from mlops_ci.wiring.glancing import glance
    from mlops_ci.wiring.keeping import upkeep_of
    from mlops_ci.wiring.lasting import whereabouts
    from mlops_ci.wiring.noting import desk_of
    from mlops_ci.wiring.place import (
        Place,
        cores,
        find,
        first_commit,
        pull_request,
        release_branch,
        repository_root,
        schemas,
    )
    from mlops_ci.wiring.reviewing import reviews
    from mlops_ci.wiring.worlds import bring_up_to_date, build_world

__all__ = [
    "Place", "batch_files", "bring_up_to_date", "build_world", "cores", "desk_of", "far_findings", "find",
    "first_commit", "glance", "pull_request", "release_branch", "repository_root", "reviews", "schemas", "upkeep_of",
    "whereabouts",
]  # fmt: skip
_PLACES = {
    "batching": "batch_files",
    "doctoring": "far_findings",
    "glancing": "glance",
    "keeping": "upkeep_of",
    "lasting": "whereabouts",
    "noting": "desk_of",
    "place": "Place cores find first_commit pull_request release_branch repository_root schemas",
    "reviewing": "reviews",
    "worlds": "bring_up_to_date build_world",
}
_PLACE_OF = {name: place for place, names in _PLACES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    if name not in _PLACE_OF:
        raise AttributeError(f"module `{__name__}` has no attribute `{name}`")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_PLACE_OF[name]}"), name)
    return found
