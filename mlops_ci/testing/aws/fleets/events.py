"""SageMaker's events about endpoints, on EventBridge's default bus."""

from __future__ import annotations

import json

from mlops_ci.testing.aws.fleets.describing import detail
from mlops_ci.testing.aws.fleets.endpoint import Endpoint

STATE = "SageMaker Endpoint State Change"
DEPLOYMENT = "SageMaker Endpoint Deployment State Change"


def emit(endpoint: Endpoint, detail_type: str) -> None:
    """Put what an endpoint is now on the bus, for the rules that match it."""
    endpoint.setting.place.events.put_events([
        {
            "Source": "aws.sagemaker",
            "DetailType": detail_type,
            "Detail": json.dumps(detail(endpoint)),
            "Resources": [endpoint.arn],
        }
    ])  # fmt: skip
