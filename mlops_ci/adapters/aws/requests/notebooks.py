"""Requests about notebook instances of SageMaker, and the script that runs whenever one starts."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shlex

from mlops_ci.adapters.aws.requests.terms import Request, Terms
from mlops_ci.model.address import Address
from mlops_ci.ports.notebooks import NotebookSpec

_LONGEST = 63
_DIGEST = 8
_VOLUME = 20
"""GB: room for the environments of SageMaker's kernels and a table or two."""
PLATFORM = "notebook-al2023-v1"
HOME = "/home/ec2-user/SageMaker"
"""What stays when an instance stops."""
LIMIT = 16384
"""Characters that SageMaker takes of a script, once it is base64."""


def notebook_name(address: Address, model: str) -> str:
    """Return the name of a model's notebook instance, and of its life cycle: project, model, and a digest of both.

    The project is the last name in the store's address.
    """
    project = address.prefix.rstrip("/").rpartition("/")[2] or address.bucket
    digest = hashlib.sha256(json.dumps([str(address), model, "notebook"]).encode()).hexdigest()[:_DIGEST]
    head = re.sub("[^a-zA-Z0-9]+", "-", f"{project}-{model}").strip("-")[: _LONGEST - _DIGEST - 1].strip("-")
    return f"{head}-{digest}" if head else digest


def notebook_request(name: str, spec: NotebookSpec, terms: Terms) -> Request:
    """Return the request that makes a notebook instance; its life cycle has its name."""
    network, inside = terms.network, {}
    if network.subnets:
        inside = {
            "SubnetId": network.subnets[0],
            "SecurityGroupIds": list(network.security_groups),
            "DirectInternetAccess": "Disabled" if network.isolation else "Enabled",
        }
    key = {"KmsKeyId": terms.volume_kms_key} if terms.volume_kms_key else {}
    return {
        "NotebookInstanceName": name,
        "InstanceType": spec.instance,
        "RoleArn": terms.role,
        "LifecycleConfigName": name,
        "VolumeSizeInGB": _VOLUME,
        "PlatformIdentifier": PLATFORM,
        "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "2"},
        "Tags": terms.tagged(model=spec.model, candidate=spec.candidate),
        **inside,
        **key,
    }


def update_request(name: str, spec: NotebookSpec, terms: Terms) -> Request:
    """Return the request that changes what may have changed of an instance that stands still."""
    return {
        "NotebookInstanceName": name,
        "InstanceType": spec.instance,
        "RoleArn": terms.role,
        "LifecycleConfigName": name,
    }


def life_cycle_request(name: str, script: str) -> Request:
    """Return the request for a life cycle that runs a script whenever the instance starts."""
    content = base64.b64encode(script.encode()).decode()
    return {"NotebookInstanceLifecycleConfigName": name, "OnStart": [{"Content": content}]}


def on_start(name: str, spec: NotebookSpec, region: str, idle: str) -> str:
    """Return the script of a start: it has five minutes, so what takes long goes on behind it.

    `idle` is the program that ends an instance in which nothing runs. No credentials are in it: the repository is
    cloned as anybody may clone it, and data is read with the instance's role.
    """
    stop = ("aws", "sagemaker", "stop-notebook-instance", "--notebook-instance-name", name, "--region", region)
    watch = ("--url", "https://localhost:8443", "--minutes", str(spec.idle_minutes), "--", *stop)
    return "\n".join((
        "#!/bin/bash",
        f"# `mlops-ci notebook {spec.model} start` writes this anew.",
        "set -eu",
        f"folder={HOME}/.mlops-ci",
        'mkdir -p "$folder"',
        f'echo {_encoded(about(spec))} | base64 -d > "$folder/candidate.json"',
        f'echo {_encoded(spec.image.requirements)} | base64 -d > "$folder/requirements.txt"',
        f'echo {_encoded(setup(spec))} | base64 -d > "$folder/setup.sh"',
        f"echo {_encoded(idle)} | base64 -d > /usr/local/bin/mlops-ci-idle",
        f"chown -R ec2-user {HOME}",
        f"nohup python3 /usr/local/bin/mlops-ci-idle {shlex.join(watch)} > /var/log/mlops-ci-idle.log 2>&1 &",
        f'sudo -u ec2-user nohup bash "$folder/setup.sh" {HOME} > "$folder/setup.log" 2>&1 &',
        "",
    ))  # fmt: skip


def setup(spec: NotebookSpec) -> str:
    """Return the script that clones the repository at the commit and installs the requirements, below its argument.

    What somebody changed there is left as it is.
    """
    clone: tuple[str, ...] = ("echo 'the repository has no address that can be cloned from here'",)
    if spec.repository:
        name = re.sub(r"\.git$", "", spec.repository.rstrip("/")).rpartition("/")[2] or "repository"
        here, commit = shlex.quote(name), shlex.quote(spec.commit)
        clone = (
            f"[ -d {here} ] || git clone {shlex.quote(spec.repository)} {here}",
            f'if [ -z "$(git -C {here} status --porcelain)" ]; then',
            f"  git -C {here} checkout --quiet --detach {commit} ||",
            f"    {{ git -C {here} fetch --quiet origin && git -C {here} checkout --quiet --detach {commit}; }}",
            "fi",
        )
    return "\n".join((
        'cd "$1"',
        "export GIT_TERMINAL_PROMPT=0",
        *clone,
        "activate=/home/ec2-user/anaconda3/bin/activate",
        '[ -f "$activate" ] && source "$activate" python3',
        "[ -s .mlops-ci/requirements.txt ] && python3 -m pip install -r .mlops-ci/requirements.txt",
        "echo ready",
        "",
    ))  # fmt: skip


def about(spec: NotebookSpec) -> str:
    """Return what the candidate has at hand, as JSON."""
    found = {
        "model": spec.model,
        "candidate": spec.candidate,
        "commit": spec.commit,
        "hyperparameters": dict(spec.hyperparameters),
        "environment": dict(spec.environment),
        "channels": {one.name: one.location for one in spec.channels},
    }
    return json.dumps(found, indent=1, sort_keys=True) + "\n"


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode() or "''"
