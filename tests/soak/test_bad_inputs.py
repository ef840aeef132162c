"""Two thousand wrong projects, each written to disk and given to the command: 65, located, no traceback, in bounds."""

from __future__ import annotations

import io
import json
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from time import monotonic

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from mlops_ci.cli.main import main
from tests.soak.bad_inputs import BASE, Bad, bad_projects
from tests.soak.judging import write

pytestmark = pytest.mark.soak

SECONDS = 60
GROWTH = 512 << 20
"""Bytes by which the process may grow over all examples."""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the top of an empty repository; the projects stand in `place/` of it, one after the other."""
    top = tmp_path_factory.mktemp("soak")
    subprocess.run(["git", "init", "-q", "-b", "main", top], check=True)
    return top


@contextmanager
def quiet_signals() -> Iterator[None]:
    """Give back what the command does with signals."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def validate(folder: Path) -> tuple[int, str, str]:
    """Return exit code, stdout and stderr of `validate`."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), quiet_signals():
        code = main(["-C", str(folder), "validate", "--format", "json"])
    return code, out.getvalue(), err.getvalue()


def peak() -> int:
    """Return the most memory that this process ever had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def test_the_project_that_is_made_wrong_is_right(repository: Path) -> None:
    write(repository / "right", BASE)
    code, out, err = validate(repository / "right")
    assert (code, json.loads(out)["diagnostics"], err) == (0, [], "")


def test_two_thousand_wrong_projects_are_told(repository: Path) -> None:
    seen: list[str] = []
    before = peak()

    @settings(
        max_examples=2000, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate),
    )  # fmt: skip
    @given(bad_projects)
    def tell(bad: Bad) -> None:
        place = repository / "place"
        shutil.rmtree(place, ignore_errors=True)
        write(place, bad.files)
        started = monotonic()
        code, out, err = validate(place)
        assert code == 65, (bad.how, out, err)
        assert "Traceback" not in err
        told = json.loads(out)["diagnostics"]
        assert told
        for problem in told:
            assert os.path.lexists(place / problem["path"]), problem
        assert monotonic() - started < SECONDS, bad.how
        seen.append(bad.how)

    tell()
    assert len(seen) >= 2000
    assert peak() - before < GROWTH
