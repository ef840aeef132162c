"""Desired: a model with the digests of everything behind its paths, and the names its results will have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from mlops_ci.fingerprint.canonical import canonical, digest
from mlops_ci.fingerprint.recipes import (
    Blobs,
    evaluation_recipe,
    fingerprint,
    metadata_recipe,
    package_recipe,
    suite_recipe,
    trial_recipe,
    validation_recipe,
)
from mlops_ci.model import Candidate, Json, Model, Pairs, Release, Search
from mlops_ci.plan.far import Far
from mlops_ci.records.facts import Finished


class Reach(Enum):
    """How far the work on this tree may go."""

    RELEASE = "its content is what the branch's tip holds: it may be promoted and deployed"
    AFTER_MERGE = "its content is not on the branch: it stops after evaluation"


@dataclass(frozen=True, slots=True)
class DesiredCandidate:
    """A candidate with its training fingerprint; `recipe` is the canonical JSON behind it."""

    candidate: Candidate
    fingerprint: str
    recipe: str

    @property
    def name(self) -> str:
        return self.candidate.name

    def trial(self, given: Pairs) -> DesiredCandidate:
        """Return one training of a search: the candidate that has these hyperparameters by hand."""
        both = tuple(sorted((*self.candidate.hyperparameters, *given)))
        candidate = replace(self.candidate, search=None, hyperparameters=both)
        recipe = trial_recipe(json.loads(self.recipe), candidate)
        return DesiredCandidate(candidate, fingerprint(recipe), canonical(recipe))


@dataclass(frozen=True, slots=True)
class DesiredModel:
    """A model as the tree has it. Blobs are (path, id) pairs; `processing` is its recipe's canonical JSON or empty.

    `release` is what the branch's tip says; `why_not` says in a sentence why `reach` is not RELEASE. `served` are pairs
    of references of images: what the first one trains, the second one serves. `is_billed` claims that its endpoints run
    on instances that cost by the hour, `is_proposed` that moves of its release become pull requests.
    """

    model: Model
    candidates: tuple[DesiredCandidate, ...]
    serving: Blobs
    entry: str
    data: Blobs
    metric_code: Blobs
    test_files: Blobs
    processing: str
    release: Release
    reach: Reach
    why_not: str = ""
    far: tuple[Far, ...] = ()
    served: Blobs = ()
    is_billed: bool = False
    is_proposed: bool = False
    _candidates: Mapping[str, DesiredCandidate] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the candidates: of a thousand, each step asks for one."""
        object.__setattr__(self, "_candidates", {candidate.name: candidate for candidate in self.candidates})

    def candidate(self, name: str) -> DesiredCandidate:
        """Return the candidate of that name, which is one of `candidates`."""
        return self._candidates[name]

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def processing_fingerprint(self) -> str:
        """Return the fingerprint of the processing before training, or an empty string where there is none."""
        return fingerprint(json.loads(self.processing)) if self.processing else ""

    def package_recipe(self, trained: Finished, candidate: str = "") -> dict[str, Json]:
        """Return the recipe of the package that this training and today's serving code make.

        `candidate` is whose training it is; without it that one whose fingerprint the training has.
        """
        is_alone = self.serves_itself(trained, candidate)
        return package_recipe(
            model=trained.artifact("model"),
            code=() if is_alone else self.serving,
            entry="" if is_alone else self.entry,
            image=self._serving(json.loads(trained.image)),
            environment=tuple((key, str(value)) for key, value in self.model.serving.environment),
            features=trained.features,
        )

    def serves_itself(self, trained: Finished, candidate: str = "") -> bool:
        """Return whether the image that trained this answers requests without code of ours."""
        named = self._candidates.get(candidate)
        found = (named,) if named else (c for c in self.candidates if c.fingerprint == trained.fingerprint)
        return any(one.candidate.serves_itself for one in found)

    def _serving(self, image: dict[str, Json]) -> Json:
        """Return the image that serves what this one trained."""
        reference = dict(self.served).get(str(image.get("reference")))
        return {**image, "reference": reference} if reference else image

    def package(self, trained: Finished) -> str:
        """Return the digest of that package."""
        return fingerprint(self.package_recipe(trained))

    def evaluation_recipe(self, package: str) -> dict[str, Json]:
        """Return the recipe of an evaluation of a package by today's rules and rows."""
        return evaluation_recipe(
            self.model,
            package=package,
            data=self.data,
            metric_code=self.metric_code,
            processing=json.loads(self.processing) if self.processing else None,
        )

    def evaluation(self, package: str) -> str:
        """Return the digest that such an evaluation has."""
        return fingerprint(self.evaluation_recipe(package))

    def validation_recipe(self, package: str) -> dict[str, Json]:
        """Return the recipe of a score of a package on the validation rows by today's rules; of any, where empty."""
        return validation_recipe(
            self.model,
            package=package,
            data=self.data,
            metric_code=self.metric_code,
            processing=json.loads(self.processing) if self.processing else None,
        )

    def validation(self, package: str) -> str:
        """Return the digest that such a score has."""
        return fingerprint(self.validation_recipe(package))

    def scoring(self, search: Search) -> str:
        """Return the digest of how trials are scored today: rules, validation rows, metric code, serving code.

        A number of the training log depends on none of them.
        """
        if search.objective:
            return fingerprint({"log": search.objective})
        recipe: dict[str, Json] = {"score": self.validation_recipe(""), "code": dict(self.serving), "entry": self.entry}
        return fingerprint(recipe)

    def suite(self, package: str) -> str:
        """Return the digest of what today's tests ask of a package."""
        return fingerprint(suite_recipe(self.model, evaluation=self.evaluation(package), files=self.test_files))

    def metadata(self) -> dict[str, Json]:
        """Return the fields whose change causes no work."""
        return metadata_recipe(self.model)

    def state(self) -> str:
        """Return the digest of those fields."""
        return digest(dict(self.metadata()))
