"""What every request for an account has in common: role, network, keys, tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from mlops_ci.model import Network, Target

Request: TypeAlias = dict[str, Any]
"""What boto3 is given: plain JSON data under AWS' own names."""


_OPEN = Network()


@dataclass(frozen=True, slots=True)
class Terms:
    """What a target says of everything made for it. `tags` are those of the account, as (key, value)."""

    region: str
    role: str
    network: Network = _OPEN
    kms_key: str = ""
    volume_kms_key: str = ""
    tags: tuple[tuple[str, str], ...] = ()

    def tagged(self, **more: str) -> list[dict[str, str]]:
        """Return the tags of one thing: the account's, and `mlops-ci:<name>` for each of `more` that is not empty."""
        own = ((f"mlops-ci:{name}", value) for name, value in more.items() if value)
        return [{"Key": key, "Value": value} for key, value in {**dict(self.tags), **dict(own)}.items()]

    def vpc(self) -> Request:
        """Return `VpcConfig` as a part of a request; nothing without subnets."""
        if not self.network.subnets:
            return {}
        groups = list(self.network.security_groups)
        return {"VpcConfig": {"SecurityGroupIds": groups, "Subnets": list(self.network.subnets)}}

    def volume_key(self) -> Request:
        """Return the key of the volumes that instances work on, as a part of their resources."""
        return {"VolumeKmsKeyId": self.volume_kms_key} if self.volume_kms_key else {}

    def output_key(self) -> Request:
        """Return the key that encrypts what a job writes, as a part of its outputs."""
        return {"KmsKeyId": self.kms_key} if self.kms_key else {}


def terms_of(target: Target, region: str, tags: list[dict[str, str]]) -> Terms:
    """Return the terms of a target in a region; `tags` as the account gives them."""
    return Terms(
        region=region,
        role=target.role,
        network=target.network,
        kms_key=target.kms_key,
        volume_kms_key=target.volume_kms_key,
        tags=tuple((tag["Key"], tag["Value"]) for tag in tags),
    )
