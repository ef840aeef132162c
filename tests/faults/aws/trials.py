"""One trial in an account: a command that meets its fate at a call of AWS, and what exists afterwards."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_ci.adapters.aws.requests.endpoints import endpoint_name
from mlops_ci.testing.aws.loopback import Loopback
from tests.e2e.clouds import client, in_cloud, standing
from tests.e2e.tiny import CANDIDATE, TRAINED, Done, Tiny, make
from tests.faults.trial import MARKED, marks

DYING = Path(__file__).with_name("dying.py")

QUICK = TRAINED + "tests: {skip: [latency, robustness, parity]}\nenvironments:\n  staging: {}\n"
"""The model with one environment and the tests that take no time."""


def project(folder: Path, aws: Loopback, model: str = QUICK, more: str = "", script: str = MARKED) -> Tiny:
    """Return a new project of one candidate, whose trainings say when they start.

    `model` is its manifest, `more` what its candidate's says beside the script, which is `script`.
    """
    made = in_cloud(make(folder), aws, folder.name)
    made.write("src/train/fit.py", script)
    made.write("model.yaml", model)
    (made.folder / "pipelines/tiny/candidates/low.yaml").unlink()
    made.write("candidates/middle.yaml", CANDIDATE.format(cut=f'0.45, mark: "{folder}/mark"') + more)
    made.push("one candidate")
    return made


@dataclass(frozen=True, slots=True)
class Fate:
    """At which call a command is killed: its number, or a piece of what it says; and when. See `dying`."""

    at: int | str
    when: str = "answered"


def suffer(tiny: Tiny, fate: Fate, *verb: str) -> tuple[Done, list[str]]:
    """Return how the command ended that met this fate, and the calls that it came to."""
    log = tiny.folder.with_name("calls")
    log.unlink(missing_ok=True)
    words = [str(fate.at), fate.when, str(log), "-C", str(tiny.folder), *verb]
    done = subprocess.run(
        [sys.executable, str(DYING), *words], env=tiny.environment, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr), log.read_text().splitlines() if log.exists() else []


def store_of(tiny: Tiny) -> str:
    """Return the address of the project's store."""
    return f"s3://models/{tiny.folder.parent.name}"


def mark_of(tiny: Tiny) -> str:
    """Return what the names of the project's jobs end with."""
    return hashlib.sha256(store_of(tiny).encode()).hexdigest()[:8]


def standing_of(tiny: Tiny, aws: Loopback) -> dict[str, int]:
    """Return how much of each kind stands there of this project: the account has that of other tests as well."""
    own = (mark_of(tiny), endpoint_name(store_of(tiny), "staging", "tiny"))
    return {what: sum(any(mark in name for mark in own) for name in names) for what, names in standing(aws).items()}


def jobs_of(tiny: Tiny, aws: Loopback) -> list[str]:
    """Return every job that the project ever began, such as `training-1`: what it was about is left out."""
    sagemaker = client(aws, "sagemaker")
    asked = {"MaxResults": 100, "NameContains": mark_of(tiny)}
    found = sagemaker.list_training_jobs(**asked)["TrainingJobSummaries"]
    found += sagemaker.list_transform_jobs(**asked)["TransformJobSummaries"]
    names = (str(job.get("TrainingJobName") or job["TransformJobName"]).split("-") for job in found)
    return sorted(f"{kind}-{attempt}" for kind, _, attempt, _ in names)


def end_of(tiny: Tiny, aws: Loopback) -> dict[str, Any]:
    """Return all that must be the same however often a run was disturbed."""
    found = tiny.run("status", "--json").json()["models"][0]
    happened = tiny.run("history", "--json").json()["models"][0]["happenings"]
    tiny.git("fetch", "-q")
    return {
        "champion": (found["champion"]["version"], found["champion"]["candidate"]),
        "environments": {
            name: (e["version"], e["state"], (e["tests"] or {}).get("verdict"))
            for name, e in found["environments"].items()
        },
        "happened": [(h["kind"], h["environment"], h["version"], h["verdict"]) for h in happened],
        "commits": tiny.git("log", "--format=%s", "origin/main").splitlines(),
        "plan": tiny.changes(),
        "jobs": jobs_of(tiny, aws),
        "trainings": [line for line in marks(tiny) if line.startswith("start")],
        "registered": registered(tiny, aws),
        "standing": standing_of(tiny, aws),
    }


UNDISTURBED: dict[str, Any] = {
    "champion": (1, "middle"),
    "environments": {"staging": (1, "InService", "passed")},
    "happened": [
        ("contest", None, 1, "promote"),
        ("promotion", None, 1, None),
        ("deployment", "staging", 1, None),
        ("test", "staging", 1, "passed"),
    ],
    "commits": ["Deploy tiny v1 to staging", "Promote tiny v1: middle", "one candidate", "first"],
    "plan": [],
    "jobs": ["evaluation-1", "training-1"],
    "trainings": ["start 0.45"],
    "registered": 1,
    "standing": {"jobs": 0, "endpoints": 1, "configs": 1, "models": 1, "alarms": 0},
}
"""Where a run that nobody disturbed ends; a test holds it to that."""


def registered(tiny: Tiny, aws: Loopback) -> int:
    """Return how many versions of the project's model are in the account's registry."""
    sagemaker, store = client(aws, "sagemaker"), store_of(tiny)
    count = 0
    for group in sagemaker.list_model_package_groups(MaxResults=100)["ModelPackageGroupSummaryList"]:
        tags = sagemaker.list_tags(ResourceArn=group["ModelPackageGroupArn"])["Tags"]
        if {"Key": "mlops-ci:store", "Value": store} in tags:
            asked = {"ModelPackageGroupName": group["ModelPackageGroupName"]}
            count += len(sagemaker.list_model_packages(**asked)["ModelPackageSummaryList"])
    return count
