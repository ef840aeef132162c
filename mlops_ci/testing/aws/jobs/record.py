"""A job as the API tells about it, from Create to its last state."""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from mlops_ci.testing.aws.jobs.kinds import Kind

LONGEST_REASON = 1024
"""Characters a FailureReason may have."""

ENDED = frozenset({"Completed", "Failed", "Stopped"})

_HIDDEN = frozenset({"Tags"})
"""Members of a request that no describe call answers with."""


class StopAsked(Exception):  # noqa: N818 - named after what happened
    """Somebody wants the job to end."""


class Record:
    """One job. Every change of its status is told to `tell`, as SageMaker tells EventBridge."""

    def __init__(
        self, kind: Kind, arn: str, request: dict[str, Any], *, mirror: object, tell: Callable[[Record], None]
    ) -> None:
        self.kind = kind
        self.arn = arn
        self.request = request
        self.name: str = request[kind.name]
        self.stop_asked = threading.Event()
        self.ended = threading.Event()
        self._mirror = mirror
        self._tell = tell
        self._lock = threading.RLock()
        began = now()
        self._state: dict[str, Any] = {kind.arn: arn, kind.status: "InProgress", "CreationTime": began}
        self.set(LastModifiedTime=began)

    @property
    def status(self) -> str:
        """Return InProgress, Stopping, Completed, Failed or Stopped."""
        found: str = self._state[self.kind.status]
        return found

    def set(self, **state: Any) -> None:  # noqa: ANN401 - whatever the API has
        """Change what describe calls answer; moto's own object, which its other calls read, follows."""
        with self._lock:
            self._state.update(LastModifiedTime=now())
            self._state.update(state)
            word = self.kind.word.lower()
            vars(self._mirror).update({
                f"{word}_job_status": self._state[self.kind.status],
                f"{word}_end_time": self._state.get(self.kind.end),
                "last_modified_time": self._state["LastModifiedTime"],
                "failure_reason": self._state.get("FailureReason"),
            })  # fmt: skip

    def turn(self, status: str, **state: Any) -> None:  # noqa: ANN401 - whatever the API has
        """Change the status, unless the job has ended; a job that is stopping is not in progress again."""
        with self._lock:
            if self.status in ENDED or (status == "InProgress" and self.status == "Stopping"):
                return
            self.set(**{self.kind.status: status}, **state)
        self._tell(self)
        if status in ENDED:
            self.ended.set()

    def step(self, secondary: str, message: str, **state: Any) -> None:  # noqa: ANN401 - whatever the API has
        """Change a training's SecondaryStatus within its status."""
        with self._lock:
            if self.status in ENDED:
                return
            self.set(SecondaryStatus=secondary, **state, **self.transition(secondary, message))
        self._tell(self)

    def transition(self, secondary: str, message: str) -> dict[str, Any]:
        """Return the history with one more state, which begins now and ends the one before."""
        moment = now()
        with self._lock:
            history = copy.deepcopy(self._state.get("SecondaryStatusTransitions", []))
        if history:
            history[-1]["EndTime"] = moment
        history.append({"Status": secondary, "StartTime": moment, "StatusMessage": message})
        return {"SecondaryStatusTransitions": history}

    def stop(self) -> None:
        """Ask for the end of a job that has not ended."""
        self.turn("Stopping")
        self.stop_asked.set()

    def described(self) -> dict[str, Any]:
        """Return what a describe call answers: the request, and what became of it."""
        with self._lock:
            asked = {name: value for name, value in self.request.items() if name not in _HIDDEN}
            return asked | copy.deepcopy(self._state)

    def detail(self) -> dict[str, Any]:
        """Return the `detail` of an event: as described, with times in milliseconds, and tags as a map."""
        tags = {tag["Key"]: tag["Value"] for tag in self.request.get("Tags") or ()}
        found: dict[str, Any] = json.loads(json.dumps(self.described(), default=_milliseconds))
        return found | {"Tags": tags}


def now() -> datetime:
    """Return the time now: UTC, without saying so."""
    return datetime.now(UTC).replace(tzinfo=None)  # as moto writes times


def _milliseconds(moment: object) -> int:
    if not isinstance(moment, datetime):
        raise TypeError(f"{moment!r} cannot be told")
    return int(moment.replace(tzinfo=UTC).timestamp() * 1000)
