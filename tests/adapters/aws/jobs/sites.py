"""An account in a loopback AWS, with a bucket and a project's code, for jobs of any kind."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_ci.adapters.aws.account import Account, Clients
from mlops_ci.adapters.aws.jobs.making import Site
from mlops_ci.adapters.aws.store.bucket import Bucket
from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.fingerprint.canonical import blob_id
from mlops_ci.model import Network, Target
from mlops_ci.model.address import Address
from tests.adapters.local.workplace import tree

URI = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3"
CLIENTS = Clients("us-east-1")
"""Shared by all tests of a process: making a client of boto3 takes longer than most of what is tested."""


@dataclass(frozen=True, slots=True)
class Place:
    """A site, and the account that it is in."""

    site: Site
    account: Account
    artifacts: FolderArtifacts

    def client(self, service: str) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
        return self.account.clients.of(service)

    def keys(self, prefix: str = "") -> list[str]:
        return [found.key for found in self.site.bucket.list(prefix)]


def scripts(*texts: str) -> dict[str, str]:
    """Return files, each named by its content."""
    return {f"{blob_id(text.encode())}.py": text for text in texts}


def a_place(root: Path, files: Mapping[str, str], *, every: float = 0.03, **target: Any) -> Place:  # noqa: ANN401
    """Return a place of its own: a new bucket, a new store; `target` says more of the target."""
    name = f"store-{uuid.uuid4().hex}"
    CLIENTS.of("s3").create_bucket(Bucket=name)
    given = {"role": "arn:aws:iam::123456789012:role/ml", "network": Network(), **target}
    address = Address(name, "team/")
    account = Account(Target("aws", "aws", str(address), region="us-east-1", **given), address, CLIENTS)
    artifacts = FolderArtifacts(root / "kept")
    bucket = Bucket(address, account.target.kms_key)
    site = Site(account, bucket, artifacts, lambda: tree(files), lambda image: image.reference or URI, every)
    return Place(site, account, artifacts)
