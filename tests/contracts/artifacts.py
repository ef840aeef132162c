"""What every `ArtifactStore` promises; an implementation subclasses `ArtifactsContract` and gives `artifacts`."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mlops_ci.errors import ProviderError
from mlops_ci.ports.stores import ArtifactStore


class ArtifactsContract:
    @pytest.fixture
    def artifacts(self, tmp_path: Path) -> ArtifactStore:
        raise NotImplementedError

    def test_bytes_come_back_under_their_sha256(self, artifacts: ArtifactStore) -> None:
        digest = artifacts.put(b"a model")
        assert digest == hashlib.sha256(b"a model").hexdigest()
        assert artifacts.fetch(digest).read_bytes() == b"a model"

    def test_a_file_is_kept_as_its_bytes_are(self, artifacts: ArtifactStore, tmp_path: Path) -> None:
        source = tmp_path / "model.tar.gz"
        source.write_bytes(b"\0\xff" * 1_500_000)
        digest = artifacts.put(source)
        source.unlink()
        assert artifacts.fetch(digest).read_bytes() == b"\0\xff" * 1_500_000

    def test_keeping_the_same_bytes_twice_keeps_them_once(self, artifacts: ArtifactStore) -> None:
        assert artifacts.put(b"twice") == artifacts.put(b"twice")

    def test_nothing_has_no_bytes(self, artifacts: ArtifactStore) -> None:
        assert artifacts.fetch(artifacts.put(b"")).read_bytes() == b""

    def test_what_was_never_put_is_not_there(self, artifacts: ArtifactStore) -> None:
        digest = hashlib.sha256(b"never").hexdigest()
        assert not artifacts.has(digest)
        with pytest.raises(ProviderError):
            artifacts.fetch(digest)

    def test_what_was_put_is_there(self, artifacts: ArtifactStore) -> None:
        assert artifacts.has(artifacts.put(b"here"))

    @pytest.mark.parametrize("name", ["", "short", "../../etc/passwd", "Z" * 64])
    def test_what_is_no_digest_names_nothing(self, artifacts: ArtifactStore, name: str) -> None:
        assert not artifacts.has(name)
        with pytest.raises(ProviderError):
            artifacts.fetch(name)

    def test_a_missing_source_is_a_provider_error(self, artifacts: ArtifactStore, tmp_path: Path) -> None:
        with pytest.raises(ProviderError):
            artifacts.put(tmp_path / "absent")

    def test_many_who_put_the_same_bytes_at_once_all_succeed(self, artifacts: ArtifactStore) -> None:
        with ThreadPoolExecutor(16) as pool:
            digests = set(pool.map(lambda _: artifacts.put(b"raced" * 1000), range(16)))
        assert len(digests) == 1
        assert artifacts.fetch(digests.pop()).read_bytes() == b"raced" * 1000
