"""Regions: one that is none is answered as AWS answers in one that an account has not enabled."""

from __future__ import annotations

from functools import cache

from mlops_ci.testing.aws.asking import Asked
from mlops_ci.testing.aws.refusing import ServiceError


def not_enabled(call: Asked) -> ServiceError | None:
    """Return what is answered in a region that there is not, as far as the installed botocore knows; else None.

    S3 is let through: its clients sign for regions of their own, such as `aws-global`.
    """
    if call.service == "s3" or call.region in _regions():
        return None
    return ServiceError("UnrecognizedClientException", "The security token included in the request is invalid.", 403)


@cache
def _regions() -> frozenset[str]:
    from botocore.session import get_session

    session = get_session()
    found = (session.get_available_regions("ec2", partition) for partition in session.get_available_partitions())
    return frozenset(region for regions in found for region in regions)
