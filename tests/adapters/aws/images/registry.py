"""An ECR on this machine: moto's, with images in it whose digests are known."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.images.remembering import Tables
from mlops_ci.adapters.aws.images.resolving import AwsImages
from mlops_ci.adapters.local.installed import site_folders
from mlops_ci.model import Target
from mlops_ci.model.address import Address
from mlops_ci.model.project import AWS
from mlops_ci.ports.snapshots import Snapshots
from tests.loopback import Loopback

ACCOUNT = "123456789012"
HOST = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"
SKLEARN, XGBOOST, PYTORCH = "683313688378", "683313688378", "763104351884"
"""The accounts that SageMaker's images are in, in us-east-1."""

_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_TARGET = "AmazonEC2ContainerRegistry_V20150921."


@dataclass
class Registry:
    """The server's ECR: of our account, and of any other that an image is pushed to."""

    server: Loopback
    client: Any = field(repr=False)

    def push(self, repository: str, tag: str, content: str, *, registry: str = ACCOUNT) -> str:
        """Put an image behind a tag, and return its digest; other content is another image."""
        about = {"registryId": registry, "repositoryName": repository}
        with suppress(self.client.exceptions.RepositoryAlreadyExistsException):
            self.client.create_repository(**about)
        layer = {"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "digest": content, "size": 1}
        manifest = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": {}, "layers": [layer]}
        put = self.client.put_image(imageManifest=json.dumps(manifest), imageTag=tag, **about)
        self.server.calls.clear()
        return str(put["image"]["imageId"]["imageDigest"])

    def asked(self) -> list[str]:
        """Return the operations of ECR that were asked for since the last push."""
        return [call.partition(_TARGET)[2] for call in self.server.calls if _TARGET in call]


def images(snapshots: Snapshots, folders: tuple[Path, ...] | None = None) -> AwsImages:
    """Return the port as one command has it."""
    target = Target(
        "aws", kind=AWS, store="s3://store/team", region="us-east-1", role=f"arn:aws:iam::{ACCOUNT}:role/ml"
    )
    account = Account(target, Address("store", "team/"))
    return AwsImages(account, Tables(snapshots, site_folders(sys.path) if folders is None else folders))
