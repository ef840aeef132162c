"""A training job: channels down, a process a host, the model up."""

from __future__ import annotations

import json
import shutil
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from mlops_ci.adapters.archives import pack
from mlops_ci.adapters.local.work import Work
from mlops_ci.errors import MlopsError
from mlops_ci.runtime.bounded import last_line
from mlops_ci.runtime.jobfolder import ML
from mlops_ci.testing.aws.containers.container import Container
from mlops_ci.testing.aws.containers.overlay import overlay
from mlops_ci.testing.aws.containers.software import python_for, write_job
from mlops_ci.testing.aws.failure import Failure
from mlops_ci.testing.aws.jobs.channels import fetch_checkpoints, place_channel
from mlops_ci.testing.aws.jobs.engine import Job, TakenBack, finish
from mlops_ci.testing.aws.jobs.mirroring import Mirror
from mlops_ci.testing.aws.jobs.record import now
from mlops_ci.testing.aws.jobs.scriptmode import Program, program_of
from mlops_ci.testing.aws.jobs.states import output_of

_DAY = 86_400
_LONGEST = 1024
"""Characters of what the job wrote about its failure."""


def train(job: Job) -> None:
    """Run a training job to its end."""
    request, record = job.request, job.record
    hosts = tuple(f"algo-{number}" for number in range(1, _count(request["ResourceConfig"]) + 1))
    attended = None
    while attended is None:
        attended = _attended(job, hosts)
    metrics = _metrics([Container(job.folder / name).ending() for name in hosts])
    host, ending, program = attended
    if ending["outcome"] == "failed" and ending["cause"] != "max_runtime":
        record.set(FinalMetricDataList=metrics)
        raise Failure(_reason(job.folder / host, ending, program))
    record.step("Uploading", "Uploading generated training model", FinalMetricDataList=metrics)
    _upload(job, hosts)
    if ending["cause"] == "max_runtime":
        finish(record, "Stopped", SecondaryStatus="MaxRuntimeExceeded")
    else:
        finish(record, "Stopped" if ending["outcome"] == "stopped" else "Completed")


def _attended(job: Job, hosts: tuple[str, ...]) -> tuple[str, dict[str, Any], Program] | None:
    """Return the host that decides, how it ended and what it ran; None where spot instances were taken back before."""
    request, record = job.request, job.record
    job.check()
    record.step("Downloading", "Downloading input data")
    programs = {host: _prepared(job, host, hosts) for host in hosts}
    first = {} if "TrainingStartTime" in record.described() else {"TrainingStartTime": now()}
    record.step("Training", "Training image download completed. Training in progress.", **first)
    containers = {host: Container(job.folder / host) for host in hosts}
    is_spot = bool(request.get("EnableManagedSpotTraining"))
    try:
        with ExitStack() as stack:
            if checkpoints := request.get("CheckpointConfig"):
                folder = job.folder / hosts[0] / ML / "checkpoints"
                stack.enter_context(Mirror(job.buckets, folder, checkpoints["S3Uri"]))
            within = job.loopback.faults.interruption(record.name) if is_spot else None
            host, ending = job.attend(containers, within=within)
    except TakenBack:
        record.step("Interrupted", "Training job interrupted: its spot instances were taken back")
        for name in hosts:
            shutil.rmtree(job.folder / name)
        job.began = int(time.time() * 1000)
        record.step("Starting", "Preparing the instances for training")
        return None
    return host, ending, programs[host]


