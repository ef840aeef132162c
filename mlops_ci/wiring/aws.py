"""The world of a target in an account of AWS. The user's tests and metrics of their own run here, as everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mlops_ci.adapters.aws.account import Account, Clients
from mlops_ci.adapters.aws.packages import Packages
from mlops_ci.adapters.aws.registry import SageMakerRegistry
from mlops_ci.adapters.aws.store.bucket import Bucket
from mlops_ci.executor.world import World
from mlops_ci.model.address import address_of
from mlops_ci.wiring.ground import Ground
from mlops_ci.wiring.local import local_world


def account_of(ground: Ground) -> Account:
    """Return the account of a ground's target; nothing is asked of it yet.

    What a pull request makes lies below its own part of the store.
    """
    address = address_of(ground.target.store)
    if address is None:
        raise AssertionError("a target in AWS has its store on S3: `validate` says so")
    if ground.pull_request:
        address = address.below(f"pr/{ground.pull_request}")
    return Account(ground.target, address, Clients(ground.target.region))


def aws_world(ground: Ground, is_cancelled: Callable[[], bool]) -> World:
    """Return the world in which SageMaker trains, evaluates and serves; datasets are made here and sent by digest."""
    here = local_world(ground, is_cancelled)
    account = account_of(ground)
    return replace(here, registry=_registry(ground, account, here))


def _registry(ground: Ground, account: Account, here: World) -> SageMakerRegistry | None:
    """Return the account's registry; what is released in private, or not at all, is not in it."""
    if ground.is_private or ground.pull_request:
        return None
    bucket = Bucket(account.address, ground.target.kms_key)
    return SageMakerRegistry(account, bucket, Packages(bucket, here.artifacts).placed)
