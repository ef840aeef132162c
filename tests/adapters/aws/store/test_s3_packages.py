"""A package's archive on S3: what is in it, that it is made once, and again where it is damaged."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.adapters.aws.packages import Packages
from mlops_ci.adapters.aws.requests.model import serving_variables
from mlops_ci.adapters.aws.store.bucket import Bucket
from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.errors import IntegrityError
from mlops_ci.ports.jobs import Image
from tests.loopback import Loopback
from tests.packages import SCALE, a_package, archive


@pytest.fixture
def artifacts(tmp_path: Path) -> FolderArtifacts:
    return FolderArtifacts(tmp_path / "store")


def contents(bucket: Bucket, digest: str) -> dict[str, bytes]:
    found = bucket.get(f"packages/{digest}/model.tar.gz")
    assert found is not None
    with tarfile.open(fileobj=io.BytesIO(found)) as tar:
        files = {member.name: tar.extractfile(member) for member in tar if member.isreg()}
        return {name: stream.read() for name, stream in files.items() if stream}


def puts(s3: Loopback) -> list[str]:
    return [call for call in s3.calls if call.startswith("PUT") and "packages" in call]


def test_the_archive_holds_the_model_the_code_and_what_it_requires(bucket: Bucket, artifacts: FolderArtifacts) -> None:
    package = replace(a_package(artifacts, scale=3), image=Image(requirements="tabulate==0.9\n"))
    assert Packages(bucket, artifacts).placed(package) == f"{bucket.address}/packages/{package.digest}/model.tar.gz"
    assert contents(bucket, package.digest) == {
        "model.json": b'{"scale": 3}',
        "code/inference.py": SCALE.encode(),
        "code/requirements.txt": b"tabulate==0.9\n",
    }


def test_code_beside_the_model_is_not_served_and_the_image_requires_for_the_code(
    bucket: Bucket, artifacts: FolderArtifacts
) -> None:
    package = replace(
        a_package(artifacts),
        model=artifacts.put(archive({"model.json": "{}", "code/inference.py": "old", "code/left.py": "old"})),
        code=artifacts.put(archive({"inference.py": "new", "requirements.txt": "own\n"})),
        image=Image(requirements="other\n"),
    )
    Packages(bucket, artifacts).placed(package)
    assert contents(bucket, package.digest) == {
        "model.json": b"{}",
        "code/inference.py": b"new",
        "code/requirements.txt": b"other\n",
    }


def test_a_script_below_the_top_folder_gets_a_module_there_that_is_it(
    bucket: Bucket, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    """sagemaker-inference and sagemaker-containers import SAGEMAKER_PROGRAM, less its `.py`, as a module."""
    code = "import beside, above\ndef model_fn(model_dir):\n    return beside.ONE + above.TWO\n"
    files = {"serve/inference.py": code, "serve/beside.py": "ONE = 1\n", "above.py": "TWO = 2\n"}
    package = replace(a_package(artifacts), code=artifacts.put(archive(files)), entry="serve/inference.py")
    Packages(bucket, artifacts).placed(package)
    for name, content in contents(bucket, package.digest).items():
        place = tmp_path / "model" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    program = serving_variables(package, "eu-west-1")["SAGEMAKER_PROGRAM"]
    asked = f"import {program.removesuffix('.py')} as it; print(it.model_fn(''), it.__file__)"
    folder = tmp_path / "model" / "code"
    done = subprocess.run([sys.executable, "-c", asked], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["3", str(folder / "serve" / "inference.py")]


def test_a_package_that_is_there_is_not_made_again(bucket: Bucket, artifacts: FolderArtifacts, s3: Loopback) -> None:
    package = a_package(artifacts)
    Packages(bucket, artifacts).placed(package)
    assert len(puts(s3)) == 2
    Packages(bucket, artifacts).placed(package)
    assert len(puts(s3)) == 2


def test_one_that_somebody_was_killed_over_or_that_is_damaged_is_made_anew(
    bucket: Bucket, artifacts: FolderArtifacts
) -> None:
    package = a_package(artifacts)
    key = f"packages/{package.digest}/model.tar.gz"
    bucket.put_new(key, b"half")  # and nothing said beside it
    Packages(bucket, artifacts).placed(package)
    whole = bucket.get(key)
    assert whole != b"half"
    assert whole is not None
    damaged = bytes(len(whole))
    bucket.put(key, io.BytesIO(damaged), len(damaged), hashlib.sha256(damaged).hexdigest())
    Packages(bucket, artifacts).placed(package)
    assert bucket.get(key) == whole


def test_a_damaged_model_is_never_sent(bucket: Bucket, artifacts: FolderArtifacts, s3: Loopback) -> None:
    package = a_package(artifacts)
    place = artifacts.fetch(package.model)
    place.chmod(0o644)
    place.write_bytes(b"other")
    with pytest.raises(IntegrityError):
        Packages(bucket, artifacts).placed(package)
    assert puts(s3) == []
