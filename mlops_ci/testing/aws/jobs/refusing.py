"""What is asked for and not executed here is refused at once: nobody shall think it was done."""

from __future__ import annotations

from typing import Any

from mlops_ci.testing.aws.jobs.kinds import TRAINING, Kind


def refusal(kind: Kind, request: dict[str, Any]) -> str:
    """Return why a job of this request is not executed here; empty where it is."""
    match kind:
        case _ if kind == TRAINING:
            return next(filter(None, map(_channel, request.get("InputDataConfig") or ())), "")
        case _:
            return ""


def _channel(channel: dict[str, Any]) -> str:
    name, source = channel["ChannelName"], channel["DataSource"]
    if "S3DataSource" not in source:
        return f"channel `{name}`: the loopback reads `S3DataSource` alone"
    if channel.get("InputMode", "File") == "Pipe":
        return f"channel `{name}`: the loopback has the input modes `File` and `FastFile`, not `Pipe`"
    if source["S3DataSource"]["S3DataType"] not in {"S3Prefix", "ManifestFile"}:
        return f"channel `{name}`: the loopback reads `S3Prefix` and `ManifestFile`"
    return ""
