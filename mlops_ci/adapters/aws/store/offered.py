"""What pull requests keep in a store on S3: each below `pr/<id>/`, in the same layout."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from mlops_ci.adapters.aws.store.artifacts import S3Artifacts
from mlops_ci.adapters.aws.store.bucket import Bucket
from mlops_ci.adapters.aws.store.layout import Layout
from mlops_ci.adapters.aws.store.records import S3Records
from mlops_ci.adapters.formats import LARGEST_RECORD, PULL_REQUESTS
from mlops_ci.ports.offers import Offered


def own_bucket(bucket: Bucket, pull_request: str) -> Bucket:
    """Return the store that a pull request writes to, in that of the branch."""
    return replace(bucket, address=bucket.address.below(f"{PULL_REQUESTS}/{pull_request}"))


def offers(bucket: Bucket, cache: Path) -> tuple[Offered, ...]:
    """Return what every pull request recorded, by id; one with a record of more than 16 MiB is left out."""
    known: set[str] = set()
    refused: set[str] = set()
    for listed in bucket.list(f"{PULL_REQUESTS}/"):
        _, _, rest = listed.key.partition("/")
        name, has_more, below = rest.partition("/")
        if has_more and name:
            known.add(name)
            if below.startswith("records/") and listed.size > LARGEST_RECORD:
                refused.add(name)
    layouts = ((name, Layout(own_bucket(bucket, name))) for name in sorted(known - refused))
    return tuple(Offered(name, S3Records(layout), S3Artifacts(layout, cache)) for name, layout in layouts)


def stamp(bucket: Bucket) -> str:
    """Return what changes whenever something comes to such a store, or goes."""
    found = sorted((listed.key, listed.stamp) for listed in bucket.list(f"{PULL_REQUESTS}/"))
    return hashlib.sha256(repr(found).encode()).hexdigest()
