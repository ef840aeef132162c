"""What is asked for and not executed here is refused at once: nobody shall think it was done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlops_ci.testing.aws.jobs.kinds import PROCESSING, TRAINING, TRANSFORM, Kind

_TYPES = {"S3Prefix", "ManifestFile"}
_SHARED = "/opt/ml/"


def refusal(kind: Kind, request: dict[str, Any]) -> str:
    """Return why a job of this request is not executed here; empty where it is."""
    reasons = {TRAINING: _training, PROCESSING: _processing, TRANSFORM: _transform}[kind]
    return next(reasons(request), "")


def _training(request: dict[str, Any]) -> Iterator[str]:
    mode = request["AlgorithmSpecification"].get("TrainingInputMode", "File")
    for channel in request.get("InputDataConfig") or ():
        name, source = channel["ChannelName"], channel["DataSource"]
        if "S3DataSource" not in source:
            yield f"channel `{name}`: the loopback reads `S3DataSource` alone"
        elif channel.get("InputMode", mode) == "Pipe":
            yield f"channel `{name}`: the loopback has the input modes `File` and `FastFile`, not `Pipe`"
        elif source["S3DataSource"]["S3DataType"] not in _TYPES:
            yield f"channel `{name}`: the loopback reads `S3Prefix` and `ManifestFile`"


def _processing(request: dict[str, Any]) -> Iterator[str]:
    for given in request.get("ProcessingInputs") or ():
        name, source = given["InputName"], given.get("S3Input") or {}
        if not source:
            yield f"input `{name}`: the loopback reads `S3Input` alone"
        elif source.get("S3InputMode", "File") != "File":
            yield f"input `{name}`: the loopback has the input mode `File`"
        elif source["S3DataType"] not in _TYPES:
            yield f"input `{name}`: the loopback reads `S3Prefix` and `ManifestFile`"
        elif not source.get("LocalPath", "").startswith(_SHARED):
            yield f"input `{name}`: its `LocalPath` must begin with `{_SHARED}processing/`"
    for output in (request.get("ProcessingOutputConfig") or {}).get("Outputs") or ():
        name, sink = output["OutputName"], output.get("S3Output") or {}
        if not sink:
            yield f"output `{name}`: the loopback writes `S3Output` alone"
        elif not sink.get("LocalPath", "").startswith(_SHARED):
            yield f"output `{name}`: its `LocalPath` must begin with `{_SHARED}processing/`"


def _transform(request: dict[str, Any]) -> Iterator[str]:
    given = request["TransformInput"]
    if given["DataSource"]["S3DataSource"]["S3DataType"] not in _TYPES:
        yield "the loopback transforms `S3Prefix` and `ManifestFile`"
    if (split := given.get("SplitType", "None")) not in {"None", "Line"}:
        yield f"the loopback splits by `Line` or not at all, not by `{split}`"
    plain = {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}
    for name, value in (request.get("DataProcessing") or {}).items():
        if value != plain.get(name):
            yield f"`DataProcessing` is not done by the loopback, and `{name}` is `{value}`"
    if request.get("DataCaptureConfig"):
        yield "`DataCaptureConfig` of a batch transform is not done by the loopback"
