"""Scalars of a manifest as the strings that a script is given."""

from __future__ import annotations

from mlops_ci.fingerprint.canonical import canonical
from mlops_ci.model import Scalar


def text(value: Scalar) -> str:
    """Return a scalar as SageMaker sends it: JSON, but for strings, which stay as they are."""
    return value if isinstance(value, str) else canonical(value)
