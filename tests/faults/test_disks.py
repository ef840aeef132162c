"""A disk that is full, read-only, somebody else's or on a network: a clear error, nothing half-written, then on."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.files.records import FolderRecords
from mlops_ci.records.codec import decode
from mlops_ci.records.damaged import Damaged
from tests.e2e.tiny import Done, Tiny
from tests.faults.test_turns import bounded
from tests.faults.trial import UNDISTURBED, Fate, end_of, marks, project, suffer

pytestmark = pytest.mark.e2e


def whole(store: Path) -> list[str]:
    """Return what is not whole in a store: records that cannot be read, artifacts with other bytes, drafts."""
    records, artifacts = FolderRecords(store), FolderArtifacts(store)
    wrong = [name for name, content in records.scan("") if isinstance(decode(name, content), Damaged)]
    kept = [path for path in (store / "artifacts").rglob("*") if path.is_file()]
    for path in kept:
        artifacts.fetch(path.name)
    return wrong + [path.name for path in (store / ".tmp").glob("*")]


RECORD = Fate("attempts~training", "ESTALE")
"""A network file system loses a record while it is named."""
MORE = (
    Fate("jobs/training", "EIO"),  # the folder of a job
    Fate("artifacts/sha256", "ENOSPC"),  # the bytes of a model
)


@pytest.mark.parametrize("fate", [RECORD, *(pytest.param(fate, marks=pytest.mark.soak) for fate in MORE)], ids=str)
def test_a_disk_that_refuses_once_is_named_and_the_next_run_ends_the_same(tmp_path: Path, fate: Fate) -> None:
    tiny = project(tmp_path / "p")
    try:
        done, _ = suffer(tiny, fate)
        assert done.code == 69, done.err
        assert "error: " in done.err or "cannot " in done.err
        assert str(fate.at).partition("~")[0].partition("/")[0] in done.err
        assert "hint: " in done.err
        assert whole(tiny.folder / ".mlops-ci/store") == []
        tiny.run("run")
        assert end_of(tiny) == UNDISTURBED
        assert sorted(marks(tiny)) == ["end 0.2", "end 0.45", "start 0.2", "start 0.45"]
    finally:
        tiny.end()


@pytest.mark.soak
def test_a_file_system_without_hard_links_is_as_good(tmp_path: Path) -> None:
    tiny = project(tmp_path / "p")
    try:
        done, _ = suffer(tiny, Fate("os.link", "EPERM", "always"))
        assert done.code == 0, done.err
        assert end_of(tiny) == UNDISTURBED
        assert whole(tiny.folder / ".mlops-ci/store") == []
    finally:
        tiny.end()


def test_a_store_that_is_not_ours_to_write_is_named_and_can_still_be_read(tiny: Tiny) -> None:
    store = tiny.folder / ".mlops-ci/store"
    store.mkdir(parents=True)
    store.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        done = bounded(tiny, "run")
        assert done.code == 69
        assert "Permission denied" in done.err
        assert f"{store}" in done.err
        assert "hint: check who owns the folder" in done.err
        assert bounded(tiny, "plan").code == 0
    finally:
        store.chmod(stat.S_IRWXU)
    assert list(store.rglob("*")) == []


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from mlops_ci.cli.main import main
sys.exit(main(sys.argv[2:]))
"""


def limited(tiny: Tiny, size: int, *arguments: str) -> Done:
    """Return the finished command, none of whose files may be larger than `size` bytes."""
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(size), "-C", str(tiny.folder), *arguments],
        env=tiny.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("size", [200, pytest.param(3000, marks=pytest.mark.soak)])
def test_files_that_may_not_grow_are_told_and_nothing_is_half_written(tiny: Tiny, size: int) -> None:
    done = limited(tiny, size, "run")
    assert done.code in {1, 69}
    assert "hint: " in done.err
    assert whole(tiny.folder / ".mlops-ci/store") == []
    tiny.run("run")
    assert tiny.changes() == []
