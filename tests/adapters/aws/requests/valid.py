"""Whether a request is one that the service's model takes."""

from __future__ import annotations

from mlops_ci.adapters.aws.requests.terms import Request, Terms
from mlops_ci.model import Network
from mlops_ci.testing.aws import shapes

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


def problems(operation: str, request: Request) -> tuple[str, ...]:
    """Return what SageMaker's model says is wrong with a request: types, members, lengths, patterns and enums."""
    return shapes.problems("sagemaker", operation, request)
