"""The folders that ship with the package: `schemas`, `pipelines` (the examples), `buildspecs`, and `docs` in part.

A wheel holds them inside the package (`mlops_ci/_schemas` ...); in an editable install `package_dir` mappings are not
followed for data files, so they lie beside the package, at the top of the checkout.
"""

from __future__ import annotations

from pathlib import Path


def folder(name: str) -> Path:
    """Return the folder of that name, installed or editable.

    Raises:
        FileNotFoundError: the installation is broken.

    """
    package = Path(__file__).resolve().parent
    for place in (package / f"_{name}", package.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"mlops-ci was installed without its {name}; install it again")
