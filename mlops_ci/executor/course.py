"""What all trials of a search have in common, and the end that the search has by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlops_ci.errors import ProviderError
from mlops_ci.executor.assess import Situation
from mlops_ci.executor.process import dataset_of
from mlops_ci.executor.reading import ledger_about, record
from mlops_ci.executor.software import dataset_for
from mlops_ci.executor.train import image_for
from mlops_ci.executor.world import World
from mlops_ci.model import Search
from mlops_ci.plan.desired import DesiredCandidate, DesiredModel
from mlops_ci.plan.search import Objective, trial_name
from mlops_ci.ports.datasets import Dataset, TestSet
from mlops_ci.ports.jobs import Image
from mlops_ci.records.facts import Finished, Intent, Tried
from mlops_ci.records.ledger import Attempt, Ledger


@dataclass(frozen=True, slots=True)
class Course:
    """What all trials of a search have in common. `rows` are the validation rows, `scoring` names how they are used.

    `rows` is None where the training log says the score. `on_record` are the trials that ended before, by number, and
    were scored as they would be today. Trainings that ended before `since` do not count: somebody asked for all of
    them anew.
    """

    world: World
    situation: Situation
    desired: DesiredModel
    wanted: DesiredCandidate
    on_record: Mapping[int, Tried]
    intent: Intent
    objective: Objective
    image: Image
    dataset: Dataset
    rows: TestSet | None
    scoring: str
    since: str

    @property
    def count(self) -> int:
        """Return how many validation rows a trial is scored on, 0 where it is by its log."""
        return len(self.rows.labels) if self.rows else 0


def course_of(
    world: World,
    situation: Situation,
    desired: DesiredModel,
    wanted: DesiredCandidate,
    asked: Search,
    ledger: Ledger,
) -> Course:
    """Return what the trials have in common, with the intent of the search: one that is open, or a new one."""
    image = image_for(world, situation, desired, wanted.candidate)
    dataset = dataset_for(world, desired.model, wanted.candidate, dataset_of(world, situation, desired, ledger))
    objective = Objective.of(desired.model, asked)
    if dataset.validation is None and not objective.is_logged:
        hint = f"mlops-ci validate {desired.name}"
        raise ProviderError(f"`{desired.name}` has no validation rows to score trials on", hint=hint)
    tries = ledger.tries("training", wanted.fingerprint)
    if tries and tries[-1].finished is None:
        intent = tries[-1].intent
    else:
        number, now = (tries[-1].intent.attempt + 1 if tries else 1), world.clock.now()
        about = (desired.name, "training", wanted.name, wanted.fingerprint, number)
        intent = Intent(*about, situation.commit, wanted.recipe, now)
        record(world, intent)
    scoring, of_attempt = desired.scoring(asked), ledger.trials.get((wanted.fingerprint, intent.attempt), ())
    is_repeated = any(t.finished is not None and t.finished.outcome == "succeeded" for t in tries)
    return Course(
        world=world,
        situation=situation,
        desired=desired,
        wanted=wanted,
        on_record={t.number: t for t in of_attempt if t.scoring == scoring},
        intent=intent,
        objective=objective,
        image=image,
        dataset=dataset,
        rows=None if objective.is_logged else dataset.validation,
        scoring=scoring,
        since=intent.at if is_repeated else "",
    )


def search_end(course: Course, asked: Search, trials: tuple[Tried, ...], seconds: float, failure: str = "") -> Finished:
    """Return the end of a search: with all that the best trial's training left, or why there is none.

    `failure` says what ended the search though trials succeeded, or before there was one; it has no model then.

    Raises:
        ProviderError: the training of the best trial is no longer on record.

    """
    world, best = course.world, None if failure else course.objective.best(trials)
    trained = _trained(course, best or trials[-1], is_best=best is not None) if trials else None
    if best is not None and trained is None:
        summary = f"the training of trial {best.number} is no longer on record"
        raise ProviderError(summary, hint=f"mlops-ci train {course.desired.name}")
    return Finished(
        model=course.desired.name,
        work="training",
        fingerprint=course.wanted.fingerprint,
        attempt=course.intent.attempt,
        outcome="succeeded" if best else "failed",
        detail=failure or _told(asked, best, trials),
        seconds=seconds,
        started_at=course.intent.at,
        ended_at=world.clock.now(),
        artifacts=trained.artifacts if trained else (),
        metrics=trained.metrics if trained else (),
        image=trained.image if trained else "",
        features=course.dataset.features,
        rows=course.dataset.counts,
    )


def _trained(course: Course, trial: Tried, *, is_best: bool) -> Finished | None:
    """Return the end of a trial's training: the last of its own, or else of whoever trained the same by hand."""
    tries = ledger_about(course.world, course.desired.name, ("training", trial.fingerprint)).tries(
        "training", trial.fingerprint
    )
    ended = [found for found in tries if found.finished and (not is_best or found.finished.outcome == "succeeded")]
    own = [found for found in ended if found.intent.candidate == trial_name(course.wanted.name, trial.number)]
    return _last(own) or _last(ended)


def _last(attempts: list[Attempt]) -> Finished | None:
    return attempts[-1].finished if attempts else None


def _told(asked: Search, best: Tried | None, trials: tuple[Tried, ...]) -> str:
    """Return the end of a search in a sentence."""
    until = ", until max_runtime" if asked.budget.max_runtime is not None else ""
    count = f"{len(trials)}" if len(trials) == asked.trials else f"{len(trials)} (of {asked.trials}{until})"
    if best is None:
        return f"none of {count} trials succeeded" + (f"; the last: {trials[-1].detail}" if trials else "")
    failed = sum(trial.outcome == "failed" for trial in trials)
    rest = f"; {failed} failed" if failed else ""
    where = f"on {best.rows} rows" if best.rows else "in its log"
    return f"trial {best.number} of {count} is best: `{best.metric}` {best.score:.4f} {where}{rest}"
