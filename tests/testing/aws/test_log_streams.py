"""What is printed goes on reaching CloudWatch, whatever becomes of the log group meanwhile."""

from __future__ import annotations

import boto3

from mlops_ci.testing.aws.logs import LogStream
from mlops_ci.testing.aws.loopback import ACCOUNT, REGION, Loopback


def test_a_log_group_that_somebody_deletes_is_made_again_by_the_next_line(aws: Loopback) -> None:
    logs = boto3.client("logs")
    stream = LogStream(ACCOUNT, REGION, "/aws/sagemaker/Endpoints/deleted", "AllTraffic/i-1")
    stream.write(["before"])
    logs.delete_log_group(logGroupName="/aws/sagemaker/Endpoints/deleted")
    stream.write(["after"])
    found = logs.get_log_events(logGroupName="/aws/sagemaker/Endpoints/deleted", logStreamName="AllTraffic/i-1")
    assert [event["message"] for event in found["events"]] == ["after"]
