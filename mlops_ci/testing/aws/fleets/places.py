"""An account's region, and moto's parts of it that endpoints are told in: S3, Logs, CloudWatch, EventBridge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """Where an endpoint is. What is told to moto here is told within its process, so no client's call is counted."""

    account: str
    region: str

    def arn(self, service: str, rest: str) -> str:
        """Return the ARN of something here."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{rest}"

    @property
    def s3(self) -> Any:  # noqa: ANN401 - moto's class
        """Return moto's S3."""
        from moto.s3.models import s3_backends

        return s3_backends[self.account]["aws"]

    @property
    def logs(self) -> Any:  # noqa: ANN401 - moto's class
        """Return moto's CloudWatch Logs."""
        from moto.logs.models import logs_backends

        return logs_backends[self.account][self.region]

    @property
    def cloudwatch(self) -> Any:  # noqa: ANN401 - moto's class
        """Return moto's CloudWatch."""
        from moto.cloudwatch.models import cloudwatch_backends

        return cloudwatch_backends[self.account][self.region]

    @property
    def events(self) -> Any:  # noqa: ANN401 - moto's class
        """Return moto's EventBridge."""
        from moto.events.models import events_backends

        return events_backends[self.account][self.region]

    @property
    def scaling(self) -> Any:  # noqa: ANN401 - moto's class
        """Return moto's Application Auto Scaling."""
        from moto.applicationautoscaling.models import applicationautoscaling_backends

        return applicationautoscaling_backends[self.account][self.region]

    @property
    def sagemaker(self) -> Any:  # noqa: ANN401 - moto's class
        """Return moto's SageMaker."""
        from moto.sagemaker.models import sagemaker_backends

        return sagemaker_backends[self.account][self.region]
