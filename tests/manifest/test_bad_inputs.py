"""A hundred and fifty of the wrong projects of `tests/soak`, in memory; `make soak` tries two thousand, as files."""

from __future__ import annotations

from time import monotonic

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from mlops_ci.manifest import load
from mlops_ci.testing.trees import MemoryTree
from tests.manifest.trees_of_cases import schemas
from tests.soak.bad_inputs import BASE, CANDIDATE, RAW, Bad, bad_projects
from tests.soak.judging import check_told

PHASES = (Phase.explicit, Phase.generate)
"""Shrinking would try large files again and again."""

SECONDS = 20
"""Above what any file may take on a busy machine; without bounds some would take hours."""


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(bad_projects)
def test_whatever_is_wrong_is_told_at_its_place(bad: Bad) -> None:
    started = monotonic()
    check_told(bad.files, load(MemoryTree(bad.files), schemas()).diagnostics)
    assert monotonic() - started < SECONDS, bad.how


@pytest.mark.parametrize("name", RAW)
def test_every_file_that_is_made_to_harm_is_told_at_its_place(name: str) -> None:
    started = monotonic()
    files = {**BASE, CANDIDATE: RAW[name]}
    check_told(files, load(MemoryTree(files), schemas()).diagnostics)
    assert monotonic() - started < SECONDS
