"""Manifests: YAML files in, frozen models out, or every problem with its place.

Each name is imported from its file when it is asked for: reading a release needs no rule.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlops_ci.manifest.document import Document
    from mlops_ci.manifest.loading import PROJECT_FILE, Loaded, load, load_project

__all__ = ["PROJECT_FILE", "Document", "Loaded", "load", "load_project"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module `{__name__}` has no attribute `{name}`")
    found = globals()[name] = getattr(
        import_module(f"{__name__}.{'document' if name == 'Document' else 'loading'}"), name
    )
    return found
