"""Describe calls that lag behind: what was true some calls or seconds ago, and nothing at all just after Create."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field

from mlops_ci.testing.aws import rights
from mlops_ci.testing.aws.asking import Asked
from mlops_ci.testing.aws.faults import Stale
from mlops_ci.testing.aws.loopback import ACCOUNT
from mlops_ci.testing.aws.refusing import ServiceError


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer of the server, and when it was true (seconds of a monotonic clock)."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    at: float


@dataclass(slots=True)
class Memory:
    """The true answers so far, and what was created and not been looked for yet."""

    _answers: dict[tuple[str, str, str], list[Answer]] = field(default_factory=dict)
    _looked: dict[tuple[str, str, str], int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def created(self, call: Asked) -> None:
        """Remember that something was created just now."""
        name = _name(call)
        if name:
            with self._lock:
                self._looked[call.service, rights.noun(call), name] = 0

    def missing(self, call: Asked, fault: Stale) -> ServiceError | None:
        """Return the answer to a look that comes too early, None where it may see."""
        key = (call.service, rights.noun(call), _name(call))
        with self._lock:
            looked = self._looked.get(key)
            if looked is None:
                return None
            if looked >= fault.missing:
                del self._looked[key]
                return None
            self._looked[key] = looked + 1
        return not_found(call)

    def shown(self, call: Asked, fault: Stale, true: Answer) -> Answer:
        """Return what is answered instead of what is true now."""
        key = (call.service, call.operation, json.dumps(call.params, sort_keys=True))
        with self._lock:
            known = self._answers.setdefault(key, [])
            known.append(true)
            by_calls = known[max(0, len(known) - 1 - fault.calls)]
            if not fault.seconds:
                return by_calls
            before = time.monotonic() - fault.seconds
            return next((one for one in reversed(known) if one.at <= min(before, by_calls.at)), known[0])

    def forget(self) -> None:
        """Forget all of it."""
        with self._lock:
            self._answers.clear()
            self._looked.clear()


def not_found(call: Asked) -> ServiceError:
    """Return what SageMaker says of what does not exist; the words differ by what it is."""
    noun, name = rights.noun(call), _name(call)
    match noun:
        case "TrainingJob":
            message = "Requested resource not found."
        case "ProcessingJob" | "TransformJob":
            message = f"Could not find requested job with name: {name}"
        case _:
            words = {"EndpointConfig": "endpoint configuration"}.get(noun, noun.lower())
            arn = f"arn:aws:sagemaker:{call.region}:{ACCOUNT}:{noun.lower()}/{name}"
            message = f'Could not find {words} "{arn}".'
    return ServiceError("ValidationException", message)


def _name(call: Asked) -> str:
    found = (call.params or {}).get(f"{rights.noun(call)}Name")
    return found if isinstance(found, str) else ""
