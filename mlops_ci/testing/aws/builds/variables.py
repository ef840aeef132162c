"""The variables of a build: the buildspec's, the project's and those of StartBuild, the last winning."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from mlops_ci.testing.aws.builds.buildspec import Buildspec
from mlops_ci.testing.aws.clients import client


class VariableError(Exception):
    """A parameter or a secret cannot be had; the message says which and why."""


def variables(spec: Buildspec, given: Iterable[Mapping[str, Any]], url: str, region: str) -> dict[str, str]:
    """Return the variables of a buildspec and those that were `given` to project and build. Raises VariableError."""
    kinds = [(name, "PLAINTEXT", value) for name, value in spec.variables]
    kinds += [(name, "PARAMETER_STORE", value) for name, value in spec.parameters]
    kinds += [(name, "SECRETS_MANAGER", value) for name, value in spec.secrets]
    kinds += [(str(one["name"]), str(one.get("type") or "PLAINTEXT"), str(one["value"])) for one in given]
    last = {name: (kind, value) for name, kind, value in kinds}
    return {name: _value(kind, value, url, region) for name, (kind, value) in last.items()}


def _value(kind: str, value: str, url: str, region: str) -> str:
    match kind:
        case "PARAMETER_STORE":
            return _parameter(value, url, region)
        case "SECRETS_MANAGER":
            return _secret(value, url, region)
        case _:
            return value


def _parameter(name: str, url: str, region: str) -> str:
    from botocore.exceptions import ClientError

    try:
        answer = client("ssm", region, url).get_parameter(Name=name, WithDecryption=True)
    except ClientError as cause:
        code = cause.response["Error"]["Code"]
        raise VariableError(f"Error while getting parameter `{name}` from Parameter Store: {code}") from cause
    return str(answer["Parameter"]["Value"])


def _secret(reference: str, url: str, region: str) -> str:
    """Return what `secret-id:json-key:version-stage:version-id` names; an id may be an ARN, with its colons."""
    from botocore.exceptions import ClientError

    words = reference.split(":")
    length = 7 if reference.startswith("arn:") else 1
    asked = {"SecretId": ":".join(words[:length])}
    key, stage, version = (*words[length:], "", "", "")[:3]
    asked |= {"VersionStage": stage} if stage else {}
    asked |= {"VersionId": version} if version else {}
    try:
        text = str(client("secretsmanager", region, url).get_secret_value(**asked)["SecretString"])
        return str(json.loads(text)[key]) if key else text
    except (ClientError, KeyError, ValueError) as cause:
        raise VariableError(f"Secrets Manager Error Message: `{reference}`: {cause}") from cause
