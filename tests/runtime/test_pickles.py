"""A pickle is code: it is loaded out of a package whose bytes were verified right before, or not at all."""

from __future__ import annotations

import hashlib
import json
import pickle
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.local.packages import unpack
from mlops_ci.errors import IntegrityError
from mlops_ci.ports.endpoints import Package
from mlops_ci.ports.jobs import Image
from tests.packages import archive

CODE = """\
import os, pickle
def model_fn(model_dir):
    with open(os.path.join(model_dir, "model.pkl"), "rb") as stream:
        return pickle.load(stream)
def input_fn(data, content_type):
    return data.splitlines()
def predict_fn(rows, model):
    return [model["answer"] for _ in rows]
"""


class Harm:
    """What a pickle can do: leave a file behind when it is loaded."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.mark,)


@pytest.fixture
def artifacts(tmp_path: Path) -> FolderArtifacts:
    return FolderArtifacts(tmp_path / "store")


def a_package(artifacts: FolderArtifacts) -> Package:
    model = artifacts.put(archive({"model.pkl": pickle.dumps({"answer": 42})}))
    code = artifacts.put(archive({"inference.py": CODE}))
    return Package(hashlib.sha256(b"pickled").hexdigest(), model, code, "inference.py", Image(), (), ("a",))


def transformed(folder: Path, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    (tmp_path / "rows").write_text("1\n2\n")
    command = [sys.executable, "-P", "-m", "mlops_ci.runtime.transform", "--package", str(folder)]
    command += ["--rows", "rows", "--content-type", "text/csv", "--batch", "2", "--out", "out"]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)


def served(folder: Path) -> dict[str, str]:
    """Return the first that a serving process says on its control socket; it is told to end then."""
    ours, theirs = socket.socketpair()
    listener = socket.create_server(("127.0.0.1", 0))
    with ours, listener:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "mlops_ci.runtime.worker", "--package", str(folder), "--version", "m/v1",
             "--listen", str(listener.fileno()), "--control", str(theirs.fileno())],
            pass_fds=(listener.fileno(), theirs.fileno()), stdout=subprocess.DEVNULL,
        )  # fmt: skip
        theirs.close()
        said: dict[str, str] = json.loads(ours.makefile("rb").readline())
        if said["event"] == "ready":
            ours.sendall(b"stop\n")
        process.wait(30)
    return said


def test_a_verified_pickle_is_loaded(tmp_path: Path, artifacts: FolderArtifacts) -> None:
    folder = unpack(a_package(artifacts), artifacts, tmp_path / "packages")
    assert served(folder)["event"] == "ready"
    assert transformed(folder, tmp_path).returncode == 0
    assert (tmp_path / "out").read_text() == "42\n42\n"


def test_a_pickle_that_was_changed_after_unpacking_is_loaded_by_nobody(
    tmp_path: Path, artifacts: FolderArtifacts
) -> None:
    package = a_package(artifacts)
    folder = unpack(package, artifacts, tmp_path / "packages")
    model, mark = folder / "model/model.pkl", tmp_path / "mark"
    model.chmod(0o644)
    model.write_bytes(pickle.dumps(Harm(mark)))
    said = served(folder)
    assert said["event"] == "failed"
    assert "is not what was unpacked" in said["reason"]
    done = transformed(folder, tmp_path)
    assert done.returncode == 1
    assert "is not what was unpacked" in done.stderr
    assert not mark.exists()
    assert unpack(package, artifacts, tmp_path / "packages") == folder, "it is unpacked anew"
    assert served(folder)["event"] == "ready"
    assert not mark.exists()


def test_a_pickle_in_an_archive_with_other_bytes_than_its_digest_is_not_even_unpacked(
    tmp_path: Path, artifacts: FolderArtifacts
) -> None:
    package = a_package(artifacts)
    place = artifacts.fetch(package.model)
    place.chmod(0o644)
    place.write_bytes(archive({"model.pkl": pickle.dumps(Harm(tmp_path / "mark"))}))
    with pytest.raises(IntegrityError):
        unpack(package, artifacts, tmp_path / "packages")
    assert not list((tmp_path / "packages").glob("*"))


def test_nothing_of_the_house_unpickles_a_file() -> None:
    house = Path(unpack.__code__.co_filename).parents[2]
    words = ("import pickle", "import joblib", "joblib.load", "allow_pickle=True", "import marshal", "import dill")
    found = {path.name for path in house.rglob("*.py") for word in words if word in path.read_text(encoding="utf-8")}
    assert found <= {"spreading.py"}, "that one reads the pipe of a child that it forked itself"
