"""What `doctor` looks at beyond this machine."""

from __future__ import annotations

from mlops_ci.errors import MlopsError
from mlops_ci.model.address import address_of
from mlops_ci.ports.findings import Finding
from mlops_ci.wiring.ground import Ground
from mlops_ci.wiring.place import Place


def far_findings(place: Place, target: str) -> tuple[Finding, ...]:
    """Return what is found of the account and the store of the project's target; nothing where both are here.

    What is wrong with the project itself is for other verbs to tell.
    """
    try:
        ground = Ground(place, target)
    except MlopsError:
        return ()
    if address_of(ground.target.store) is None:
        return ()
    from mlops_ci.adapters.aws.examining import Examination

    return tuple(Examination(ground.account, ground.bucket(ground.account)).findings())
