"""One world a module: moto's state is its process's, so there is never more than one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.testing.aws.serving import worlds


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[worlds.World]:
    with worlds.world(tmp_path_factory.mktemp("aws")) as found:
        yield found
