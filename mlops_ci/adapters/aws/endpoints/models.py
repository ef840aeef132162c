"""Models of SageMaker: what one endpoint serves of a package, made when the endpoint is asked for it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.packages import Packages
from mlops_ci.adapters.aws.refusals import is_there
from mlops_ci.adapters.aws.requests.model import model_request
from mlops_ci.adapters.aws.requests.terms import terms_of
from mlops_ci.errors import ProviderError
from mlops_ci.ports.endpoints import EndpointSpec, Package

WORKERS = "SAGEMAKER_MODEL_SERVER_WORKERS"
"""The variable that tells SageMaker's serving toolkit how many processes answer."""


@dataclass(frozen=True, slots=True)
class Models:
    """Makes models. Each belongs to one endpoint, so that deleting it takes nothing from another."""

    account: Account
    packages: Packages

    def made(self, spec: EndpointSpec, endpoint: str) -> str:
        """Return the name of the model that an endpoint shall serve, `<endpoint>-m<digest of all that it says>`.

        Raises:
            IntegrityError: the store's model or code has other bytes than its digest says.
            ProviderError: the package has no image of a container, or AWS refuses.

        """
        package = spec.package
        if not package.image.reference:
            raise ProviderError(
                f"the package of {spec.model} v{spec.version} was made for this machine: it names no image",
                hint=f"train it on the target that serves it: mlops-ci run {spec.model}",
            )
        request = model_request(
            "",
            replace(package, environment=_variables(package, spec.workers)),
            image=package.image.reference,
            archive=self.packages.placed(package),
            terms=terms_of(self.account.target, self.account.region, self.account.tags),
            model=spec.model,
            environment=spec.environment,
        )
        said = json.dumps({key: value for key, value in request.items() if key != "Tags"}, sort_keys=True)
        name = request["ModelName"] = f"{endpoint}-m{hashlib.sha256(said.encode()).hexdigest()[:8]}"
        try:
            with self.account.asked("sagemaker:CreateModel", name):
                self.account.clients.of("sagemaker").create_model(**request)
        except ProviderError as error:
            if not is_there(error):  # its name is a digest of what it says
                raise
        return str(name)


def _variables(package: Package, workers: int) -> tuple[tuple[str, str], ...]:
    """Return the package's variables, with how many processes answer unless it says so itself."""
    return (
        package.environment
        if not package.entry
        else tuple(({WORKERS: str(workers)} | dict(package.environment)).items())
    )
