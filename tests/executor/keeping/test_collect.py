"""Taking out of a store what nothing needs."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.files.records import FolderRecords
from mlops_ci.executor.keeping.check import check
from mlops_ci.executor.keeping.collect import Asked, Found, Kind, find, take_out
from mlops_ci.ports.upkeep import Site, SiteKind
from mlops_ci.records.retention import Needed
from tests.executor.keeping.stores import NoSites, aged, digests, names, path_of, training, upkeep_of

TINY = Needed(frozenset(), frozenset({"tiny"}))
MONTH = Asked(timedelta(days=30), None)
NOTHING = Asked(None, None)

AGAIN = """
import sys
from datetime import timedelta
from pathlib import Path
from tests.executor.keeping.stores import upkeep_of
from tests.executor.keeping.test_collect import MONTH, TINY
from mlops_ci.executor.keeping.collect import find, take_out
upkeep = upkeep_of(Path(sys.argv[1]), Path(sys.argv[2]))
print("began", flush=True)
for _ in take_out(upkeep, find(upkeep, TINY, MONTH)):
    pass
"""


def found(store: Path, asked: Asked = MONTH, needed: Needed = TINY) -> Found:
    return find(upkeep_of(store, store.parent), needed, asked)


def collected(store: Path, asked: Asked = MONTH, needed: Needed = TINY) -> list[str]:
    """Take out what may go, and return what is gone."""
    upkeep = upkeep_of(store, store.parent)
    return [removal.name for removal in take_out(upkeep, find(upkeep, needed, asked))]


def is_clean(store: Path) -> bool:
    return check(upkeep_of(store, store.parent), lambda _: None).is_clean


def test_records_go_first_then_the_artifacts_that_no_other_record_names(tmp_path: Path) -> None:
    store = tmp_path / "store"
    old, young = training(store, 1, day=1), training(store, 2, day=31)
    aged(store)
    before = found(store)
    assert [removal.kind for removal in before.removals] == [Kind.RECORD] * 3 + [Kind.ARTIFACT] * 2
    assert before.kept == 3
    assert before.size == sum(removal.size for removal in before.removals) > 0
    assert {*collected(store)} == {fact.name for fact in old} | {digest for _, digest in old[1].artifacts}
    assert {*names(store)} == {fact.name for fact in young}
    assert FolderArtifacts(store).has(young[2].code), "two trainings share their code"
    assert is_clean(store)
    assert collected(store) == []


def test_looking_takes_nothing_out(tmp_path: Path) -> None:
    store = tmp_path / "store"
    training(store, 1)
    aged(store)
    before = sorted(path for path in store.rglob("*"))
    assert found(store).removals
    assert sorted(path for path in store.rglob("*")) == before


def test_without_an_age_or_a_count_only_what_no_record_names_goes(tmp_path: Path) -> None:
    store = tmp_path / "store"
    training(store, 1)
    orphan = FolderArtifacts(store).put(b"nobody's")
    (store / ".tmp" / "left").write_bytes(b"half of something")
    aged(store)
    assert collected(store, NOTHING) == [orphan, ".tmp/left"]
    assert len(names(store)) == 3
    assert not (store / ".tmp" / "left").exists()


def test_nothing_younger_than_a_day_goes(tmp_path: Path) -> None:
    store = tmp_path / "store"
    training(store, 1)
    FolderArtifacts(store).put(b"nobody's yet")
    (store / ".tmp" / "left").write_bytes(b"being written")
    aged(store, "2026-02-28T12:00:00+00:00")
    assert found(store).removals == ()


def test_an_artifact_that_is_put_again_meanwhile_stays(tmp_path: Path) -> None:
    store = tmp_path / "store"
    orphan = FolderArtifacts(store).put(b"nobody's")
    aged(store)
    upkeep = upkeep_of(store, tmp_path)
    looked = find(upkeep, TINY, NOTHING)
    FolderArtifacts(store).put(b"nobody's")  # somebody is about to record it
    assert [removal.name for removal in take_out(upkeep, looked)] == []
    assert FolderArtifacts(store).fetch(orphan).read_bytes() == b"nobody's"


def test_an_artifact_that_a_record_names_meanwhile_stays(tmp_path: Path) -> None:
    store = tmp_path / "store"
    FolderArtifacts(store).put(b"model 1")
    aged(store)
    upkeep = upkeep_of(store, tmp_path)
    looked = find(upkeep, TINY, NOTHING)
    training(store, 1)
    aged(store)
    assert list(take_out(upkeep, looked)) == []
    assert is_clean(store)


def test_what_a_release_names_stays_and_so_do_other_models_and_private_releases(tmp_path: Path) -> None:
    store = tmp_path / "store"
    released, private, foreign = training(store, 1), training(store, 2), training(store, 3, model="theirs")
    text = f'{{"files": {{"release.yaml": "package: {private[2].package}"}}, "message": "", "tag": ""}}'
    FolderRecords(store).put("@releases/00000001", text.encode())
    aged(store)
    needed = replace(TINY, digests=frozenset({released[2].package}))
    looked = found(store, needed=needed)
    assert looked.removals == ()
    assert looked.strangers == ("theirs",)
    assert foreign[0].name in names(store)


def test_what_a_record_names_that_cannot_be_read_stays(tmp_path: Path) -> None:
    store = tmp_path / "store"
    kept = FolderArtifacts(store).put(b"a model of tomorrow")
    FolderRecords(store).put(
        "tiny/attempts/x/finished", b'{"format": 99, "artifacts": [["model", "%s"]]}' % kept.encode()
    )
    FolderRecords(store).put("tiny/seen/broken", b"{ %s" % FolderArtifacts(store).put(b"more").encode())
    aged(store)
    assert found(store).removals == ()


def test_what_a_pull_request_kept_goes_with_age_as_a_whole(tmp_path: Path) -> None:
    store = tmp_path / "store"
    training(store, 1, day=31)
    training(store / "pr/7", 2)
    aged(store / "pr/7", "2026-01-01T00:00:00+00:00")
    os.utime(store / "pr/7", (0, 0))
    training(store / "pr/8", 3)
    assert collected(store, NOTHING) == []
    assert [removal for removal in collected(store) if removal in {"7", "8"}] == ["7"]
    assert [path.name for path in (store / "pr").iterdir()] == ["8"]


def test_folders_of_jobs_go_when_their_end_is_on_record(tmp_path: Path) -> None:
    store = tmp_path / "store"
    intent, _, _ = training(store, 1, day=31)
    begun = replace(intent, attempt=2)
    FolderRecords(store).put(begun.name, b"{}")
    aged(store)
    removed: list[str] = []

    class Sites(NoSites):
        def idle(self) -> Iterator[Site]:
            for name in (intent.key, begun.key, "training-gone-1"):
                yield Site(SiteKind.JOB, name, f"/{name}", 10, 0.0)
            yield Site(SiteKind.PACKAGE, "a" * 64, "/a", 10, 0.0)
            yield Site(SiteKind.DATASET, "b" * 64, "/b", 10, 0.0)
            yield Site(SiteKind.PULL_REQUEST, "7", "/7", 10, 0.0)
            yield Site(SiteKind.DATASET, "c" * 64, "/c", 10, time.time())

        def remove(self, site: Site) -> None:
            removed.append(site.name)

    upkeep = replace(upkeep_of(store, tmp_path), worksites=Sites())
    for _ in take_out(upkeep, find(upkeep, TINY, NOTHING)):
        pass
    assert removed == [intent.key, "training-gone-1", "a" * 64, "b" * 64]
    assert "7" in {site.name for site in find(upkeep, TINY, MONTH).sites}, "with an age alone"


def test_whoever_is_killed_in_between_leaves_a_clean_store_and_the_next_goes_on(tmp_path: Path) -> None:
    store = tmp_path / "store"
    for number in range(1, 120):
        training(store, number)
    kept = training(store, 500, day=31)
    aged(store)
    for pause in (0.05, 0.1, 0.15, 0.2):
        collecting = subprocess.Popen([sys.executable, "-c", AGAIN, str(store), str(tmp_path)], stdout=subprocess.PIPE)
        assert collecting.stdout
        collecting.stdout.readline()
        time.sleep(pause)
        collecting.send_signal(signal.SIGKILL)
        collecting.wait()
        collecting.stdout.close()
        assert is_clean(store)
    upkeep = upkeep_of(store, tmp_path)
    upkeep.pruning.restore()
    collected(store)
    assert {*names(store)} == {fact.name for fact in kept}
    assert len(digests(store)) == 3


def test_an_artifact_that_was_moved_aside_when_somebody_was_killed_comes_back(tmp_path: Path) -> None:
    store = tmp_path / "store"
    _, ended, _ = training(store, 1)
    place = path_of(store, ended.artifact("model"))
    shutil.move(place, store / ".tmp" / f"gc-{place.name}")
    assert not is_clean(store)
    upkeep_of(store, tmp_path).pruning.restore()
    assert is_clean(store)


@pytest.mark.parametrize("path", ["records/tiny/x", ".tmp/../format.json", ".tmp/", "format.json", "../x"])
def test_a_path_that_is_no_half_written_file_is_never_removed(tmp_path: Path, path: str) -> None:
    store = tmp_path / "store"
    training(store, 1)
    (tmp_path / "x").touch()
    before = sorted(tmp_path.rglob("*"))
    upkeep_of(store, tmp_path).pruning.remove_draft(path)
    assert sorted(tmp_path.rglob("*")) == before
