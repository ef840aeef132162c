"""Clients of a loopback, made once each: making one takes longer than most calls."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

_SESSION = boto3.session.Session(aws_access_key_id="key", aws_secret_access_key="secret", region_name="us-east-1")  # noqa: S106


class Clients:
    """`clients["sagemaker"]` is a client that does not try again."""

    def __init__(self, url: str, *, validated: bool = True) -> None:
        self.url = url
        self.config = Config(retries={"total_max_attempts": 1}, parameter_validation=validated)
        self.made: dict[str, Any] = {}

    def __getitem__(self, service: str) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
        if service not in self.made:
            self.made[service] = _SESSION.client(service, endpoint_url=self.url, config=self.config)
        return self.made[service]
