"""The account of a target in AWS, as its endpoints know it: made without anything of the rest of a world."""

from __future__ import annotations

from mlops_ci.adapters.aws.account import Account, Clients
from mlops_ci.model.address import address_of
from mlops_ci.wiring.ground import Ground


def serving_account(ground: Ground) -> Account:
    """Return the account of a ground's target. Endpoints are those of the whole store, also to a pull request."""
    address = address_of(ground.target.store)
    if address is None:
        raise AssertionError("a target in AWS has its store on S3: `validate` says so")
    return Account(ground.target, address, Clients(ground.target.region))
