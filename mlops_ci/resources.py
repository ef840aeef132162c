"""The folders that ship with the package: `schemas`, `pipelines` (the examples), `docs` in part, and the files for CI:
`buildspecs`, `workflows` and `actions`.

A wheel holds them inside the package (`mlops_ci/_schemas` ...); in an editable install `package_dir` mappings are not
followed for data files, so they lie beside the package, at the top of the checkout.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

_BESIDE = {"workflows": ".github/workflows", "actions": ".github/actions"}
"""Where a folder lies in a checkout, where that is not by its name at the top."""


def folder(name: str) -> Path:
    """Return the folder of that name, installed or editable.

    Raises:
        FileNotFoundError: the installation is broken.

    """
    package = Path(__file__).resolve().parent
    for place in (package / f"_{name}", package.parent / _BESIDE.get(name, name)):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"mlops-ci was installed without its {name}; install it again")


def state() -> str:
    """Return what changes whenever a file of this package or a schema does: no snapshot outlives our own code."""
    places = [str(Path(__file__).resolve().parent), str(folder("schemas"))]
    found: list[tuple[str, int, int]] = []
    while places:
        with os.scandir(places.pop()) as entries:
            for entry in entries:
                if entry.is_dir():
                    if not entry.name.startswith(("__", "_pipelines", "_buildspecs")):
                        places.append(entry.path)
                elif entry.name.endswith((".py", ".json")):
                    about = entry.stat()
                    found.append((entry.path, about.st_size, about.st_mtime_ns))
    return hashlib.sha256(repr(sorted(found)).encode()).hexdigest()
