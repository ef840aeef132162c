"""A model: everything its folder declares."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_ci.model.candidate import Candidate
from mlops_ci.model.checks import ENDPOINT_ONLY, Checks
from mlops_ci.model.data import Data
from mlops_ci.model.effects import Effect, causes, section
from mlops_ci.model.environment import Environment
from mlops_ci.model.evaluation import Evaluation
from mlops_ci.model.metrics import Goal, Problem
from mlops_ci.model.processing import Processing
from mlops_ci.model.promotion import Promotion
from mlops_ci.model.search import Search
from mlops_ci.model.serving import Serving, ServingKind


@dataclass(frozen=True, slots=True)
class Model:
    """A model manifest with its candidates. `folder` is relative to the project; candidates are sorted by name,
    environments so that each comes after the one it promotes from.
    """

    name: str = causes(Effect.IDENTITY)
    folder: str = causes(Effect.METADATA)
    problem: Problem = causes(Effect.RETRAIN, Effect.REEVALUATE)
    data: Data = section()
    evaluation: Evaluation = section()
    candidates: tuple[Candidate, ...] = section()
    processing: Processing = section(Processing())
    promotion: Promotion = section(Promotion())
    serving: Serving = section(Serving())
    tests: Checks = section(Checks())
    environments: tuple[Environment, ...] = section(())
    owner: str = causes(Effect.METADATA, default="")
    description: str = causes(Effect.METADATA, default="")

    def candidate(self, name: str) -> Candidate | None:
        """Return the candidate of that name, or None."""
        return next((c for c in self.candidates if c.name == name), None)

    def environment(self, name: str) -> Environment | None:
        """Return the environment of that name, or None."""
        return next((e for e in self.environments if e.name == name), None)

    def aim(self, search: Search) -> tuple[str, Goal]:
        """Return the metric that a search of this model is after, and which direction of it is better.

        Raises:
            KeyError: the direction is nowhere said.

        """
        metric = search.objective or search.metric or self.evaluation.metric
        return metric, search.goal or self.evaluation.goal(metric)

    def paths(self) -> tuple[str, ...]:
        """Return every path that may lie outside of the folder, relative to it: data, requirements, artifacts."""
        scripts = (self.processing.pre, self.processing.post)
        named = (
            *(path for _, path in self.data.paths()),
            *(script.requirements for script in scripts if script is not None),
            *(path for c in self.candidates for path in (c.requirements, c.artifact)),
        )
        return tuple(path for path in named if path)

    def checks(self) -> tuple[str, ...]:
        """Return the names of the checks that run for this model, in the order of `CHECKS`."""
        is_batch = self.serving.kind is ServingKind.BATCH
        return tuple(name for name in self.tests.wanted() if not (is_batch and name in ENDPOINT_ONLY))
