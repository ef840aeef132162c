"""SageMaker's events, on EventBridge's default bus."""

from __future__ import annotations

import json

from mlops_ci.testing.aws.jobs.record import Record


def emit(record: Record, account: str, region: str) -> None:
    """Put the state of a job on the bus, for the rules that match it."""
    from moto.events.models import events_backends

    events_backends[account][region].put_events([
        {
            "Source": "aws.sagemaker",
            "DetailType": record.kind.detail_type,
            "Detail": json.dumps(record.detail()),
            "Resources": [record.arn],
        }
    ])  # fmt: skip
