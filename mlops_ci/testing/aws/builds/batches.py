"""Batch builds: a list, a graph or a matrix of builds of one project, started as what they depend on ends."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mlops_ci.testing.aws.buckets import Buckets
from mlops_ci.testing.aws.builds import sources
from mlops_ci.testing.aws.builds.batch_tasks import BatchError, Task, tasks_of
from mlops_ci.testing.aws.builds.fleet import Fleet
from mlops_ci.testing.aws.builds.order import order_of

_PAUSE = 0.05


class Batches:
    """The batches of a server, by id. They use the fleet's builds, and end with it."""

    def __init__(self, fleet: Fleet, repositories: Mapping[str, str]) -> None:
        self._fleet = fleet
        self._repositories = repositories
        self._shown: dict[str, dict[str, Any]] = {}
        self._tokens: dict[tuple[str, str], str] = {}
        self._stopped: set[str] = set()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []
        self._numbers: Counter[str] = Counter()

    def start(
        self, project: Mapping[str, Any], request: Mapping[str, Any], account: str, region: str
    ) -> dict[str, Any]:
        """Return a batch that runs from now on, or the one that its token started before."""
        name, token = str(project["name"]), str(request.get("idempotencyToken") or "")
        if token and (known := self._tokens.get((name, token))):
            return self.shown(known) or {}
        number = str(uuid.uuid4())
        key = f"{name}:{number}"
        self._tokens[name, token] = key
        self._numbers[name] += 1
        version = str(request.get("sourceVersion") or project.get("sourceVersion") or "")
        self._shown[key] = {
            "id": key,
            "arn": f"arn:aws:codebuild:{region}:{account}:build-batch/{key}",
            "startTime": _now(),
            "currentPhase": "SUBMITTED",
            "buildBatchStatus": "IN_PROGRESS",
            "sourceVersion": version,
            "projectName": name,
            "phases": [],
            "complete": False,
            "initiator": "loopback",
            "buildBatchNumber": self._numbers[name],
            "buildBatchConfig": project.get("buildBatchConfig") or {},
            "buildGroups": [],
        }
        thread = threading.Thread(
            target=self._run, args=(key, dict(project), dict(request), account, region), daemon=True
        )
        self._threads.append(thread)
        thread.start()
        return self.shown(key) or {}

    def shown(self, key: str) -> dict[str, Any] | None:
        """Return what BatchGetBuildBatches answers of a batch, by id or ARN; None where there is none."""
        with self._lock:
            found = self._shown.get(key.partition(":build-batch/")[2] or key)
            return None if found is None else found | {"buildGroups": [dict(one) for one in found["buildGroups"]]}

    def of(self, project: str, status: str = "") -> list[str]:
        """Return the ids of a project's batches, the last first."""
        found = [key for key, one in self._shown.items() if one["projectName"] == project]
        return [key for key in reversed(found) if status in ("", self._shown[key]["buildBatchStatus"])]

    def stop(self, key: str) -> dict[str, Any] | None:
        """Ask a batch to stop, and return it."""
        found = self.shown(key)
        if found is not None:
            self._stopped.add(str(found["id"]))
        return found

    def end(self) -> None:
        """End every batch; their builds end with the fleet."""
        self._closing.set()
        for thread in self._threads:
            thread.join(10)

    def _run(self, key: str, project: dict[str, Any], request: dict[str, Any], account: str, region: str) -> None:
        try:
            self._set(key, currentPhase="DOWNLOAD_BATCHSPEC")
            text, resolved = self._batchspec(project, request, account)
            self._set(key, currentPhase="IN_PROGRESS", resolvedSourceVersion=resolved)
            status = self._built(key, tasks_of(text), project, request, account, region)
        except (BatchError, sources.SourceError, OSError) as error:
            self._set(key, phases=[_failed(str(error))])
            status = "FAILED"
        self._set(key, buildBatchStatus=status, currentPhase=status, complete=True, endTime=_now())

    def _batchspec(self, project: dict[str, Any], request: dict[str, Any], account: str) -> tuple[str, str]:
        """Return the text of the batch's buildspec, and the commit of the source."""
        order = order_of(project, request)
        with TemporaryDirectory() as folder:
            place = Path(folder, "src")
            place.mkdir()
            resolved = sources.fetch(order.source, order.version, place, Buckets(account), self._repositories)
            given = str(order.source.get("buildspec") or "buildspec.yml")
            is_text = "\n" in given or given.lstrip().startswith("{")
            return (given if is_text else (place / given).read_text()), resolved

    def _built(
        self, key: str, asked: tuple[tuple[Task, ...], bool], project: dict[str, Any], request: dict[str, Any],
        account: str, region: str,
    ) -> str:  # fmt: skip
        tasks, fails_fast = asked
        builds: dict[str, Any] = {}
        base = {name: value for name, value in request.items() if name not in {"buildspecOverride", "idempotencyToken"}}
        while True:
            states = {name: str(report.shown()["buildStatus"]) for name, report in builds.items()}
            bad = {name for name, state in states.items() if state not in {"IN_PROGRESS", "SUCCEEDED"}}
            is_over = key in self._stopped or self._closing.is_set() or (fails_fast and bad)
            for name, report in builds.items():
                if is_over and states[name] == "IN_PROGRESS":
                    report.stop_asked.set()
            for task in tasks:
                if (
                    not is_over
                    and task.identifier not in builds
                    and all(states.get(one) == "SUCCEEDED" for one in task.before)
                ):
                    given = base | dict(task.overrides)
                    given["environmentVariablesOverride"] = [
                        *base.get("environmentVariablesOverride", ()),
                        *task.overrides.get("environmentVariablesOverride", ()),
                    ]
                    builds[task.identifier] = self._fleet.start(order_of(project, given), account, region)
            self._set(key, buildGroups=[_group(task, builds.get(task.identifier)) for task in tasks])
            left = [task for task in tasks if task.identifier not in builds and not set(task.before) & bad]
            if all(report.is_complete for report in builds.values()) and (is_over or not left):
                break
            time.sleep(_PAUSE)
        self._set(key, buildGroups=[_group(task, builds.get(task.identifier)) for task in tasks])
        if key in self._stopped or self._closing.is_set():
            return "STOPPED"
        ended = {name: report.shown()["buildStatus"] for name, report in builds.items()}
        is_well = all(ended.get(task.identifier) == "SUCCEEDED" or task.ignores_failure for task in tasks)
        return "SUCCEEDED" if is_well else "FAILED"

    def _set(self, key: str, **state: Any) -> None:  # noqa: ANN401 - whatever the API has
        with self._lock:
            self._shown[key].update(state)


def _group(task: Task, report: Any) -> dict[str, Any]:  # noqa: ANN401 - a build's report, or None
    found: dict[str, Any] = {
        "identifier": task.identifier, "dependsOn": list(task.before), "ignoreFailure": task.ignores_failure,
    }  # fmt: skip
    if report is not None:
        shown = report.shown()
        found["currentBuildSummary"] = {
            "arn": shown["arn"], "requestedOn": shown["startTime"], "buildStatus": shown["buildStatus"],
        }  # fmt: skip
    return found


def _failed(message: str) -> dict[str, Any]:
    moment = _now()
    return {
        "phaseType": "DOWNLOAD_BATCHSPEC", "phaseStatus": "FAILED", "startTime": moment, "endTime": moment,
        "contexts": [{"statusCode": "CLIENT_ERROR", "message": message}],
    }  # fmt: skip


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
