"""What an endpoint config says, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Container:
    """What a model's container is made from; `environment` is sorted."""

    image: str
    model_data: str
    environment: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """A production variant. `count` is its number of instances, 1 where it is serverless; `patience` the seconds that
    its container has until `/ping` is answered.
    """

    name: str
    model: str
    container: Container
    instance: str
    count: int
    weight: float
    patience: int
    serverless: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Capturing:
    """Which of the requests and answers are kept, and where; `percentage` of 100."""

    percentage: int
    destination: str
    modes: frozenset[str]
    csv_types: frozenset[str]
    json_types: frozenset[str]
    kms_key: str
    is_enabled: bool


@dataclass(frozen=True, slots=True)
class Config:
    """An endpoint config, with what its models said when it was read."""

    name: str
    variants: tuple[Variant, ...]
    capturing: Capturing | None

    def variant(self, name: str) -> Variant | None:
        """Return the variant of that name."""
        return next((variant for variant in self.variants if variant.name == name), None)


def config(name: str, said: Mapping[str, Any], containers: Mapping[str, Container]) -> Config:
    """Return what a DescribeEndpointConfig says; `containers` are those of its models, by name."""
    return Config(
        name=name,
        variants=tuple(_variant(variant, containers) for variant in said["ProductionVariants"]),
        capturing=_capturing(said.get("DataCaptureConfig") or {}),
    )


def container(said: Mapping[str, Any]) -> Container:
    """Return a model's container as CreateModel was told."""
    source = said.get("ModelDataSource") or {}
    return Container(
        image=said.get("Image", ""),
        model_data=said.get("ModelDataUrl") or (source.get("S3DataSource") or {}).get("S3Uri", ""),
        environment=tuple(sorted((said.get("Environment") or {}).items())),
    )


def _variant(said: Mapping[str, Any], containers: Mapping[str, Container]) -> Variant:
    weight = said.get("InitialVariantWeight")
    return Variant(
        name=said["VariantName"],
        model=said["ModelName"],
        container=containers[said["ModelName"]],
        instance=said.get("InstanceType", ""),
        count=int(said.get("InitialInstanceCount") or 1),
        weight=1.0 if weight is None else float(weight),
        patience=int(said.get("ContainerStartupHealthCheckTimeoutInSeconds") or 480),
        serverless=tuple(sorted((said.get("ServerlessConfig") or {}).items())),
    )


def _capturing(said: Mapping[str, Any]) -> Capturing | None:
    if not said:
        return None
    types = said.get("CaptureContentTypeHeader") or {}
    return Capturing(
        percentage=int(said["InitialSamplingPercentage"]),
        destination=said["DestinationS3Uri"],
        modes=frozenset(option["CaptureMode"] for option in said["CaptureOptions"]),
        csv_types=frozenset(types.get("CsvContentTypes") or ()),
        json_types=frozenset(types.get("JsonContentTypes") or ()),
        kms_key=said.get("KmsKeyId") or "",
        is_enabled=bool(said.get("EnableCapture", False)),
    )
