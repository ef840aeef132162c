"""What a build builds: nothing, a zip or a folder of S3, or a commit of a repository on this machine."""

from __future__ import annotations

import io
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlops_ci.testing.aws.buckets import Buckets
from mlops_ci.testing.aws.failure import Failure


class SourceError(Exception):
    """The source cannot be had; the message says why."""


def fetch(
    source: Mapping[str, Any], version: str, folder: Path, buckets: Buckets, repositories: Mapping[str, str]
) -> str:
    """Put the source into an empty folder, and return its resolved version: a commit, or an object's version.

    `repositories` are paths of repositories by the `location` that stands for them; other locations must be a path or
    `file://`. Raises SourceError.
    """
    match source["type"]:
        case "NO_SOURCE":
            return ""
        case "S3":
            return _from_s3(str(source["location"]), folder, buckets)
        case "CODEPIPELINE":
            raise SourceError(
                "the loopback has no CodePipeline: start it with sourceTypeOverride and sourceLocationOverride"
            )
        case _:
            return _from_git(source, version, folder, repositories)


def _from_s3(location: str, folder: Path, buckets: Buckets) -> str:
    uri = f"s3://{location.removeprefix('arn:aws:s3:::')}"
    try:
        if uri.endswith("/"):
            buckets.place(buckets.below(uri), folder)
            return ""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        with zipfile.ZipFile(io.BytesIO(buckets.read(bucket, key))) as archive:
            archive.extractall(folder)
    except (Failure, zipfile.BadZipFile) as cause:
        raise SourceError(f"{cause} for source location {location}") from cause
    return ""


def _from_git(source: Mapping[str, Any], version: str, folder: Path, repositories: Mapping[str, str]) -> str:
    location = str(source["location"])
    path = repositories.get(location, location).removeprefix("file://")
    if not Path(path).exists():
        raise SourceError(
            f"no repository of this machine stands for `{location}`: name one in `Settings.repositories`, or use `file://`"
        )
    _git("clone", "--quiet", "--no-checkout", f"file://{path}", str(folder))
    wanted = version or "HEAD"
    if wanted.startswith("pr/"):
        _git("-C", str(folder), "fetch", "--quiet", "origin", f"refs/pull/{wanted.removeprefix('pr/')}/head")
        wanted = "FETCH_HEAD"
    elif wanted.startswith("refs/heads/"):
        wanted = wanted.replace("refs/heads/", "origin/", 1)
    elif _is_branch(folder, wanted):
        wanted = f"origin/{wanted}"
    _git("-C", str(folder), "checkout", "--quiet", "--detach", wanted)
    return _git("-C", str(folder), "rev-parse", "HEAD")


def _is_branch(folder: Path, name: str) -> bool:
    asked = ["git", "-C", str(folder), "show-ref", "--verify", "--quiet", f"refs/remotes/origin/{name}"]
    return subprocess.run(asked, check=False).returncode == 0


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], check=False, capture_output=True, text=True)
    if done.returncode:
        raise SourceError(f"git {words[0]} failed: {done.stderr.strip()}")
    return done.stdout.strip()
