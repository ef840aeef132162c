"""The world of a target in an account of AWS. The user's tests and metrics of their own run here, as everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from mlops_ci import resources
from mlops_ci.adapters.aws.access import Doors
from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.endpoints.host import SageMakerEndpoints
from mlops_ci.adapters.aws.endpoints.models import Models
from mlops_ci.adapters.aws.images.building import CodeBuilds
from mlops_ci.adapters.aws.images.unasked import UnaskedImages
from mlops_ci.adapters.aws.jobs.making import Site, every_of
from mlops_ci.adapters.aws.packages import Packages
from mlops_ci.adapters.aws.registry import SageMakerRegistry
from mlops_ci.errors import ProviderError
from mlops_ci.executor.packages import package_of
from mlops_ci.executor.world import World
from mlops_ci.ports.jobs import Image
from mlops_ci.wiring.ground import Ground
from mlops_ci.wiring.local import local_world


def account_of(ground: Ground) -> Account:
    """Return the account of a ground's target, as what works in it knows it.

    What a pull request makes lies below its own part of the store, and its jobs take on the role for pull requests.
    """
    if not ground.pull_request:
        return ground.account
    target = replace(ground.target, role=ground.target.pull_request_role or ground.target.role)
    return replace(ground.account, target=target, address=ground.account.address.below(f"pr/{ground.pull_request}"))


def aws_world(ground: Ground, is_cancelled: Callable[[], bool]) -> World:
    """Return the world in which SageMaker trains, evaluates and serves; datasets are made here and sent by digest.

    To `validate` it is this machine with every image there is: it needs neither network nor credentials.
    """
    here = local_world(ground, is_cancelled)
    if ground.place.verb == "validate":
        return replace(here, images=UnaskedImages())
    account = account_of(ground)
    bucket = ground.bucket(account)
    packages = Packages(bucket, here.artifacts)
    # Endpoints are those of the whole store, also to a pull request.
    endpoints = SageMakerEndpoints(ground.account, Models(ground.account, packages))
    every = every_of(ground.place.environment)
    site = Site(account, bucket, here.artifacts, cache(ground.repository.worktree), uri_of, every)
    return replace(
        here,
        images=ground.images,
        builder=CodeBuilds(account, bucket, cache(ground.repository.worktree), _buildspec(), ground.pull_request),
        trainer=site.trainer(),
        tuner=site.tuner(),
        processor=site.processor(),
        transformer=site.transformer(packages, lambda job: package_of(ground.records, job.model, job.package)),
        # What is released in private, or not at all, is not in the account's registry.
        registry=None
        if ground.is_private or ground.pull_request
        else SageMakerRegistry(account, bucket, packages.placed),
        endpoints=endpoints,
        access=Doors(endpoints),
    )


def uri_of(image: Image) -> str:
    """Return where SageMaker pulls an image from.

    Raises:
        ProviderError: it is the software of some machine, which a target in AWS cannot run.

    """
    if not image.reference:
        raise ProviderError(
            "it was trained on another target, in the software of a machine",
            hint="train it on this target, or give each its own store: `store` in mlops-ci.yaml",
        )
    return image.reference


def _buildspec() -> str:
    """Return what the build of an image does."""
    return (resources.folder("buildspecs") / "image.yml").read_text(encoding="utf-8")
