"""Training jobs under SageMaker's container contract (script mode), as a process of this machine."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_ci.adapters.local.environments import Environments, wanted
from mlops_ci.adapters.local.jobs import LocalJobs
from mlops_ci.adapters.local.placing import place_code, place_input
from mlops_ci.adapters.local.work import Claim, Product, Work
from mlops_ci.adapters.local.workshop import Workshop
from mlops_ci.model import Tree
from mlops_ci.ports.jobs import Input, TrainingJob
from mlops_ci.runtime.jobfolder import ML
from mlops_ci.runtime.xgboost_metrics import log_metrics

REGION = "us-east-1"
"""What AWS_REGION says where the job's own environment does not."""

HOST = "algo-1"


def local_trainer(workshop: Workshop, environments: Environments, tree: Callable[[], Tree]) -> LocalJobs[TrainingJob]:
    """Return the `Trainer` that runs jobs here. `tree` gives the snapshot that code is copied from."""
    return LocalJobs(workshop, _Training(workshop, environments, tree))


@dataclass(frozen=True, slots=True)
class _Training:
    workshop: Workshop
    environments: Environments
    tree: Callable[[], Tree]

    def __call__(self, job: TrainingJob, claim: Claim) -> Work:
        ml = claim.draft / ML
        for name in ("model", "checkpoints", "output/data", "input/config", "input/data", "code"):
            (ml / name).mkdir(parents=True)
        place_code(job.code, self.tree, ml / "code")
        for channel in job.channels:
            place_input(channel, ml / "input" / "data" / channel.name)
        config = _config(job)
        for name, content in config.items():
            (ml / "input" / "config" / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
        image = wanted(job.image, ml / "code")
        python = self.environments.python_for(image)
        return Work(
            command=(str(python), f"/opt/ml/code/{job.entry}", *_arguments(job)) if job.entry else _algorithm(python),
            cwd="/opt/ml/code",
            contract=tuple(_variables(job, claim.key, config, self.workshop.threads).items()),
            environment=job.environment,
            max_runtime=job.resources.max_runtime,
            products=(Product("model", f"{ML}/model"), Product("output", f"{ML}/output/data", is_required=False)),
            image=self.environments.true_image(python, image),
            metrics=tuple((metric.name, metric.regex) for metric in job.metric_definitions) or _known(job),
        )


def resource_config(instance: str) -> dict[str, Any]:
    """Return `resourceconfig.json` of a job on one host."""
    return {
        "current_host": HOST,
        "hosts": [HOST],
        "network_interface_name": "lo",
        "current_instance_type": instance,
        "current_group_name": "homogeneousCluster",
        "instance_groups": [{"instance_group_name": "homogeneousCluster", "instance_type": instance, "hosts": [HOST]}],
    }


def variable(prefix: str, name: str) -> str:
    """Return the name of the variable about a channel or a hyperparameter, as SageMaker's toolkit writes it."""
    return prefix + re.sub(r"\W", "_", name).upper()


def _config(job: TrainingJob) -> dict[str, Any]:
    channel = {"TrainingInputMode": "File", "S3DistributionType": "FullyReplicated", "RecordWrapperType": "None"}
    return {
        "hyperparameters": dict(job.hyperparameters),
        "inputdataconfig": {given.name: channel | _typed_as(given) for given in job.channels},
        "resourceconfig": resource_config(job.resources.instance),
    }


def _algorithm(python: Path) -> tuple[str, ...]:
    """Return what trains where there is no script; `LocalImages` lets nothing through but XGBoost."""
    return (str(python), "-P", "-m", "mlops_ci.runtime.xgboost_train")


def _known(job: TrainingJob) -> tuple[tuple[str, str], ...]:
    """Return the metrics of an algorithm, which nobody has to define: SageMaker knows them, too."""
    return () if job.entry else log_metrics(dict(job.hyperparameters))


def _arguments(job: TrainingJob) -> tuple[str, ...]:
    """Return the hyperparameters as SageMaker's toolkit writes them: a name of one letter has one dash."""
    dashed = ((f"-{name}" if len(name) == 1 else f"--{name}", value) for name, value in job.hyperparameters)
    return tuple(word for pair in dashed for word in pair)


def _variables(job: TrainingJob, key: str, config: dict[str, Any], threads: int) -> dict[str, str]:
    """Return the variables of the contract; a hyperparameter's value is JSON where it reads as such."""
    found = {
        "PYTHONPATH": "/opt/ml/code",
        "TRAINING_JOB_NAME": key,
        "TRAINING_JOB_ARN": f"arn:aws:sagemaker:{REGION}:000000000000:training-job/{key}",
        "AWS_REGION": REGION,
        "SM_MODEL_DIR": "/opt/ml/model",
        "SM_INPUT_DIR": "/opt/ml/input",
        "SM_INPUT_CONFIG_DIR": "/opt/ml/input/config",
        "SM_OUTPUT_DIR": "/opt/ml/output",
        "SM_OUTPUT_DATA_DIR": "/opt/ml/output/data",
        "SM_SOURCE_DIR": "/opt/ml/code",
        "SM_MODULE_DIR": "/opt/ml/code",
        "SM_MODULE_NAME": Path(job.entry).stem,
        "SM_USER_ENTRY_POINT": job.entry,
        "SM_USER_ARGS": json.dumps(_arguments(job)),
        "SM_CHANNELS": json.dumps(sorted(given.name for given in job.channels)),
        "SM_HPS": json.dumps({name: _typed(value) for name, value in job.hyperparameters}),
        "SM_HOSTS": json.dumps([HOST]),
        "SM_CURRENT_HOST": HOST,
        "SM_CURRENT_INSTANCE_TYPE": job.resources.instance,
        "SM_NETWORK_INTERFACE_NAME": "lo",
        "SM_RESOURCE_CONFIG": json.dumps(config["resourceconfig"]),
        "SM_INPUT_DATA_CONFIG": json.dumps(config["inputdataconfig"]),
        "SM_NUM_CPUS": str(threads),
        "SM_NUM_GPUS": "0",
        "SM_LOG_LEVEL": "20",
    }
    for given in job.channels:
        found[variable("SM_CHANNEL_", given.name)] = f"/opt/ml/input/data/{given.name}"
    for name, value in job.hyperparameters:
        found[variable("SM_HP_", name)] = value
    return found


def _typed_as(given: Input) -> dict[str, str]:
    return {"ContentType": given.content_type} if given.content_type else {}


def _typed(value: str) -> Any:  # noqa: ANN401 - JSON of any kind
    try:
        return json.loads(value)
    except ValueError:
        return value
