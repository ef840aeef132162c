"""What the three kinds of jobs have in common: a command, variables, and files it shall make."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_ci.model import Framework
from mlops_ci.ports.jobs import Image

Variables = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A folder in the making: `draft` is filled now, `folder` is where it will be when the job runs."""

    key: str
    draft: Path
    folder: Path


@dataclass(frozen=True, slots=True)
class Product:
    """An artifact a job shall make: a file, or a folder that is packed. `place` is relative to the job's folder."""

    name: str
    place: str
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Work:
    """What is run, every path as the job sees it.

    `contract` are variables of ours whose values may be paths below /opt/ml, `environment` the user's own.
    `max_runtime` in seconds; `metrics` are (name, regular expression).
    """

    command: tuple[str, ...]
    cwd: str
    contract: Variables
    environment: Variables
    max_runtime: int
    products: tuple[Product, ...]
    image: Image | None = None
    metrics: Variables = ()


def image_from(data: dict[str, Any] | None) -> Image | None:
    """Return the image that `plain` wrote."""
    if data is None:
        return None
    packages = tuple((name, version) for name, version in data["packages"])
    framework = Framework(**data["framework"]) if data["framework"] else None
    return Image(data["python"], packages, data["requirements"], data["reference"], framework)
