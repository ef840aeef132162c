"""How a training container becomes a command: as the request says, or as SageMaker's framework images would."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_ci.adapters.unpacking import unpack
from mlops_ci.errors import MlopsError
from mlops_ci.testing.aws.algorithms import trainer_of
from mlops_ci.testing.aws.failure import Failure
from mlops_ci.testing.aws.jobs.engine import Job

_NATIVE = "sagemaker_toolkit_native_launcher_enabled"
_OWN = ("sagemaker_", "_tuning_objective_metric")
"""How hyperparameters begin that are for the toolkit and not for the script."""


@dataclass(frozen=True, slots=True)
class Program:
    """What a training container runs: words (`python` first stands for the job's interpreter), where, with which
    variables; `script` is the user's, where the toolkit runs it; `heard` says that it looks at what the script wrote.
    """

    command: tuple[str, ...]
    cwd: str
    variables: tuple[tuple[str, str], ...]
    script: str = ""
    heard: bool = False
    metrics: tuple[tuple[str, str], ...] = ()


def program_of(job: Job, ml: Path, host: str, hosts: tuple[str, ...]) -> Program:
    """Return what runs on a host, having put the code into its /opt/ml.

    Raises:
        Failure: the image would run something that only it holds.

    """
    algorithm = job.request["AlgorithmSpecification"]
    given = {name: decoded(value) for name, value in (job.request.get("HyperParameters") or {}).items()}
    environment = job.request.get("Environment") or {}
    if entrypoint := algorithm.get("ContainerEntrypoint"):
        return Program((*entrypoint, *(algorithm.get("ContainerArguments") or ())), "/opt/ml", ())
    script = str(given.get("sagemaker_program") or environment.get("SAGEMAKER_PROGRAM") or "")
    if not script:
        image = algorithm.get("TrainingImage") or algorithm.get("AlgorithmName") or ""
        if (trainer := trainer_of(image)) is not None:
            command = ("python", "-P", str(trainer.path), "/opt/ml")
            return Program(command, "/opt/ml", (), metrics=trainer.metrics(given))
        raise Failure(
            f"ClientError: image `{image}` is not pulled by the loopback, so its `train` cannot run: send "
            "`sagemaker_program` and `sagemaker_submit_directory`, or `ContainerEntrypoint`"
        )
    module = script.removesuffix(".py")
    if "xgboost" in str(algorithm.get("TrainingImage")) and ("/" in module or "." in module):
        # Its container runs `python -m`; the others run a file.
        raise Failure(f"AlgorithmError: ExecuteUserScriptError: No module named {module}, exit code: 1")
    _place_code(job, ml, str(given.get("sagemaker_submit_directory") or ""))
    words = arguments(given)
    # The image of PyTorch starts scripts by a shell, whose errors it reads; those of scikit-learn and XGBoost do not.
    heard = "pytorch" in str(algorithm.get("TrainingImage")) and not given.get(_NATIVE)
    if heard:
        words = tuple(shlex.split(" ".join(words)))
    shell = ("/bin/sh", "-c", f'./{script} "$@"')
    before = shell if script.endswith(".sh") else ("python",)
    variables = _variables(job, given, script, host, hosts)
    return Program((*before, script, *words), "/opt/ml/code", tuple(variables.items()), script=script, heard=heard)


def decoded(value: str) -> Any:  # noqa: ANN401 - JSON of any kind
    """Return a hyperparameter as the toolkit reads it: JSON where it is some, else the text."""
    try:
        return json.loads(value)
    except ValueError:
        return value


def arguments(given: dict[str, Any]) -> tuple[str, ...]:
    """Return the script's arguments: sorted by name, `-n` for a name of one letter, maps as `a=1,b=2`."""
    words: list[str] = []
    for name, value in sorted(given.items()):
        if name.startswith(_OWN):
            continue
        is_map = isinstance(value, dict)
        text = ",".join(f"{key}={item}" for key, item in sorted(value.items())) if is_map else str(value)
        words += [f"--{name}" if len(name) > 1 else f"-{name}", "" if value is None else text]
    return tuple(words)


def variable(prefix: str, name: str) -> str:
    """Return the name of the variable about a channel or a hyperparameter."""
    return prefix + re.sub(r"\W", "_", name).upper()


def _place_code(job: Job, ml: Path, directory: str) -> None:
    code = ml / "code"
    if directory.startswith("/opt/ml"):
        source = ml / directory.removeprefix("/opt/ml").lstrip("/")
        if source.is_dir():
            shutil.copytree(source, code, dirs_exist_ok=True)
            return
    elif directory.startswith("s3://"):
        source = job.folder / "sourcedir.tar.gz"
        job.buckets.fetch(directory, source)
    elif directory:
        raise Failure(f"ClientError: `sagemaker_submit_directory` is `{directory}`, expected `s3://…/sourcedir.tar.gz`")
    else:
        return
    try:
        unpack(source, code)
    except MlopsError as cause:
        raise Failure(f"AlgorithmError: the code of `{directory}` cannot be unpacked: {cause}") from cause
    for path in code.rglob("*"):
        path.chmod(0o755)  # tar would have restored what is executable, and scripts write beside themselves


def _variables(job: Job, given: dict[str, Any], script: str, host: str, hosts: tuple[str, ...]) -> dict[str, str]:
    channels = [channel["ChannelName"] for channel in job.request.get("InputDataConfig") or ()]
    own = {name: value for name, value in given.items() if not name.startswith(_OWN)}
    cluster = job.request["ResourceConfig"]
    found = {
        "PYTHONPATH": "/opt/ml/code",
        "SM_MODEL_DIR": "/opt/ml/model",
        "SM_INPUT_DIR": "/opt/ml/input",
        "SM_INPUT_CONFIG_DIR": "/opt/ml/input/config",
        "SM_OUTPUT_DIR": "/opt/ml/output",
        "SM_OUTPUT_DATA_DIR": "/opt/ml/output/data",
        "SM_SOURCE_DIR": "/opt/ml/code",
        "SM_MODULE_DIR": str(given.get("sagemaker_submit_directory") or "/opt/ml/code"),
        "SM_MODULE_NAME": Path(script).stem,
        "SM_USER_ENTRY_POINT": script,
        "SM_USER_ARGS": json.dumps(arguments(given)),
        "SM_CHANNELS": json.dumps(sorted(channels)),
        "SM_HPS": json.dumps(own, sort_keys=True),
        "SM_HOSTS": json.dumps(hosts),
        "SM_CURRENT_HOST": host,
        "SM_MASTER_ADDR": hosts[0],
        "SM_CURRENT_INSTANCE_TYPE": cluster.get("InstanceType", ""),
        "SM_NETWORK_INTERFACE_NAME": "lo",
        "SM_NUM_CPUS": str(job.loopback.settings.threads),
        "SM_NUM_GPUS": "0",
        "SM_LOG_LEVEL": str(given.get("sagemaker_container_log_level", 20)),
    }
    for name in channels:
        found[variable("SM_CHANNEL_", name)] = f"/opt/ml/input/data/{name}"
    for name, value in own.items():
        plain = value if isinstance(value, str) else json.dumps(value, sort_keys=True, separators=(",", ":"))
        found[variable("SM_HP_", name)] = "" if value is None else plain
    return found
