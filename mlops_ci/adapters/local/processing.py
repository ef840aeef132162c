"""Processing jobs under SageMaker's container contract, as a process of this machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from mlops_ci.adapters.local.environments import Environments, wanted
from mlops_ci.adapters.local.jobs import LocalJobs
from mlops_ci.adapters.local.placing import place_code, place_input
from mlops_ci.adapters.local.training import REGION, resource_config, variable
from mlops_ci.adapters.local.work import Claim, Product, Work
from mlops_ci.adapters.local.workshop import Workshop
from mlops_ci.errors import ProviderError
from mlops_ci.model import Tree
from mlops_ci.ports.jobs import ProcessingJob
from mlops_ci.runtime.jobfolder import ML

_ROOT = "/opt/ml/processing"
_CODE = f"{_ROOT}/input/code"


def local_processor(
    workshop: Workshop, environments: Environments, tree: Callable[[], Tree]
) -> LocalJobs[ProcessingJob]:
    """Return the `Processor` that runs jobs here. `tree` gives the snapshot that code is copied from.

    Inputs are at /opt/ml/processing/input/<name>, outputs at /opt/ml/processing/<name>, one archive each. Without a
    true /opt/ml, arguments that name something below it are rewritten; SM_PROCESSING_DIR, SM_PROCESSING_INPUT_<NAME>
    and SM_PROCESSING_OUTPUT_<NAME> say where the folders are.
    """
    return LocalJobs(workshop, _Processing(environments, tree))


@dataclass(frozen=True, slots=True)
class _Processing:
    environments: Environments
    tree: Callable[[], Tree]

    def __call__(self, job: ProcessingJob, claim: Claim) -> Work:
        if clash := [name for name in job.outputs if name == "input"]:
            raise ProviderError(f"an output cannot be called `{clash[0]}`: that folder holds the inputs")
        if clash := [given.name for given in job.inputs if given.name == "code"]:
            raise ProviderError(f"an input cannot be called `{clash[0]}`: that folder holds the code")
        ml = claim.draft / ML
        folder = ml / "processing"
        for name in ("processing/input/code", "config", "output", *(f"processing/{name}" for name in job.outputs)):
            (ml / name).mkdir(parents=True)
        place_code(job.code, self.tree, folder / "input" / "code")
        for given in job.inputs:
            place_input(given, folder / "input" / given.name)
        command = (f"{_CODE}/{job.entry}", *job.arguments)
        config = {
            "ProcessingJobName": claim.key,
            "AppSpecification": {"ContainerEntrypoint": ["python3", command[0]], "ContainerArguments": job.arguments},
            "Environment": dict(job.environment),
            "ProcessingInputs": [_channel(given.name, f"{_ROOT}/input/{given.name}") for given in job.inputs],
            "ProcessingOutputConfig": {"Outputs": [_channel(name, f"{_ROOT}/{name}") for name in job.outputs]},
            "StoppingCondition": {"MaxRuntimeInSeconds": job.max_runtime},
        }
        for name, content in (("processingjobconfig", config), ("resourceconfig", resource_config("local"))):
            (ml / "config" / f"{name}.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
        image = wanted(job.image, folder / "input" / "code")
        python = self.environments.python_for(image)
        return Work(
            command=(str(python), *command),
            cwd=_CODE,
            contract=tuple(_variables(job, claim.key).items()),
            environment=job.environment,
            max_runtime=job.max_runtime,
            products=tuple(Product(name, f"{ML}/processing/{name}") for name in job.outputs),
            image=self.environments.true_image(python, image),
        )


def _variables(job: ProcessingJob, key: str) -> dict[str, str]:
    return {
        "PYTHONPATH": _CODE,
        "PROCESSING_JOB_NAME": key,
        "PROCESSING_JOB_ARN": f"arn:aws:sagemaker:{REGION}:000000000000:processing-job/{key}",
        "AWS_REGION": REGION,
        "SM_PROCESSING_DIR": _ROOT,
        **{variable("SM_PROCESSING_INPUT_", given.name): f"{_ROOT}/input/{given.name}" for given in job.inputs},
        **{variable("SM_PROCESSING_OUTPUT_", name): f"{_ROOT}/{name}" for name in job.outputs},
    }


def _channel(name: str, place: str) -> dict[str, str]:
    return {"Name": name, "LocalPath": place}
