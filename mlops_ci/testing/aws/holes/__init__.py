"""What moto lacks, one file a hole. Each `fill` puts a part that works in its place, and returns how to end it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from mlops_ci.testing.aws.holes import (
    builds,
    empty_values,
    endpoint_configs,
    endpoints,
    images,
    jobs,
    notebooks,
    principals,
    registry,
    search,
    tuning,
)

if TYPE_CHECKING:
    from mlops_ci.testing.aws.loopback import Loopback

Fill: TypeAlias = "Callable[[Loopback], Callable[[], None]]"

HOLES: tuple[Fill, ...] = (
    empty_values.fill,
    jobs.fill,
    tuning.fill,
    endpoints.fill,
    search.fill,
    builds.fill,
    images.fill,
    notebooks.fill,
    principals.fill,
    registry.fill,
    endpoint_configs.fill,
)
