"""Clients of the loopback for its own parts, whose calls are not counted as a user's."""

from __future__ import annotations

from typing import Any

from mlops_ci.testing.aws.asking import INSIDE


def client(service: str, region: str, url: str | None = None) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
    """Return a client for a loopback, without an address for the one that the environment names."""
    import boto3
    from botocore.config import Config

    config = Config(user_agent_extra=INSIDE)
    if url is None:
        return boto3.client(service, region_name=region, config=config)
    keys = {"aws_access_key_id": "loopback", "aws_secret_access_key": "loopback"}
    session = boto3.session.Session(**keys, region_name=region)
    return session.client(service, endpoint_url=url, config=config)
