"""A processing job: inputs down, a process a host, outputs up."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from mlops_ci.adapters.local.work import Work
from mlops_ci.runtime.jobfolder import ML
from mlops_ci.testing.aws.containers.container import Container
from mlops_ci.testing.aws.containers.overlay import overlay
from mlops_ci.testing.aws.containers.software import write_job
from mlops_ci.testing.aws.failure import Failure
from mlops_ci.testing.aws.jobs.channels import place_channel
from mlops_ci.testing.aws.jobs.engine import Job, finish
from mlops_ci.testing.aws.jobs.mirroring import Mirror
from mlops_ci.testing.aws.jobs.record import now

_DAY = 86_400
_LONGEST = 1024
"""Characters of an ExitMessage."""


def process(job: Job) -> None:
    """Run a processing job to its end."""
    request, record = job.request, job.record
    count = request["ProcessingResources"]["ClusterConfig"].get("InstanceCount", 1)
    hosts = tuple(f"algo-{number}" for number in range(1, count + 1))
    for host in hosts:
        _prepare(job, host, hosts)
    record.set(ProcessingStartTime=now())
    containers = {host: Container(job.folder / host) for host in hosts}
    with ExitStack() as stack:
        for host in hosts:
            for folder, uri, mode in _outputs(request, job.folder / host / ML):
                if mode == "Continuous":
                    stack.enter_context(Mirror(job.buckets, folder, uri))
        host, ending = job.attend(containers)
    message = _message(job.folder / host / ML / "output" / "message")
    state = {"ExitMessage": message} if message else {}
    if ending["outcome"] == "stopped" or ending["cause"] == "max_runtime":
        finish(record, "Stopped", **state)
        return
    if ending["outcome"] == "failed":
        if ending["cause"] == "environment":
            raise Failure(f"AlgorithmError: {ending['detail']}")
        finish(record, "Failed", FailureReason="AlgorithmError: See job logs for more information", **state)
        return
    for host in hosts:
        for folder, uri, mode in _outputs(request, job.folder / host / ML):
            if mode == "EndOfJob":
                job.buckets.put_below(folder, uri)
    finish(record, "Completed", **state)


def inside(ml: Path, path: str) -> Path:
    """Return where a path of the container lies; it is below /opt/ml."""
    return ml / path.removeprefix("/opt/ml").lstrip("/")


def _prepare(job: Job, host: str, hosts: tuple[str, ...]) -> None:
    request = job.request
    folder = job.folder / host
    ml = folder / ML
    for name in ("processing", "config", "output"):
        (ml / name).mkdir(parents=True)
    for given in request.get("ProcessingInputs") or ():
        job.check()
        source = given["S3Input"]
        place_channel(job.buckets, source, inside(ml, source["LocalPath"]), host=hosts.index(host), hosts=len(hosts))
    for place, _, _ in _outputs(request, ml):
        place.mkdir(parents=True, exist_ok=True)
    cluster = {"current_host": host, "hosts": list(hosts), "network_interface_name": "lo"}
    config = {name: value for name, value in request.items() if name != "Tags"}
    config["ProcessingJobArn"] = job.record.arn
    for name, content in (("processingjobconfig", config), ("resourceconfig", cluster)):
        (ml / "config" / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    app = request["AppSpecification"]
    if not app.get("ContainerEntrypoint"):
        raise Failure(
            f"ClientError: image `{app['ImageUri']}` is not pulled by the loopback, so its own entrypoint cannot run: "
            "send `ContainerEntrypoint`"
        )
    python = overlay(folder / "python")
    names = {"PROCESSING_JOB_NAME": job.record.name, "PROCESSING_JOB_ARN": job.record.arn}
    work = Work(
        command=(*app["ContainerEntrypoint"], *(app.get("ContainerArguments") or ())),
        cwd="/opt/ml",
        contract=(),
        environment=tuple((job.environment() | names | (request.get("Environment") or {})).items()),
        max_runtime=(request.get("StoppingCondition") or {}).get("MaxRuntimeInSeconds", _DAY),
        products=(),
    )
    write_job(job.loopback, folder, work, image=app["ImageUri"], python=python)


def _outputs(request: dict[str, Any], ml: Path) -> list[tuple[Path, str, str]]:
    """Return folder, S3 address and upload mode of each output."""
    outputs = (request.get("ProcessingOutputConfig") or {}).get("Outputs") or ()
    return [
        (inside(ml, output["S3Output"]["LocalPath"]), output["S3Output"]["S3Uri"], output["S3Output"]["S3UploadMode"])
        for output in outputs
    ]


def _message(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.read(4 * _LONGEST).decode(errors="replace")[:_LONGEST]
    except OSError:
        return ""
