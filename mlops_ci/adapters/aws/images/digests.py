"""Where tags of ECR lead now: asked once a command, one request a repository."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from mlops_ci.adapters.aws.account import Account, Clients
from mlops_ci.adapters.aws.images.references import Reference, host_of, parsed
from mlops_ci.adapters.aws.problems import code_of, said_by
from mlops_ci.adapters.aws.requests.images import MOST_TAGS, batch_get_image

_GONE = "RepositoryNotFoundException"
_CLOSED = frozenset({"knn", "linear-learner"})
"""Repositories of SageMaker's algorithms that are for SageMaker alone: nobody else is told of what is in them."""
_BY_ITS_OWNER = "no resource-based policy allows"
"""How IAM says that the refusal is the repository's, and not one of whoever asks.
https://github.com/aws/sagemaker-python-sdk/issues/4064
"""


@dataclass(slots=True)
class Digests:
    """What an account's ECR says of references, remembered as long as this lives: one command."""

    account: Account
    _known: dict[Reference, Reference | None] = field(default_factory=dict)
    _clients: dict[str, Clients] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, references: Iterable[Reference]) -> dict[Reference, Reference | None]:
        """Return each with its digest and its registry, None where there is no such image.

        One that only SageMaker may look at comes back as it is, without a digest.

        Raises:
            ProviderError: ECR does not answer, or does not let us ask.

        """
        wanted = tuple(dict.fromkeys(references))
        with self._lock:  # candidates are examined side by side: who comes second finds the answer
            asked: defaultdict[tuple[str, str, str], list[Reference]] = defaultdict(list)
            for reference in wanted:
                if reference.digest:
                    self._known[reference] = reference
                elif reference not in self._known:
                    asked[reference.place].append(reference)
            for those in asked.values():
                for at in range(0, len(those), MOST_TAGS):
                    self._known.update(self._asked(tuple(those[at : at + MOST_TAGS])))
            return {reference: self._known[reference] for reference in wanted}

    def of_texts(self, texts: Iterable[str]) -> dict[str, Reference | None]:
        """Return the same for references as they are written; None also where one cannot be read."""
        read = {text: parsed(text) for text in texts}
        found = self.of(reference for reference in read.values() if reference is not None)
        return {text: found[reference] if reference else None for text, reference in read.items()}

    def _asked(self, those: tuple[Reference, ...]) -> dict[Reference, Reference | None]:
        """Return what ECR says of references in one repository."""
        from botocore.exceptions import ClientError

        region, registry, repository = those[0].place
        request = batch_get_image(registry, repository, [reference.tag for reference in those])
        client = self._client(region)
        with self.account.asked("ecr:BatchGetImage", f"{those[0].host}/{repository}".lstrip("/")):
            try:
                answer = client.batch_get_image(**request)
            except ClientError as error:
                if code_of(error) == _GONE:
                    return dict.fromkeys(those)
                if repository in _CLOSED and _BY_ITS_OWNER in said_by(error):
                    return {reference: reference for reference in those}
                raise
        return {reference: _named(reference, answer, str(client.meta.region_name)) for reference in those}

    def _client(self, region: str) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
        """Return the client of the region that a registry is in; most are in the account's own."""
        if not region or region == self.account.region:
            return self.account.clients.of("ecr")
        return self._clients.setdefault(region, Clients(region)).of("ecr")


def _named(reference: Reference, answer: dict[str, Any], region: str) -> Reference | None:
    for image in answer.get("images", ()):
        if image["imageId"].get("imageTag") == reference.tag:
            host = reference.host or host_of(str(image["registryId"]), region)
            return replace(reference, digest=str(image["imageId"]["imageDigest"]), host=host)
    return None
