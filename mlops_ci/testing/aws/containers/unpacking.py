"""A `model.tar.gz` as the serving process needs it: a package folder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from mlops_ci.adapters.unpacking import Unpacked, unpack
from mlops_ci.errors import MlopsError
from mlops_ci.runtime import package
from mlops_ci.runtime.package import sha256
from mlops_ci.testing.aws.algorithms import server_of
from mlops_ci.testing.aws.buckets import Buckets
from mlops_ci.testing.aws.failure import Failure
from mlops_ci.testing.aws.loopback import ACCOUNT

CODE = "model/code"
_DEFAULT = "inference.py"
"""What the framework images serve with where nobody says."""


def unpack_model(model: Path, environment: Mapping[str, str], folder: Path) -> None:
    """Make `folder`, which must not exist, a package: the archive's files, the serving code, and what describes them.

    The code is where SAGEMAKER_SUBMIT_DIRECTORY says, by default in the archive; the script is SAGEMAKER_PROGRAM. A
    model of the built-in XGBoost needs neither.

    Raises:
        Failure: the archive is none, or there is no script that serves it.

    """
    files = _extracted(model, folder, "model")
    directory = environment.get("SAGEMAKER_SUBMIT_DIRECTORY", "")
    if directory.startswith("s3://"):
        archive = folder / "sourcedir.tar.gz"
        Buckets(ACCOUNT).fetch(directory, archive)
        shutil.rmtree(folder / CODE, ignore_errors=True)
        files = {path: about for path, about in files.items() if not path.startswith(f"{CODE}/")}
        files |= _extracted(archive, folder, CODE)
    entry = environment.get("SAGEMAKER_PROGRAM") or _DEFAULT
    module = entry.removesuffix(".py")
    if "/" in module or "." in module:  # the toolkits import it by this name
        raise Failure(f"ModuleNotFoundError: No module named '{module}'")
    (folder / CODE).mkdir(parents=True, exist_ok=True)
    if not (folder / CODE / entry).is_file():
        server = server_of(folder / "model") if "SAGEMAKER_PROGRAM" not in environment else None
        if server is None:
            raise Failure(
                f"the model's archive has no `code/{entry}`, and the loopback does not pull the image that might do "
                "without"
            )
        shutil.copyfile(server, folder / CODE / entry)
        files[f"{CODE}/{entry}"] = (server.stat().st_size, sha256(server))
    own = tuple(sorted(environment.items()))
    digest = sha256(model)
    package.write(folder, digest=digest, entry=entry, features=(), environment=own, files=files)


def _extracted(archive: Path, folder: Path, below: str) -> dict[str, tuple[int, str]]:
    try:
        found: tuple[Unpacked, ...] = unpack(archive, folder / below)
    except MlopsError as cause:
        raise Failure(f"Failed to extract model data archive from `{archive.name}`: {cause}") from cause
    for path in (folder / below).rglob("*"):
        path.chmod(0o755)  # as tar does where somebody packed scripts
    return {f"{below}/{file.path}": (file.size, file.sha256) for file in found}
