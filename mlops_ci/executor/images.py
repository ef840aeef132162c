"""Images on record: the software that a job ran in, as plain JSON and back."""

from __future__ import annotations

from typing import Any

from mlops_ci.model import Framework
from mlops_ci.ports.jobs import Image


def image_from(data: Any) -> Image:  # noqa: ANN401 - parsed JSON
    """Return the image in plain JSON data.

    Raises:
        KeyError, TypeError, ValueError: it is of another form.

    """
    return Image(
        python=data["python"],
        packages=tuple((name, version) for name, version in data["packages"]),
        requirements=data["requirements"],
        reference=data["reference"],
        framework=Framework(**data["framework"]) if data["framework"] else None,
    )
