"""Input channels: what a training or processing job finds in a folder, from S3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlops_ci.testing.aws.buckets import Buckets, Object
from mlops_ci.testing.aws.failure import Failure


def place_channel(buckets: Buckets, source: dict[str, Any], folder: Path, *, host: int, hosts: int) -> None:
    """Write a channel's objects to the folder of host number `host` (from 0): all, or its share of them.

    Raises:
        Failure: there is nothing.

    """
    folder.mkdir(parents=True, exist_ok=True)
    buckets.place(share(objects_of(buckets, source), source, host=host, hosts=hosts), folder)


def objects_of(buckets: Buckets, source: dict[str, Any]) -> tuple[Object, ...]:
    """Return the objects of an S3 data source.

    Raises:
        Failure: there is none.

    """
    is_manifest = source["S3DataType"] == "ManifestFile"
    return buckets.listed(source["S3Uri"]) if is_manifest else buckets.below(source["S3Uri"])


def share(objects: tuple[Object, ...], source: dict[str, Any], *, host: int, hosts: int) -> tuple[Object, ...]:
    """Return what one host of several gets."""
    is_sharded = source.get("S3DataDistributionType") == "ShardedByS3Key"
    return objects[host::hosts] if is_sharded else objects


def fetch_checkpoints(buckets: Buckets, uri: str, folder: Path) -> None:
    """Write what a job before this one left below its checkpoint address; nothing is no failure."""
    try:
        buckets.place(buckets.below(uri.rstrip("/") + "/"), folder)
    except Failure as failure:
        if "No S3 objects" not in str(failure):
            raise
