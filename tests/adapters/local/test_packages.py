from __future__ import annotations

import io
import json
import tarfile
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.local.packages import unpack
from mlops_ci.errors import IntegrityError, ProviderError
from mlops_ci.ports.endpoints import Package
from mlops_ci.runtime.package import read, verify
from tests.packages import a_package, archive


@pytest.fixture
def artifacts(tmp_path: Path) -> FolderArtifacts:
    return FolderArtifacts(tmp_path / "store")


def with_model(artifacts: FolderArtifacts, content: bytes) -> Package:
    return replace(a_package(artifacts), digest="f" * 64, model=artifacts.put(content))


def tar_of(member: tarfile.TarInfo) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        tar.addfile(member, io.BytesIO(b"\0" * member.size))
    return made.getvalue()


def test_a_package_is_its_model_its_code_and_its_description(tmp_path: Path, artifacts: FolderArtifacts) -> None:
    package = a_package(artifacts, "x = 1\n", scale=3, environment={"A": "b"})
    folder = unpack(package, artifacts, tmp_path / "packages")
    assert folder == tmp_path / "packages" / package.digest
    assert json.loads((folder / "model/model.json").read_text()) == {"scale": 3}
    assert (folder / "model/code/inference.py").read_text() == "x = 1\n"
    found = read(folder)
    assert (found.digest, found.entry, found.features) == (package.digest, "inference.py", ("a", "b"))
    assert found.environment == (("A", "b"),)
    verify(folder)


def test_what_is_unpacked_is_used_again_without_the_store(tmp_path: Path, artifacts: FolderArtifacts) -> None:
    package = a_package(artifacts)
    folder = unpack(package, artifacts, tmp_path / "packages")
    inode = folder.stat().st_ino
    assert unpack(package, FolderArtifacts(tmp_path / "empty"), tmp_path / "packages").stat().st_ino == inode


def test_what_was_changed_since_is_made_anew(tmp_path: Path, artifacts: FolderArtifacts) -> None:
    package = a_package(artifacts, "x = 1\n")
    script = unpack(package, artifacts, tmp_path / "packages") / "model/code/inference.py"
    script.chmod(0o644)
    script.write_text("x = 2\n")
    unpack(package, artifacts, tmp_path / "packages")
    assert script.read_text() == "x = 1\n"
    assert [path.name for path in (tmp_path / "packages").iterdir()] == [package.digest]


def test_code_that_training_put_beside_the_model_is_not_what_serves(tmp_path: Path, artifacts: FolderArtifacts) -> None:
    content = archive({"model.json": "{}", "code/inference.py": "old = 1\n", "code/more.py": "old = 2\n"})
    folder = unpack(with_model(artifacts, content), artifacts, tmp_path / "packages")
    assert [path.name for path in (folder / "model/code").iterdir()] == ["inference.py"]
    assert "old" not in (folder / "model/code/inference.py").read_text()
    verify(folder)


def a_member(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    return member


@pytest.mark.parametrize(
    "member",
    [
        a_member("../outside", tarfile.REGTYPE),
        a_member("a/../../outside", tarfile.REGTYPE),
        a_member("/tmp/outside", tarfile.REGTYPE),  # noqa: S108 - a path that must be refused
        a_member("link", tarfile.SYMTYPE, "/etc/passwd"),
        a_member("link", tarfile.LNKTYPE, "../../store"),
        a_member("device", tarfile.CHRTYPE),
        a_member("pipe", tarfile.FIFOTYPE),
    ],
)
def test_what_could_leave_the_folder_is_refused_and_nothing_is_left_behind(
    tmp_path: Path, artifacts: FolderArtifacts, member: tarfile.TarInfo
) -> None:
    with pytest.raises(ProviderError, match=member.name):
        unpack(with_model(artifacts, tar_of(member)), artifacts, tmp_path / "packages")
    assert list((tmp_path / "packages").iterdir()) == []
    assert not (tmp_path / "outside").exists()


def test_an_archive_that_grows_too_large_is_refused(tmp_path: Path, artifacts: FolderArtifacts) -> None:
    member = tarfile.TarInfo("zeros")
    member.size = 2_000_000
    with pytest.raises(ProviderError, match="more than 1000000 bytes"):
        unpack(with_model(artifacts, tar_of(member)), artifacts, tmp_path / "packages", size_limit=1_000_000)


@pytest.mark.parametrize("content", [b"no archive", archive({"model.json": "{}" * 5000})[:-30]], ids=["text", "cut"])
def test_what_is_no_whole_archive_is_damaged(tmp_path: Path, artifacts: FolderArtifacts, content: bytes) -> None:
    with pytest.raises(IntegrityError):
        unpack(with_model(artifacts, content), artifacts, tmp_path / "packages")
    assert list((tmp_path / "packages").iterdir()) == []


def test_many_who_unpack_at_once_get_one_whole_folder(tmp_path: Path, artifacts: FolderArtifacts) -> None:
    package = a_package(artifacts)
    found: list[Path] = []
    threads = [
        threading.Thread(target=lambda: found.append(unpack(package, artifacts, tmp_path / "packages")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [tmp_path / "packages" / package.digest] * 8
    verify(found[0])
    assert len(list((tmp_path / "packages").iterdir())) == 1
