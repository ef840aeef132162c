"""A build's artifacts: which files they are, and where in S3 they go."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from mlops_ci.testing.aws.buckets import Buckets
from mlops_ci.testing.aws.builds.buildspec import Artifacts
from mlops_ci.testing.aws.failure import Failure


class UploadError(Exception):
    """The artifacts cannot be uploaded; the message says why."""


def upload(asked: Artifacts, project: Mapping[str, Any], build: str, source: Path, buckets: Buckets) -> dict[str, Any]:
    """Upload what a buildspec asks for as the project says, and return the build's `artifacts`.

    `build` is the id without the project, which may be part of the path. Raises UploadError.
    """
    base = source / asked.base
    if not base.is_dir():
        raise UploadError(f"no matching base directory path found for {asked.base}")
    files = matching(asked, base)
    if not files:
        raise UploadError(f"no matching artifact paths found for {', '.join(asked.files)}")
    named = {path.name if asked.discards_paths else path.relative_to(base).as_posix(): path for path in files}
    prefix = _prefix(asked, project, build)
    bucket = str(project["location"]).removeprefix("arn:aws:s3:::")
    found: dict[str, Any] = {"location": f"arn:aws:s3:::{bucket}/{prefix}"}
    try:
        if project.get("packaging") == "ZIP":
            content = _zipped(named)
            buckets.put(f"s3://{bucket}/{prefix}", content)
            found["sha256sum"] = hashlib.sha256(content).hexdigest()
        else:
            for name, path in named.items():
                buckets.put(f"s3://{bucket}/{prefix}/{name}".replace(f"{bucket}//", f"{bucket}/"), path.read_bytes())
    except Failure as cause:
        raise UploadError(str(cause)) from cause
    return found


def matching(asked: Artifacts, base: Path) -> tuple[Path, ...]:
    """Return the files that the patterns mean, sorted: `**/*` all, `a/*` those of a folder, `a` a file or a folder."""
    found: set[Path] = set()
    for pattern in asked.files:
        for path in base.glob(pattern):
            found |= {path} if path.is_file() else {below for below in path.rglob("*") if pattern == path.name}
    excluded = [pattern.replace("**/*", "*") for pattern in asked.excluded]
    kept = (path for path in found if path.is_file() and ".git" not in path.relative_to(base).parts[:1])
    return tuple(
        sorted(p for p in kept if not any(fnmatchcase(p.relative_to(base).as_posix(), one) for one in excluded))
    )


def _prefix(asked: Artifacts, project: Mapping[str, Any], build: str) -> str:
    name = asked.name if project.get("overrideArtifactName") and asked.name else str(project.get("name") or "")
    middle = build if project.get("namespaceType") == "BUILD_ID" else ""
    return "/".join(part.strip("/") for part in (str(project.get("path") or ""), middle, name) if part.strip("/"))


def _zipped(named: Mapping[str, Path]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(named.items()):
            archive.write(path, name)
    return stream.getvalue()
