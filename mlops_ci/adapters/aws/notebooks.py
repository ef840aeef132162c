"""Notebook instances of SageMaker, as `Notebooks`: one a model, told by its name, its candidate by a tag."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.refusals import is_there, unless_missing
from mlops_ci.adapters.aws.requests import notebooks as requests
from mlops_ci.adapters.aws.requests.terms import Terms, terms_of
from mlops_ci.errors import ProviderError, UsageError
from mlops_ci.ports.jobs import Input
from mlops_ci.ports.notebooks import Notebook, NotebookSpec, NotebookState
from mlops_ci.runtime import idle

INSTANCE = "ml.t3.medium"
"""What a notebook runs on where nobody says otherwise: the smallest there is."""
_CANDIDATE = "mlops-ci:candidate"
_STATES = {
    "Pending": NotebookState.STARTING,
    "Updating": NotebookState.STARTING,
    "PendingMaintenance": NotebookState.STARTING,
    "InMaintenance": NotebookState.STARTING,
    "InService": NotebookState.RUNNING,
    "Stopping": NotebookState.STOPPING,
    "Deleting": NotebookState.STOPPING,
    "Stopped": NotebookState.STOPPED,
    "Failed": NotebookState.FAILED,
}


@dataclass(frozen=True, slots=True)
class SageMakerNotebooks:
    """Makes instances in an account. `placed` gives an input's address on S3, to which its files are sent."""

    account: Account
    placed: Callable[[Input], Input]

    def start(self, spec: NotebookSpec) -> None:
        """Begin to make or start the instance; one of another type is changed first, and started the next time.

        Raises:
            UsageError: what the candidate has at hand is more than a script of SageMaker's may hold.
            ProviderError: AWS refuses, or an input cannot be sent.

        """
        spec = replace(spec, instance=spec.instance or INSTANCE)
        name, now = self._name(spec.model), self._now(spec.model)
        if now and now["NotebookInstanceStatus"] not in {"Stopped", "Failed"}:
            return
        self._write_life_cycle(name, replace(spec, channels=tuple(self.placed(one) for one in spec.channels)))
        terms, client = self._terms(), self._client()
        if not now:
            try:
                with self.account.asked("sagemaker:CreateNotebookInstance", name):
                    client.create_notebook_instance(**requests.notebook_request(name, spec, terms))
            except ProviderError as error:
                if not is_there(error):  # it was ours, and the answer was lost
                    raise
            return
        with self.account.asked("sagemaker:AddTags", name):
            client.add_tags(ResourceArn=now["NotebookInstanceArn"], Tags=[{"Key": _CANDIDATE, "Value": spec.candidate}])
        wanted = requests.update_request(name, spec, terms)
        found = (now["InstanceType"], now["RoleArn"], now.get("NotebookInstanceLifecycleConfigName", ""))
        if found != (wanted["InstanceType"], wanted["RoleArn"], name):
            with self.account.asked("sagemaker:UpdateNotebookInstance", name):
                client.update_notebook_instance(**wanted)
            if self._now(spec.model).get("NotebookInstanceStatus") == "Updating":
                return
        with self.account.asked("sagemaker:StartNotebookInstance", name):
            client.start_notebook_instance(NotebookInstanceName=name)

    def status(self, model: str) -> Notebook | None:
        """Return the model's instance; the address of one that runs is good for some minutes.

        Raises:
            ProviderError: AWS refuses, or does not answer.

        """
        name, now = self._name(model), self._now(model)
        if not now:
            return None
        with self.account.asked("sagemaker:ListTags", name):
            said = self._client().list_tags(ResourceArn=now["NotebookInstanceArn"])["Tags"]
        candidate = {tag["Key"]: tag["Value"] for tag in said}.get(_CANDIDATE, "")
        state = _STATES.get(now["NotebookInstanceStatus"], NotebookState.STARTING)
        url = ""
        if state is NotebookState.RUNNING:
            with self.account.asked("sagemaker:CreatePresignedNotebookInstanceUrl", name):
                url = self._client().create_presigned_notebook_instance_url(NotebookInstanceName=name)["AuthorizedUrl"]
        return Notebook(model, state, candidate, now["InstanceType"], url, str(now.get("FailureReason", "")))

    def stop(self, model: str) -> None:
        """Begin to stop the instance where it is in service; raises as `status`."""
        name, now = self._name(model), self._now(model)
        if now.get("NotebookInstanceStatus") == "InService":
            with self.account.asked("sagemaker:StopNotebookInstance", name):
                self._client().stop_notebook_instance(NotebookInstanceName=name)

    def delete(self, model: str) -> None:
        """Begin to delete an instance that stands still; its life cycle goes when it is gone. Raises as `status`."""
        name, now = self._name(model), self._now(model)
        if now.get("NotebookInstanceStatus") in {"Stopped", "Failed"}:
            with self.account.asked("sagemaker:DeleteNotebookInstance", name):
                self._client().delete_notebook_instance(NotebookInstanceName=name)
        elif not now:
            call = self._client().delete_notebook_instance_lifecycle_config
            unless_missing(
                self.account,
                "sagemaker:DeleteNotebookInstanceLifecycleConfig",
                name,
                call,
                NotebookInstanceLifecycleConfigName=name,
            )

    def _write_life_cycle(self, name: str, spec: NotebookSpec) -> None:
        script = requests.on_start(name, spec, self.account.region, Path(idle.__file__).read_text("utf-8"))
        request = requests.life_cycle_request(name, script)
        size = len(request["OnStart"][0]["Content"])
        if size > requests.LIMIT:
            raise UsageError(
                f"the script of this notebook has {size} characters, and SageMaker takes {requests.LIMIT}",
                hint="shorten the candidate's `requirements`: name a file of the repository in it, or drop pins",
            )
        try:
            with self.account.asked("sagemaker:CreateNotebookInstanceLifecycleConfig", name):
                tags = self._terms().tagged(model=spec.model)
                self._client().create_notebook_instance_lifecycle_config(**request, Tags=tags)
        except ProviderError as error:
            if not is_there(error):
                raise
            with self.account.asked("sagemaker:UpdateNotebookInstanceLifecycleConfig", name):
                self._client().update_notebook_instance_lifecycle_config(**request)

    def _now(self, model: str) -> dict[str, Any]:
        """Return what AWS says of the model's instance; empty where there is none."""
        name = self._name(model)
        call = self._client().describe_notebook_instance
        return unless_missing(self.account, "sagemaker:DescribeNotebookInstance", name, call, NotebookInstanceName=name)

    def _name(self, model: str) -> str:
        return requests.notebook_name(self.account.address, model)

    def _terms(self) -> Terms:
        return terms_of(self.account.target, self.account.region, self.account.tags)

    def _client(self) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
        return self.account.clients.of("sagemaker")
