"""What goes wrong beneath: records, artifacts, the release and the disk are damaged or full; nothing is lost."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.tiny import Tiny

pytestmark = pytest.mark.e2e


def test_a_changed_byte_in_the_store_is_refused_by_name(tiny: Tiny, tmp_path: Path) -> None:
    tiny.run("run")
    package = tiny.champion()["package"]
    said = (tiny.folder / f".mlops-ci/store/records/tiny/packages~{package}").read_text()
    digest = re.findall(r'"artifact": "(\w{64})"', said)[0]
    damaged = tiny.folder / f".mlops-ci/store/artifacts/sha256/{digest[:2]}/{digest}"
    whole = damaged.read_bytes()
    damaged.chmod(0o644)
    damaged.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    done = tiny.run("pull", "tiny", "--output", str(tmp_path / "pulled"), code=69)
    assert digest in done.err
    assert "hint:" in done.err.splitlines()[-1]
    assert not (tmp_path / "pulled").exists()
    tiny.run("destroy", "staging", "tiny", "--yes")
    shutil.rmtree(tiny.folder / ".mlops-ci/packages/" / package)
    done = tiny.run("run", code=69)
    assert digest in done.err
    assert tiny.ask("production") == (200, "[1.0]", "tiny/v1")
    damaged.write_bytes(whole)
    tiny.run("run")
    assert tiny.ask("staging") == (200, "[1.0]", "tiny/v1")
    (tmp_path / "pulled").mkdir()
    (tmp_path / "pulled/mine").touch()
    assert "not empty" in tiny.run("pull", "tiny", "--output", str(tmp_path / "pulled"), code=64).err
    (tmp_path / "file").touch()
    assert "cannot write" in tiny.run("pull", "tiny", "--output", str(tmp_path / "file/below"), code=69).err


def test_a_locally_edited_release_is_refused_and_nothing_is_lost(tiny: Tiny) -> None:
    tiny.run("run")
    place = tiny.folder / "pipelines/tiny/release.yaml"
    whole = place.read_text()
    tiny.replace("candidates/low.yaml", "0.2", "0.5")
    tiny.push("raise the cut")
    place.write_text(whole + "# mine\n")
    done = tiny.run("rollback", "production", "tiny", "--to", "v1", code=65)
    assert "error[edited-release]" in done.err
    assert "hint: git checkout HEAD -- pipelines/tiny/release.yaml" in done.err
    tiny.run("run", code=65)
    assert place.read_text() == whole + "# mine\n"
    tiny.git("checkout", "HEAD", "--", "pipelines/tiny/release.yaml")
    tiny.run("run")
    assert tiny.attempts() == 3
    assert tiny.champion()["version"] == 2


def test_records_that_are_damaged_or_misplaced_are_named_and_passed_over(tiny: Tiny) -> None:
    tiny.run("run")
    records = tiny.folder / ".mlops-ci/store/records/tiny"
    one = next(path for path in records.rglob("*") if path.name.startswith("gates~"))
    (records / "junk").write_text("{}")
    (records / "evaluations~moved").write_bytes(one.read_bytes())
    one.chmod(0o644)
    one.write_text("{not JSON")
    for verb in ("plan", "status", "history", "leaderboard"):
        done = tiny.run(verb, "--json")
        assert done.json()["format_version"] == 1
        assert done.err.count("warning[damaged-record]") == 3
        assert str(one.relative_to(records)) in done.err
        assert done.err.splitlines()[-1].startswith("hint: delete")
    assert tiny.changes() == []


@pytest.fixture
def small_disk(tiny: Tiny) -> Iterator[Path]:
    """A store on a disk of its own, of 64 KiB."""
    store = tiny.folder / ".mlops-ci/store"
    store.mkdir(parents=True)
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(store)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("only root may mount a disk")
    yield store
    tiny.end()
    subprocess.run(["umount", "-l", str(store)], check=True)


def test_a_full_and_then_a_read_only_store_lose_nothing(tiny: Tiny, small_disk: Path) -> None:
    (small_disk / "filler").write_bytes(bytes(44_000))
    done = tiny.run("run", code=69)
    assert "No space left on device" in done.err
    assert "hint: the disk is full" in done.err
    (small_disk / "filler").unlink()
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    tiny.run("run")
    assert tiny.attempts() == 2
    assert tiny.changes() == []
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for verb in ("plan", "status", "run"):
        tiny.run(verb)
    tiny.replace("candidates/low.yaml", "0.2", "0.5")
    tiny.push("raise the cut")
    assert "Read-only file system" in tiny.run("run", code=69).err
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    tiny.run("run")
    assert tiny.attempts() == 3
    assert tiny.ask("production")[2] == "tiny/v2"
