"""What moto does today without our fillings: a test that fails here names what moto has changed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.testing.aws.serving.worlds import ROLE

CODE = """
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
input()
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Return the address of moto's own server, in a process that has no fillings."""
    with subprocess.Popen(
        [sys.executable, "-c", CODE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        server.kill()


def client(url: str, service: str) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
    return boto3.client(
        service,
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="canary",
        aws_secret_access_key="canary",  # noqa: S106
        config=boto3.session.Config(retries={"total_max_attempts": 1}),
    )


def made(url: str, instance: str = "ml.m5.large") -> Any:  # noqa: ANN401
    sagemaker = client(url, "sagemaker")
    sagemaker.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "i"})
    variant = {"VariantName": "v", "ModelName": "m", "InstanceType": instance, "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
    return sagemaker


def test_moto_has_endpoints_in_service_at_once(url: str) -> None:
    sagemaker = made(url)
    sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="c")
    assert sagemaker.describe_endpoint(EndpointName="e")["EndpointStatus"] == "InService"


def test_moto_makes_models_configs_and_endpoints_of_one_name_twice(url: str) -> None:
    sagemaker = made(url)
    made(url)
    for _ in range(2):
        sagemaker.create_endpoint(EndpointName="twice", EndpointConfigName="c")


def test_moto_has_no_update_endpoint(url: str) -> None:
    sagemaker = made(url)
    sagemaker.create_endpoint(EndpointName="u", EndpointConfigName="c")
    with pytest.raises(ClientError) as problem:
        sagemaker.update_endpoint(EndpointName="u", EndpointConfigName="c")
    assert problem.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_moto_changes_counts_at_once_without_an_event(url: str) -> None:
    sagemaker = made(url)
    sagemaker.create_endpoint(EndpointName="w", EndpointConfigName="c")
    wanted = [{"VariantName": "v", "DesiredInstanceCount": 3, "DesiredWeight": 1.0}]
    sagemaker.update_endpoint_weights_and_capacities(EndpointName="w", DesiredWeightsAndCapacities=wanted)
    said = sagemaker.describe_endpoint(EndpointName="w")
    assert said["EndpointStatus"] == "InService"
    assert said["ProductionVariants"][0]["CurrentInstanceCount"] == 3


def test_moto_answers_an_invocation_with_a_fixed_body_even_for_no_endpoint(url: str) -> None:
    answer = client(url, "sagemaker-runtime").invoke_endpoint(EndpointName="nobody", Body=b"1")
    assert answer["Body"].read() == b"body"


def test_moto_reads_a_body_of_bytes_as_text_and_fails(url: str) -> None:
    with pytest.raises(ClientError) as problem:
        client(url, "sagemaker-runtime").invoke_endpoint(EndpointName="nobody", Body=b"\x93NUMPY\xff")
    assert problem.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_moto_takes_no_instance_type_of_the_last_years(url: str) -> None:
    with pytest.raises(ClientError, match=r"ml\.m7i\.large"):
        made(url, "ml.m7i.large")


def test_moto_scales_endpoints_that_are_not_there(url: str) -> None:
    scaling = client(url, "application-autoscaling")
    about = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/nobody/variant/AllTraffic",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    scaling.register_scalable_target(**about, MinCapacity=1, MaxCapacity=2)
    assert scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]


def test_moto_never_evaluates_an_alarm(url: str) -> None:
    watch = client(url, "cloudwatch")
    watch.put_metric_alarm(
        AlarmName="high", Namespace="N", MetricName="m", Statistic="Maximum", Period=60, EvaluationPeriods=1,
        Threshold=1, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    watch.put_metric_data(Namespace="N", MetricData=[{"MetricName": "m", "Value": 5}])
    assert watch.describe_alarms(AlarmNames=["high"])["MetricAlarms"][0]["StateValue"] == "OK"


def test_moto_searches_endpoints_without_pages(url: str) -> None:
    sagemaker = client(url, "sagemaker")
    for name in ("s1", "s2"):
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName="c", Tags=[{"Key": "k", "Value": "searched"}])
    wanted = {"Filters": [{"Name": "Tags.k", "Operator": "Equals", "Value": "searched"}]}
    found = sagemaker.search(Resource="Endpoint", SearchExpression=wanted, MaxResults=1)
    assert len(found["Results"]) == 2
