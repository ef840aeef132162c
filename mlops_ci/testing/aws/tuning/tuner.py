"""A tuning job while it runs: trials through CreateTrainingJob, so many at a time, until there are enough."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from mlops_ci.testing.aws.tuning.ranges import Point
from mlops_ci.testing.aws.tuning.search import Search
from mlops_ci.testing.aws.tuning.trial import Trial

_LOOK = 0.1
"""Seconds between two looks at the trials that run."""

_HOPELESS = 5
"""Trials that fail before any succeeded, after which SageMaker gives up."""


class Tuner:
    """One tuning job. `sagemaker` is a client of the loopback; `tell` hears of every change of the status."""

    def __init__(self, request: dict[str, Any], sagemaker: Any, tell: Callable[[Tuner], None]) -> None:  # noqa: ANN401
        self.name: str = request["HyperParameterTuningJobName"]
        self.status = "InProgress"
        self.why = ""
        self.changed = self.created = _now()
        self.ended: datetime | None = None
        self.trials: list[Trial] = []
        self.stop_asked = threading.Event()
        self.closing = threading.Event()
        self._request = request
        self._sagemaker = sagemaker
        self._tell = tell
        self._config = request["HyperParameterTuningJobConfig"]
        one = request.get("TrainingJobDefinition")
        self._definitions = [one] if one else list(request["TrainingJobDefinitions"])
        seed = self._config.get("RandomSeed")
        base = int.from_bytes(hashlib.sha256(self.name.encode()).digest()[:4]) if seed is None else int(seed)
        self._searches = [Search(self._config, each, base + number) for number, each in enumerate(self._definitions)]
        self._deadline = time.monotonic() + self._limits.get("MaxRuntimeInSeconds", 30 * 86_400)

    @property
    def _limits(self) -> dict[str, Any]:
        found: dict[str, Any] = self._config["ResourceLimits"]
        return found

    @property
    def best(self) -> Trial | None:
        """Return the best trial that ended, None as long as there is none."""
        found: Trial | None = None
        for trial in self.trials:
            if trial.beats(found):
                found = trial
        return found

    def run(self) -> None:
        """Run the job to its end."""
        self._tell(self)
        while not self.closing.is_set():
            running = [trial for trial in self.trials if trial.objective_status == "Pending"]
            for trial in running:
                self._look(trial)
            if self.stop_asked.is_set():
                for trial in running:
                    self._stop(trial)
            elif self._is_hopeless():
                break
            elif not self._is_enough():
                self._fill(sum(trial.objective_status == "Pending" for trial in self.trials))
            if not any(trial.objective_status == "Pending" for trial in self.trials):
                if self.stop_asked.is_set() or self._is_enough():
                    break
                continue
            time.sleep(_LOOK)
        if not self.closing.is_set():
            self._finish()

    def stop(self) -> None:
        """Ask for the end of a job that has not ended."""
        self._turn("Stopping")
        self.stop_asked.set()

    def fail(self, why: str) -> None:
        """End a job that cannot go on."""
        self.why = why
        self.ended = _now()
        self._turn("Failed")

    @property
    def seconds(self) -> int:
        """Return how long all trials together have trained."""
        return sum(int(trial.described.get("TrainingTimeInSeconds", 0)) for trial in self.trials)

    def counters(self) -> tuple[dict[str, int], dict[str, int]]:
        """Return the counters of training jobs by status, and of objectives."""
        statuses = Counter(trial.status for trial in self.trials)
        objectives = Counter(trial.objective_status for trial in self.trials)
        jobs = {
            "Completed": statuses["Completed"],
            "InProgress": statuses["InProgress"] + statuses["Stopping"],
            "RetryableError": 0,
            "NonRetryableError": statuses["Failed"],
            "Stopped": statuses["Stopped"],
        }
        return jobs, {name: objectives[name] for name in ("Succeeded", "Pending", "Failed")}

    def _fill(self, running: int) -> None:
        for _ in range(self._limits["MaxParallelTrainingJobs"] - running):
            if self._is_enough():
                return
            number = len(self.trials)
            found = self._next(number)
            if found is None:
                return
            definition, point = found
            objective = definition.get("TuningObjective") or self._config["HyperParameterTuningJobObjective"]
            mark = hashlib.sha256(f"{self.name} {number}".encode()).hexdigest()[:8]
            trial = Trial(f"{self.name}-{number + 1:03}-{mark}", definition, objective, point)
            self._sagemaker.create_training_job(**trial.request(self._request.get("Tags") or []))
            self._look(trial)
            self.trials.append(trial)

    def _next(self, number: int) -> tuple[dict[str, Any], Point] | None:
        """Return the next point and its definition; definitions take turns as long as they have points."""
        for offset in range(len(self._definitions)):
            turn = (number + offset) % len(self._definitions)
            if (point := self._searches[turn].next()) is not None:
                return self._definitions[turn], point
        return None

    def _is_enough(self) -> bool:
        """Tell whether no trial may begin any more."""
        sizes = [search.size for search in self._searches]
        known = sum(size for size in sizes if size is not None) if None not in sizes else None
        most = self._limits.get("MaxNumberOfTrainingJobs")
        ends = [number for number in (known, most) if number is not None]
        if ends and len(self.trials) >= min(ends):
            return True
        return time.monotonic() > self._deadline or self._is_reached()

    def _is_reached(self) -> bool:
        wanted = (self._config.get("TuningJobCompletionCriteria") or {}).get("TargetObjectiveMetricValue")
        best = self.best
        if wanted is None or best is None or best.value is None:
            return False
        target = float(wanted)
        return best.value >= target if best.objective["Type"] == "Maximize" else best.value <= target

    def _is_hopeless(self) -> bool:
        statuses = Counter(trial.objective_status for trial in self.trials)
        return statuses["Failed"] >= _HOPELESS and not statuses["Succeeded"] and not statuses["Pending"]

    def _look(self, trial: Trial) -> None:
        answer = self._sagemaker.describe_training_job(TrainingJobName=trial.name)
        answer.pop("ResponseMetadata")
        trial.described = answer

    def _stop(self, trial: Trial) -> None:
        if trial.status == "InProgress":
            try:
                self._sagemaker.stop_training_job(TrainingJobName=trial.name)
            except self._sagemaker.exceptions.ClientError:
                self._look(trial)  # it ended meanwhile

    def _finish(self) -> None:
        self.ended = _now()
        if self.stop_asked.is_set():
            self._turn("Stopped")
        elif self.best is None:
            self.fail(
                f"No training job succeeded after {len(self.trials)} attempts. For additional details, please take a "
                "look at the training job failures by listing training jobs for the hyperparameter tuning job."
            )
        else:
            self._turn("Completed")

    def _turn(self, status: str) -> None:
        self.changed = _now()
        self.status = status
        self._tell(self)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)  # as moto writes times
