"""Ending an endpoint, so that nothing of it is left."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import Any

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.endpoints import watching
from mlops_ci.adapters.aws.refusals import is_busy, unless_missing
from mlops_ci.adapters.aws.requests.endpoints import is_config_of
from mlops_ci.errors import ProviderError, TryAgain

PATIENCE = 3600.0
"""Seconds that an endpoint may be changed by others until it can be deleted."""


def end(account: Account, endpoint: str) -> None:
    """Delete the endpoint, its configs and models, its alarms and its scaling; does nothing where there is none.

    AWS deletes no endpoint while it is created or updated: that is waited for. Who is killed on the way calls it again,
    and it finds by name what is left.

    Raises:
        TryAgain: it went on being changed for an hour.

    """
    watching.stop_scaling(account, endpoint)
    _delete_endpoint(account, endpoint)
    watching.forget_alarms(account, endpoint)
    for name in _listed(account, "list_endpoint_configs", "EndpointConfig", endpoint):
        if is_config_of(name, endpoint):
            _delete_config(account, name)
    for name in _listed(account, "list_models", "Model", endpoint):
        if re.fullmatch(r"-m[0-9a-f]{8}", name.removeprefix(endpoint)):
            _delete_model(account, name)


def _delete_endpoint(account: Account, endpoint: str) -> None:
    call, pause, until = account.clients.of("sagemaker").delete_endpoint, 0.05, time.monotonic() + PATIENCE
    while True:
        try:
            unless_missing(account, "sagemaker:DeleteEndpoint", endpoint, call, EndpointName=endpoint)
        except ProviderError as error:
            if not is_busy(error):
                raise
            if time.monotonic() > until:
                said = f"`{endpoint}` is still being changed, and AWS deletes it only after that"
                raise TryAgain(said, hint="look at it in the SageMaker console, then type the command again") from error
            time.sleep(pause)
            pause = min(2 * pause, 10.0)
        else:
            return


def discard(account: Account, names: Iterable[str], kept: Iterable[str]) -> None:
    """Delete these configs of an endpoint, and those of their models that none of the `kept` configs names."""
    models = {model for name in names for model in _models(account, name)}
    models -= {model for name in kept for model in _models(account, name)}
    for name in names:
        _delete_config(account, name)
    for model in sorted(models):
        _delete_model(account, model)


def _listed(account: Account, operation: str, what: str, endpoint: str) -> list[str]:
    with account.asked(f"sagemaker:List{what}s", endpoint):
        pages: Any = account.clients.of("sagemaker").get_paginator(operation).paginate(NameContains=endpoint)
        return [item[f"{what}Name"] for page in pages for item in page[f"{what}s"]]


def _models(account: Account, config: str) -> tuple[str, ...]:
    call = account.clients.of("sagemaker").describe_endpoint_config
    said = unless_missing(account, "sagemaker:DescribeEndpointConfig", config, call, EndpointConfigName=config)
    return tuple(variant["ModelName"] for variant in said.get("ProductionVariants", ()))


def _delete_config(account: Account, name: str) -> None:
    call = account.clients.of("sagemaker").delete_endpoint_config
    unless_missing(account, "sagemaker:DeleteEndpointConfig", name, call, EndpointConfigName=name)


def _delete_model(account: Account, name: str) -> None:
    unless_missing(account, "sagemaker:DeleteModel", name, account.clients.of("sagemaker").delete_model, ModelName=name)
