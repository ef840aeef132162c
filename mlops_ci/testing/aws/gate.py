"""The one way in: every request of a client is counted and checked before moto or a filling sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from mlops_ci.testing.aws import shapes
from mlops_ci.testing.aws.asking import Asked, asked, is_inside
from mlops_ci.testing.aws.loopback import Loopback
from mlops_ci.testing.aws.models import service_model
from mlops_ci.testing.aws.refusing import invalid, refuse
from mlops_ci.testing.aws.traffic import Refusal

Application: TypeAlias = "Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]"


def gated(loopback: Loopback, application: Application) -> Application:
    """Return the application with the gate before it."""

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        call = None if is_inside(environ) else asked(environ)
        if call is None:
            return application(environ, start)
        loopback.traffic.calls.append((call.service, call.operation))
        wrong = _problems(call)
        if wrong:
            loopback.traffic.refused.append(Refusal(call.service, call.operation, wrong))
            return refuse(call, invalid(call, wrong), start)
        return application(environ, start)

    return answer


def _problems(call: Asked) -> tuple[str, ...]:
    if call.service not in shapes.CHECKED or call.params is None:
        return ()
    if call.operation not in service_model(call.service)["operations"]:
        return ()  # moto says what it says of an action that does not exist
    return shapes.problems(call.service, call.operation, call.params)
