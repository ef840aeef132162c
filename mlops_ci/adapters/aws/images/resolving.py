"""Which image in ECR a candidate trains in, and which one serves what it trained."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import assert_never

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.images.choosing import Own, Theirs, chosen
from mlops_ci.adapters.aws.images.digests import Digests
from mlops_ci.adapters.aws.images.proposed import proposed
from mlops_ci.adapters.aws.images.references import Reference, parsed
from mlops_ci.adapters.aws.images.remembering import Tables
from mlops_ci.adapters.aws.images.tables import INFERENCE, TRAINING, Listed, Wanted, family_of
from mlops_ci.ports.jobs import CannotRun, Image, Software

_GPU = "gpu"
_SAVED_MODELS = "tensorflow"
"""Its image serves saved models, by `input_handler` and `output_handler`.
https://github.com/aws/sagemaker-tensorflow-serving-container
"""


@dataclass
class AwsImages:
    """An `Images` port for an account. What ECR says is asked for once a command.

    To a pull request what it built itself is there too, where the branch has not built it.
    """

    account: Account
    tables: Tables
    pull_request: str = ""

    def resolve(self, asked: Software) -> Image | CannotRun:
        """Return the image that this resolves to, by its digest, or why it cannot run here.

        Raises:
            ProviderError: ECR does not answer, or does not let us ask.

        """
        named = self._training(asked)
        if isinstance(named, CannotRun):
            return named
        found = self._pinned(named)
        if isinstance(found, CannotRun):
            return found
        choice = chosen(asked)
        requirements = choice.requirements if isinstance(choice, Theirs) else asked.requirements
        return Image(requirements=requirements, reference=found, framework=asked.framework)

    def serving(self, asked: Software) -> str | CannotRun:
        """Return the reference of SageMaker's image that serves, where another one trains; raises as above."""
        named = self._inference(asked)
        return self._pinned(named) if isinstance(named, Reference) else named or ""

    def tags(self, asked: Software) -> tuple[str, ...]:
        """Return the references by tag of what trains and of what serves; nothing is asked for."""
        both = (self._training(asked), self._inference(asked))
        return tuple(dict.fromkeys(str(one) for one in both if isinstance(one, Reference) and not one.digest))

    def digests(self, tags: tuple[str, ...]) -> tuple[str, ...]:
        """Return the digests that these lead to; raises as `resolve`."""
        self._digests.of_texts(tags)  # in few requests; what follows is remembered
        named = (parsed(tag) for tag in tags)
        found = (self._found(one) if one is not None else None for one in named)
        return tuple(at.digest if at is not None else "" for at in found)

    @cached_property
    def _digests(self) -> Digests:
        return Digests(self.account)

    @cached_property
    def _region(self) -> str:
        return self.account.target.region or self.account.region

    def _training(self, asked: Software) -> Reference | CannotRun:
        """Return the reference, as it is written or listed, of what trains."""
        choice = chosen(asked)
        match choice:
            case CannotRun():
                return choice
            case Own():
                return self._own(choice.text)
            case Theirs():
                listed = self._listed(choice, TRAINING, family_of(asked.instance))
                return listed if isinstance(listed, CannotRun) else _read(listed.reference)
            case _:
                assert_never(choice)

    def _inference(self, asked: Software) -> Reference | CannotRun | None:
        """Return the reference of what serves; None where it is what trains."""
        choice = chosen(asked)
        if not isinstance(choice, Theirs):
            return None
        trains = self._listed(choice, TRAINING, family_of(asked.instance))
        if isinstance(trains, CannotRun) or trains.is_both:
            return None  # what cannot train is told as such
        if choice.name == _SAVED_MODELS:
            return CannotRun(
                f"SageMaker's image that serves `{choice.name}` runs TensorFlow Serving, which knows no `model_fn`",
                "serve it in an `image` of your own that has sagemaker-inference",
            )
        families = {family_of(instance) for instance in asked.served_on}
        family = _GPU if _GPU in families else min(families, default="cpu")
        serves = self._listed(Theirs(choice.name, trains.version), INFERENCE, family)
        return serves if isinstance(serves, CannotRun) else _read(serves.reference)

    def _own(self, text: str) -> Reference | CannotRun:
        found = parsed(text)
        if found is None:
            return CannotRun(
                f"image `{text}` is none in ECR, and SageMaker takes no others",
                "push it to a repository of your account: docker push "
                f"ACCOUNT.dkr.ecr.{self._region}.amazonaws.com/NAME:TAG",
            )
        if found.region and found.region != self._region:
            return CannotRun(
                f"image `{text}` is in {found.region}, and SageMaker takes only those in its own, {self._region}",
                f"have ECR replicate it to {self._region}, and name it there",
            )
        return found

    def _listed(self, choice: Theirs, scope: str, family: str) -> Listed | CannotRun:
        return self.tables.find(Wanted(choice.name, choice.version, scope, self._region, family))

    def _found(self, named: Reference) -> Reference | None:
        """Return the reference by its digest; None where there is no such image."""
        found = self._digests.of((named,))[named]
        own = proposed(named, self.pull_request) if found is None else None
        return self._digests.of((own,))[own] if own is not None else found

    def _pinned(self, named: Reference) -> str | CannotRun:
        if named.digest and named.host:
            return str(named)
        found = self._found(named)
        if found is None:
            summary = f"there is no image `{named}` in ECR"
            return CannotRun(summary, "push it, or name a tag that is there", absent=str(named))
        return str(found)


def _read(text: str) -> Reference:
    found = parsed(text)
    if found is None:
        raise AssertionError(f"sagemaker-core lists `{text}`, which is no image in ECR")
    return found
