"""Whether a request is one that the service's model takes."""

from __future__ import annotations

from functools import cache
from typing import Any

import botocore.session
from botocore.validate import ParamValidator

from mlops_ci.adapters.aws.requests.terms import Request, Terms
from mlops_ci.model import Network

ROLE = "arn:aws:iam::123456789012:role/mlops-ci"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
URI = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3"
PLAIN = Terms("us-east-1", ROLE, tags=(("team", "churn"),))
CLOSED = Terms(
    "us-east-1",
    ROLE,
    Network(("subnet-1", "subnet-2"), ("sg-1",), isolation=True, encryption=True),
    KEY,
    KEY,
    (("team", "churn"),),
)
"""Everything that a target may ask for."""


@cache
def _model() -> Any:  # noqa: ANN401 - botocore has no types
    return botocore.session.Session().get_service_model("sagemaker")


def problems(operation: str, request: Request) -> str:
    """Return what botocore says is wrong with a request before it is sent; empty where nothing is."""
    shape = _model().operation_model(operation).input_shape
    return str(ParamValidator().validate(request, shape).generate_report())
