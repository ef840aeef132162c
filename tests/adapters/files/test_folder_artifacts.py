"""Artifacts in a folder."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.errors import IntegrityError, ProviderError
from mlops_ci.ports.stores import ArtifactStore
from tests.contracts.artifacts import ArtifactsContract


class TestFolderArtifacts(ArtifactsContract):
    @pytest.fixture
    def artifacts(self, tmp_path: Path) -> ArtifactStore:
        return FolderArtifacts(tmp_path / "store")


def test_a_changed_byte_is_refused_with_the_file_both_digests_and_a_hint(tmp_path: Path) -> None:
    artifacts = FolderArtifacts(tmp_path)
    digest = artifacts.put(b"a model")
    place = artifacts.fetch(digest)
    place.chmod(0o644)
    place.write_bytes(b"a modem")
    with pytest.raises(IntegrityError) as caught:
        artifacts.fetch(digest)
    for part in (str(place), digest, hashlib.sha256(b"a modem").hexdigest()):
        assert part in caught.value.summary
    assert "train --replace" in caught.value.hint


def test_putting_the_good_bytes_again_repairs_a_damaged_artifact(tmp_path: Path) -> None:
    artifacts = FolderArtifacts(tmp_path)
    place = artifacts.fetch(artifacts.put(b"a model"))
    place.chmod(0o644)
    place.write_bytes(b"a modem")
    assert artifacts.fetch(artifacts.put(b"a model")).read_bytes() == b"a model"


def test_files_are_read_only_and_nothing_temporary_is_left(tmp_path: Path) -> None:
    artifacts = FolderArtifacts(tmp_path)
    artifacts.put(b"a model")
    place = artifacts.fetch(artifacts.put(b"a model"))
    assert place.stat().st_mode & 0o777 == 0o444
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == {place, tmp_path / "format.json"}


def test_a_source_that_ends_in_an_error_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ProviderError) as caught:
        FolderArtifacts(tmp_path / "store").put(tmp_path)
    assert str(tmp_path) in caught.value.summary
    assert not [path for path in (tmp_path / "store").rglob("*") if path.is_file()]


def test_a_store_that_stands_on_a_file_is_a_provider_error_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("not a folder")
    with pytest.raises(ProviderError) as caught:
        FolderArtifacts(tmp_path / "store").put(b"a model")
    assert "store" in caught.value.summary
    assert "move it away" in caught.value.hint


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_a_provider_error_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The only part that is not real: where the draft's bytes go.
    monkeypatch.setattr("tempfile.mkstemp", lambda **at: (os.open("/dev/full", os.O_WRONLY), f"{at['dir']}/draft"))
    with pytest.raises(ProviderError) as caught:
        FolderArtifacts(tmp_path).put(b"a model")
    assert "disk is full" in caught.value.hint
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
