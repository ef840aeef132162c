"""What the faults of a loopback do to one call, in AWS's words."""

from __future__ import annotations

from fnmatch import fnmatchcase

from mlops_ci.testing.aws import rights
from mlops_ci.testing.aws.asking import Asked
from mlops_ci.testing.aws.faults import Denied, Expired, Faults, LimitExceeded, NotInRegion, Throttled
from mlops_ci.testing.aws.instances import USED_BY, instance_types
from mlops_ci.testing.aws.refusing import ServiceError


def fits(call: Asked, pattern: str) -> bool:
    """Tell whether an action pattern means a call, by the API's name of it or by IAM's."""
    return fnmatchcase(f"{call.service}:{call.operation}", pattern) or fnmatchcase(rights.action(call), pattern)


def refused(faults: Faults, call: Asked) -> ServiceError | None:
    """Return what is answered before anybody looks into the request, in the order of AWS: rate, credentials, rights."""
    if faults.take(Throttled, lambda fault: fits(call, fault.action)):
        return _throttled(call)
    if faults.take(Expired, lambda fault: fits(call, fault.action)):
        return _expired(call)
    denied = faults.take(Denied, lambda fault: fits(call, fault.action))
    return None if denied is None else _denied(call, denied.principal)


def unavailable(faults: Faults, call: Asked) -> ServiceError | None:
    """Return what is answered to a right request for machines that this account cannot have here."""
    for asked in instance_types(call):
        absent = faults.take(NotInRegion, lambda fault, kind=asked: fnmatchcase(kind, fault.instance_type))  # type: ignore[misc]
        if absent is not None:
            used = f"{USED_BY[call.operation]}/{asked}"
            return ServiceError(absent.code, f"The requested resource {used} is not available in this region")
        limit = faults.take(LimitExceeded, lambda fault, kind=asked: fnmatchcase(kind, fault.instance_type))  # type: ignore[misc]
        if limit is not None:
            used = f"{asked} for {USED_BY[call.operation].replace('-', ' ')} usage"
            return ServiceError(
                "ResourceLimitExceeded",
                f"The account-level service limit '{used}' is {limit.limit} Instances, with current utilization of "
                f"{limit.limit} Instances and a request delta of 1 Instances. Please contact AWS support to "
                "request an increase for this limit.",
            )
    return None


def _throttled(call: Asked) -> ServiceError:
    match call.protocol:
        case "rest-xml":
            return ServiceError("SlowDown", "Please reduce your request rate.", 503)
        case "query":
            return ServiceError("Throttling", "Rate exceeded")
        case _:
            return ServiceError("ThrottlingException", "Rate exceeded")


def _expired(call: Asked) -> ServiceError:
    match call.protocol:
        case "rest-xml":
            return ServiceError("ExpiredToken", "The provided token has expired.")
        case "query":
            return ServiceError("ExpiredToken", "The security token included in the request is expired", 403)
        case _:
            return ServiceError("ExpiredTokenException", "The security token included in the request is expired")


def _denied(call: Asked, principal: str) -> ServiceError:
    action = rights.action(call)
    about = rights.resource(call)
    message = (
        f"User: {principal} is not authorized to perform: {action} on resource: {about} "
        f"because no identity-based policy allows the {action} action"
    )
    match call.protocol:
        case "rest-xml" | "query":
            return ServiceError("AccessDenied", message, 403)
        case _:
            return ServiceError("AccessDeniedException", message)
