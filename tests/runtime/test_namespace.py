"""A true /opt/ml of one's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from pathlib import Path
from mlops_ci.runtime.namespace import enter
for folder in sys.argv[1:]:
    print(enter(Path(folder)) or Path("/opt/ml/proof").read_text())
"""


def entered(*folders: Path) -> list[str]:
    for folder in folders:
        folder.mkdir()
        (folder / "proof").write_text(folder.name)
    done = subprocess.run([sys.executable, "-c", SCRIPT, *folders], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_an_opt_ml_that_is_there_already_is_covered_by_ones_own(tmp_path: Path) -> None:
    first, second = entered(tmp_path / "first", tmp_path / "second")
    if first != "first":
        pytest.skip(first)
    assert second == "second"


def test_where_it_cannot_be_the_reason_is_said_and_nothing_has_changed(tmp_path: Path) -> None:
    before = Path("/opt/ml").exists()
    script = """
import sys
from pathlib import Path
from mlops_ci.runtime.namespace import enter
mounts = Path("/proc/self/mountinfo").read_text() if Path("/proc/self").exists() else ""
print(enter(Path(sys.argv[1])))
assert mounts == (Path("/proc/self/mountinfo").read_text() if mounts else "")
"""
    command = [sys.executable, "-c", script, str(tmp_path / "absent")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip()
    assert Path("/opt/ml").exists() is before
