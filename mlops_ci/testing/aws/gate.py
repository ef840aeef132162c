"""The one way in: every request of a client is counted, disturbed and checked before moto or a filling sees it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from mlops_ci.testing.aws import shapes
from mlops_ci.testing.aws.asking import Asked, asked, is_inside
from mlops_ci.testing.aws.control import PREFIX, control
from mlops_ci.testing.aws.disturbing import fits, refused, unavailable
from mlops_ci.testing.aws.faults import Reset, Slow, Stale
from mlops_ci.testing.aws.loopback import Loopback
from mlops_ci.testing.aws.models import service_model
from mlops_ci.testing.aws.refusing import ServiceError, invalid, refuse
from mlops_ci.testing.aws.regions import not_enabled
from mlops_ci.testing.aws.staleness import Answer, Memory
from mlops_ci.testing.aws.traffic import Refusal

Application: TypeAlias = "Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]"


def gated(loopback: Loopback, application: Application) -> Application:
    """Return the application with the gate before it."""
    memory = Memory()

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(PREFIX):
            return control(loopback, environ, start)
        call = None if is_inside(environ) else asked(environ)
        if call is None:
            return application(environ, start)
        loopback.traffic.calls.append((call.service, call.operation))
        error = not_enabled(call) or refused(loopback.faults, call) or _checked(loopback, call)
        error = error or unavailable(loopback.faults, call)
        if error is not None:
            return refuse(call, error, start)
        slow = loopback.faults.take(Slow, lambda fault: fits(call, fault.action))
        if slow is not None:
            time.sleep(slow.seconds)
        return _acted(loopback, memory, call, application, environ, start)

    return answer


def _checked(loopback: Loopback, call: Asked) -> ServiceError | None:
    if call.service not in shapes.CHECKED or call.params is None:
        return None
    if call.operation not in service_model(call.service)["operations"]:
        return None  # moto says what it says of an action that does not exist
    wrong = shapes.problems(call.service, call.operation, call.params)
    if not wrong:
        return None
    loopback.traffic.refused.append(Refusal(call.service, call.operation, wrong))
    return invalid(call, wrong)


def _acted(
    loopback: Loopback,
    memory: Memory,
    call: Asked,
    application: Application,
    environ: dict[str, Any],
    start: Callable[..., Any],
) -> Iterable[bytes]:
    faults = loopback.faults
    lagging = faults.first(Stale)
    if lagging is not None and call.operation.startswith("Create"):
        true = _captured(application, environ)
        if true.status.startswith("2"):
            memory.created(call)
    elif lagging is not None and (stale := faults.take(Stale, lambda fault: fits(call, fault.action))):
        early = memory.missing(call, stale)
        if early is not None:
            return refuse(call, early, start)
        true = memory.shown(call, stale, _captured(application, environ))
    elif faults.first(Reset) is None:
        return application(environ, start)
    else:
        true = _captured(application, environ)
    if faults.take(Reset, lambda fault: fits(call, fault.action)):
        _hang_up(environ["werkzeug.socket"])
    start(true.status, list(true.headers))
    return [true.body]


def _captured(application: Application, environ: dict[str, Any]) -> Answer:
    said: list[tuple[str, tuple[tuple[str, str], ...]]] = []
    body = b"".join(application(environ, lambda status, headers, *_: said.append((status, tuple(headers)))))
    return Answer(*said[0], body, time.monotonic())


def _hang_up(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError
