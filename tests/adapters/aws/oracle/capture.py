"""Writes down what the SageMaker SDK for Python v3 sends for the jobs of `test_oracle.py`: `make oracle`.

The SDK needs an environment of 1.2 GB of its own, so what it sent is kept beside this file, and the test reads that.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
import time
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROLE = "arn:aws:iam::123456789012:role/mlops-ci"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3"
BUCKET = "my-bucket"
WANTED = (
    "CreateTrainingJob", "CreateProcessingJob", "CreateModel", "CreateTransformJob", "CreateEndpointConfig",
    "CreateEndpoint",
)  # fmt: skip


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    config = Path(tempfile.mkdtemp()) / "config.yaml"
    config.write_text("SchemaVersion: '1.0'\nSageMaker:\n  PythonSDK:\n    Modules:\n      TelemetryOptOut: true\n")
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "SAGEMAKER_VALIDATE_ROLE": "false",
        "SAGEMAKER_USER_CONFIG_OVERRIDE": str(config),
    }  # fmt: skip
    sent: dict[str, Any] = {}

    def keep(params: dict[str, Any], model: Any, **_: Any) -> None:  # noqa: ANN401 - botocore has no types
        if model.name in WANTED:
            sent[model.name] = json.loads(json.dumps(params, default=str))

    import boto3

    session = boto3.session.Session()
    session.client("s3").create_bucket(Bucket=BUCKET)
    session.events.register("provide-client-params.sagemaker", keep)
    # The SDK makes sessions of its own where it can: each must tell.
    make = boto3.session.Session.client

    def client(self: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as above
        found = make(self, *args, **kwargs)
        found.meta.events.register("provide-client-params.sagemaker", keep)
        return found

    boto3.session.Session.client = client
    from sagemaker.core.helper.session_helper import Session

    sagemaker = Session(boto_session=session, default_bucket=BUCKET)
    for job in (training, processing, transform, deployment):
        try:
            job(sagemaker)
        except Exception as error:  # noqa: BLE001 - what was sent by then counts
            print(f"{job.__name__}: {type(error).__name__}: {error}", file=sys.stderr)
    sent["sdk"] = {name: version(name) for name in ("sagemaker", "sagemaker-core", "sagemaker-train")}
    sent["written"] = time.strftime("%Y-%m-%d")
    (HERE / "sent.json").write_text(json.dumps(sent, indent=1, sort_keys=True) + "\n")
    server.stop()


def code() -> str:
    folder = Path(tempfile.mkdtemp())
    (folder / "train.py").write_text("print('hello')\n")
    return str(folder)


def training(session: Any) -> None:  # noqa: ANN401 - as above
    from sagemaker.core.shapes import CheckpointConfig, MetricDefinition, OutputDataConfig, StoppingCondition, Tag
    from sagemaker.core.training.configs import Compute, InputData, Networking, SourceCode
    from sagemaker.train.model_trainer import ModelTrainer

    trainer = ModelTrainer(
        sagemaker_session=session,
        role=ROLE,
        base_job_name="churn",
        training_image=IMAGE,
        source_code=SourceCode(source_dir=code(), entry_script="train.py"),
        compute=Compute(
            instance_type="ml.m5.xlarge",
            instance_count=2,
            volume_size_in_gb=50,
            enable_managed_spot_training=True,
            volume_kms_key_id="alias/volumes",
        ),
        networking=Networking(
            subnets=["subnet-0a1b2c3d"],
            security_group_ids=["sg-0a1b2c3d"],
            enable_network_isolation=True,
            enable_inter_container_traffic_encryption=True,
        ),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=1800, max_wait_time_in_seconds=3600),
        output_data_config=OutputDataConfig(
            s3_output_path=f"s3://{BUCKET}/my-project/jobs", kms_key_id="alias/models", compression_type="GZIP"
        ),
        checkpoint_config=CheckpointConfig(
            s3_uri=f"s3://{BUCKET}/my-project/checkpoints", local_path="/opt/ml/checkpoints"
        ),
        environment={"FLAVOUR": "sweet"},
        hyperparameters={"epochs": 3, "rate": 0.1},
        tags=[Tag(key="team", value="growth")],
    ).with_metric_definitions([MetricDefinition(name="accuracy", regex=r"accuracy=(\S+)")])
    inputs = [
        InputData(channel_name=name, data_source=f"s3://{BUCKET}/my-project/inputs/{name}/")
        for name in ("train", "validation")
    ]
    trainer.train(input_data_config=inputs, wait=False, logs=False)


def processing(session: Any) -> None:  # noqa: ANN401 - as above
    from sagemaker.core.network import NetworkConfig
    from sagemaker.core.processing import ProcessingInput, ProcessingOutput, ScriptProcessor
    from sagemaker.core.shapes import ProcessingS3Input, ProcessingS3Output

    processor = ScriptProcessor(
        role=ROLE,
        image_uri=IMAGE,
        command=["python3"],
        instance_count=1,
        instance_type="ml.m5.large",
        volume_size_in_gb=30,
        volume_kms_key="alias/volumes",
        output_kms_key="alias/models",
        max_runtime_in_seconds=1800,
        base_job_name="churn",
        sagemaker_session=session,
        env={"FLAVOUR": "sweet"},
        tags=[{"Key": "team", "Value": "growth"}],
        network_config=NetworkConfig(
            enable_network_isolation=True,
            security_group_ids=["sg-0a1b2c3d"],
            subnets=["subnet-0a1b2c3d"],
            encrypt_inter_container_traffic=True,
        ),
    )
    given = ProcessingInput(
        input_name="data",
        s3_input=ProcessingS3Input(
            s3_uri=f"s3://{BUCKET}/my-project/inputs/data/",
            local_path="/opt/ml/processing/input/data",
            s3_data_type="S3Prefix",
            s3_input_mode="File",
        ),
    )
    made = ProcessingOutput(
        output_name="train",
        s3_output=ProcessingS3Output(
            s3_uri=f"s3://{BUCKET}/my-project/jobs/x/train",
            local_path="/opt/ml/processing/train",
            s3_upload_mode="EndOfJob",
        ),
    )
    processor.run(
        code=f"{code()}/train.py", inputs=[given], outputs=[made], arguments=["--share", "0.2"], wait=False, logs=False
    )


def transform(session: Any) -> None:  # noqa: ANN401 - as above
    from sagemaker.core.resources import Model
    from sagemaker.core.shapes import ContainerDefinition, Tag, VpcConfig
    from sagemaker.core.transformer import Transformer

    Model.create(
        model_name="churn-model",
        primary_container=ContainerDefinition(
            image=IMAGE,
            model_data_url=f"s3://{BUCKET}/my-project/packages/x/model.tar.gz",
            environment={"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"},
        ),
        execution_role_arn=ROLE,
        vpc_config=VpcConfig(security_group_ids=["sg-0a1b2c3d"], subnets=["subnet-0a1b2c3d"]),
        enable_network_isolation=True,
        tags=[Tag(key="team", value="growth")],
        session=session.boto_session,
        region="us-east-1",
    )
    transformer = Transformer(
        model_name="churn-model",
        instance_count=1,
        instance_type="ml.m5.large",
        strategy="MultiRecord",
        assemble_with="Line",
        output_path=f"s3://{BUCKET}/my-project/jobs/x",
        output_kms_key="alias/models",
        accept="application/json",
        max_payload=6,
        tags=[{"Key": "team", "Value": "growth"}],
        base_transform_job_name="churn",
        sagemaker_session=session,
        volume_kms_key="alias/volumes",
    )
    transformer.transform(
        data=f"s3://{BUCKET}/my-project/inputs/rows/",
        data_type="S3Prefix",
        content_type="text/csv",
        split_type="Line",
        wait=False,
        logs=False,
    )


def deployment(session: Any) -> None:  # noqa: ANN401 - as above
    from sagemaker.core.resources import Endpoint, EndpointConfig
    from sagemaker.core.shapes import ProductionVariant, Tag

    about = {"session": session.boto_session, "region": "us-east-1"}
    variant = ProductionVariant(
        variant_name="AllTraffic",
        model_name="churn-model",
        initial_instance_count=1,
        instance_type="ml.m5.large",
        initial_variant_weight=1.0,
    )
    tags = [Tag(key="team", value="growth")]
    with suppress(ValueError):  # moto describes more than AWS, which the SDK refuses; what was sent, was sent
        EndpointConfig.create(
            endpoint_config_name="churn-config",
            production_variants=[variant],
            kms_key_id="alias/volumes",
            tags=tags,
            **about,
        )
    with suppress(ValueError):
        Endpoint.create(endpoint_name="churn-endpoint", endpoint_config_name="churn-config", tags=tags, **about)


if __name__ == "__main__":
    main()