def _prepared(job: Job, host: str, hosts: tuple[str, ...]) -> Program:
    """Return what a host runs, having filled its folder."""
    request = job.request
    folder = job.folder / host
    ml = folder / ML
    for name in ("model", "checkpoints", "output/data", "input/config", "input/data", "code"):
        (ml / name).mkdir(parents=True)
    for channel in request.get("InputDataConfig") or ():
        job.check()
        place = ml / "input" / "data" / channel["ChannelName"]
        source = channel["DataSource"]["S3DataSource"]
        place_channel(job.buckets, source, place, host=hosts.index(host), hosts=len(hosts))
    if checkpoints := request.get("CheckpointConfig"):
        fetch_checkpoints(job.buckets, checkpoints["S3Uri"], ml / "checkpoints")
    for name, content in _config(request, host, hosts).items():
        (ml / "input" / "config" / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    program = program_of(job, ml, host, hosts)
    job.check()
    python = _python(job, ml / "code") if program.script else overlay(folder / "python")
    first, *rest = program.command
    algorithm = request["AlgorithmSpecification"]
    asked = tuple((metric["Name"], metric["Regex"]) for metric in algorithm.get("MetricDefinitions") or ())
    work = Work(
        command=(str(python), *rest) if first == "python" else program.command,
        cwd=program.cwd,
        contract=program.variables,
        environment=tuple((_variables(job) | (request.get("Environment") or {})).items()),
        max_runtime=(request.get("StoppingCondition") or {}).get("MaxRuntimeInSeconds", _DAY),
        products=(),
        metrics=asked or program.metrics,
    )
    image = algorithm.get("TrainingImage") or algorithm.get("AlgorithmName") or ""
    write_job(job.loopback, folder, work, image=image, python=python)
    return program


def _python(job: Job, code: Path) -> Path:
    try:
        return python_for(job.loopback, code)
    except MlopsError as cause:
        said = cause.detail.splitlines() or [str(cause)]
        job.stream("algo-1").write(said)
        raise Failure(f"AlgorithmError: InstallRequirementsError: {cause}, exit code: 1") from cause


def _variables(job: Job) -> dict[str, str]:
    """Return what SageMaker itself puts into a training container."""
    return job.environment() | {"TRAINING_JOB_NAME": job.record.name, "TRAINING_JOB_ARN": job.record.arn}


def _config(request: dict[str, Any], host: str, hosts: tuple[str, ...]) -> dict[str, Any]:
    cluster = request["ResourceConfig"]
    group = {"instance_group_name": "homogeneousCluster", "instance_type": cluster.get("InstanceType", "")}
    channels = {}
    for channel in request.get("InputDataConfig") or ():
        source = channel["DataSource"]["S3DataSource"]
        mode = request["AlgorithmSpecification"].get("TrainingInputMode", "File")
        channels[channel["ChannelName"]] = {
            "TrainingInputMode": channel.get("InputMode", mode),
            "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
            "RecordWrapperType": channel.get("RecordWrapperType", "None"),
            **({"ContentType": channel["ContentType"]} if channel.get("ContentType") else {}),
        }
    return {
        "hyperparameters": dict(request.get("HyperParameters") or {}),
        "inputdataconfig": channels,
        "resourceconfig": {
            "current_host": host,
            "current_instance_type": cluster.get("InstanceType", ""),
            "current_group_name": "homogeneousCluster",
            "hosts": list(hosts),
            "instance_groups": [{**group, "hosts": list(hosts)}],
            "network_interface_name": "lo",
        },
    }


def _count(cluster: dict[str, Any]) -> int:
    groups = cluster.get("InstanceGroups") or ()
    return sum(group["InstanceCount"] for group in groups) or int(cluster.get("InstanceCount") or 1)


def _metrics(endings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the last value of each metric; where several hosts print one, the first host's counts."""
    found: dict[str, float] = {}
    for ending in endings:
        for name, value in ending["metrics"]:
            found.setdefault(name, value)
    return [{"MetricName": name, "Value": value, "Timestamp": now()} for name, value in found.items()]


def _reason(folder: Path, ending: dict[str, Any], program: Program) -> str:
    """Return why a training failed, as SageMaker says it: the container's own words, or the toolkit's."""
    code = ending["code"] if ending["code"] >= 0 else 128 - ending["code"]
    try:
        with (folder / ML / "output" / "failure").open("rb") as stream:
            said = stream.read(4 * _LONGEST).decode(errors="replace")[:_LONGEST]
    except OSError:
        said = ""
    if ending["cause"] == "environment":
        return f"AlgorithmError: {ending['detail']}, exit code: {code}"
    if not said.strip() and program.script:
        words = " ".join(program.command)
        heard = last_line(folder) if program.heard else ""
        said = f'ExecuteUserScriptError:\nExitCode {code}\nErrorMessage "{heard}"\nCommand "{words}"'
    return f"AlgorithmError: {said}, exit code: {code}"


def _upload(job: Job, hosts: tuple[str, ...]) -> None:
    """Put what all hosts left in their folders into S3, as one archive each; of two files of one name the first's."""
    for place, name in (("model", "model.tar.gz"), ("output/data", "output.tar.gz")):
        whole = job.folder / hosts[0] / ML / place
        for host in hosts[1:]:
            _merge(job.folder / host / ML / place, whole)
        if name == "output.tar.gz" and not any(whole.iterdir()):
            continue
        archive = job.folder / name
        try:
            pack(whole, archive)
        except MlopsError as cause:
            raise Failure(f"ClientError: Artifact upload failed:{cause}") from cause
        job.buckets.put(f"{output_of(job.record)}/{name}", archive.read_bytes())


def _merge(source: Path, target: Path) -> None:
    for path in sorted(source.rglob("*")):
        place = target / path.relative_to(source)
        if path.is_file() and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
