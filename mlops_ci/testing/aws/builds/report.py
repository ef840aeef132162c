"""A build as the API tells about it, from StartBuild to its end."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any


class Report:
    """One build. `tell` hears of every change of its status and of every phase that ended."""

    def __init__(self, state: Mapping[str, Any], tell: Callable[[dict[str, Any], dict[str, Any] | None], None]) -> None:
        self._state: dict[str, Any] = dict(state)
        self._tell = tell
        self._lock = threading.RLock()
        self.stop_asked = threading.Event()
        moment = _now()
        done = {"phaseType": "SUBMITTED", "phaseStatus": "SUCCEEDED", "startTime": moment, "endTime": moment}
        self._state |= {
            "startTime": moment,
            "buildStatus": "IN_PROGRESS",
            "buildComplete": False,
            "currentPhase": "QUEUED",
            "phases": [done | {"durationInSeconds": 0}, {"phaseType": "QUEUED", "startTime": moment}],
        }

    def shown(self) -> dict[str, Any]:
        """Return what BatchGetBuilds answers."""
        with self._lock:
            return copy.deepcopy(self._state)

    @property
    def is_complete(self) -> bool:
        """Tell whether the build has ended."""
        return bool(self._state["buildComplete"])

    def set(self, **state: Any) -> None:  # noqa: ANN401 - whatever the API has
        """Change what is shown."""
        with self._lock:
            self._state.update(state)

    def began(self) -> None:
        """Tell that the build is in progress."""
        self._tell(self.shown(), None)

    def enter(self, phase: str, status: str = "SUCCEEDED", message: str = "") -> None:
        """End the current phase with a status, and begin the next one."""
        moment = _now()
        with self._lock:
            last = self._state["phases"][-1]
            last |= {"phaseStatus": status, "endTime": moment, "durationInSeconds": _seconds(last["startTime"], moment)}
            if status != "SUCCEEDED":
                last["contexts"] = [{"statusCode": _code(last["phaseType"], status), "message": message}]
            ended = copy.deepcopy(last)
            self._state["phases"].append({"phaseType": phase, "startTime": moment})
            self._state["currentPhase"] = phase
        self._tell(self.shown(), ended)

    def complete(self, status: str) -> None:
        """End the build. FINALIZING is the phase it is in."""
        self.enter("COMPLETED")
        with self._lock:
            self._state |= {"buildStatus": status, "buildComplete": True, "endTime": _now()}
        self._tell(self.shown(), None)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)  # as moto writes times


def _seconds(start: datetime, end: datetime) -> int:
    return round((end - start).total_seconds())


def _code(phase: str, status: str) -> str:
    if status in {"STOPPED", "TIMED_OUT"}:
        return status
    return "COMMAND_EXECUTION_ERROR" if phase in {"INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD"} else "CLIENT_ERROR"
