"""Notebooks: what a candidate's has at hand, and the waiting until it runs, has stopped or is gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mlops_ci.errors import ProviderError
from mlops_ci.executor.assess import Situation
from mlops_ci.executor.attempts import Tell
from mlops_ci.executor.process import dataset_of
from mlops_ci.executor.reading import current_ledger
from mlops_ci.executor.scalars import text
from mlops_ci.executor.train import hyperparameters, image_for
from mlops_ci.executor.world import World
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.ports.notebooks import Notebook, Notebooks, NotebookSpec, NotebookState

PATIENCE = 1800.0
"""Seconds that a notebook may take to start or to stop."""
_STARTS = 3
"""How often one that stands still is started: an update of its machine comes between."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What notebooks need beside the world: the port, the address to clone, and seconds between two looks."""

    notebooks: Notebooks
    repository: Callable[[], str]
    pause: float


def spec_of(
    world: World, desk: Desk, situation: Situation, desired: DesiredModel, *, candidate: str, instance: str, idle: int
) -> NotebookSpec:
    """Return what the notebook of a candidate has at hand; the data are those that its training gets.

    Raises:
        ProviderError: its software cannot run here, or the processing of the data has not run.

    """
    wanted = desired.candidate(candidate).candidate
    dataset = dataset_of(world, situation, desired, current_ledger(world, desired.name))
    return NotebookSpec(
        model=desired.name,
        candidate=candidate,
        commit=situation.commit.removesuffix("+"),
        repository=desk.repository(),
        image=image_for(world, situation, desired, wanted),
        hyperparameters=hyperparameters(wanted),
        environment=tuple((key, text(value)) for key, value in wanted.environment),
        channels=dataset.channels,
        instance=instance,
        idle_minutes=idle,
    )


def start(world: World, desk: Desk, spec: NotebookSpec, tell: Tell) -> Notebook:
    """Return the notebook when it runs; one that runs already is left as it is.

    Raises:
        ProviderError: it did not come up, and why.

    """
    starts, end = 0, world.clock.seconds() + PATIENCE
    while True:
        now = desk.notebooks.status(spec.model)
        if now is not None and now.state is NotebookState.RUNNING:
            return now
        if now is None or now.state in {NotebookState.STOPPED, NotebookState.FAILED}:
            if starts == _STARTS or (now is not None and now.state is NotebookState.FAILED and starts):
                raise _did_not(spec.model, "start", now)
            desk.notebooks.start(spec)
            starts += 1
        if world.clock.seconds() > end:
            raise _did_not(spec.model, "start", now)
        tell("starting")
        world.clock.sleep(desk.pause)


def stop(world: World, desk: Desk, model: str, tell: Tell) -> Notebook | None:
    """Return the notebook when it runs no more; None where there is none.

    Raises:
        ProviderError: it did not stop.

    """
    end = world.clock.seconds() + PATIENCE
    while True:
        now = desk.notebooks.status(model)
        if now is None or now.state in {NotebookState.STOPPED, NotebookState.FAILED}:
            return now
        if now.state is NotebookState.RUNNING:
            desk.notebooks.stop(model)
        if world.clock.seconds() > end:
            raise _did_not(model, "stop", now)
        tell("stopping")
        world.clock.sleep(desk.pause)


def delete(world: World, desk: Desk, model: str, tell: Tell) -> bool:
    """Remove the notebook with all that was made for it, stopped first; return whether there was one.

    Raises:
        ProviderError: it did not stop, or is still there.

    """
    had, end = stop(world, desk, model, tell) is not None, world.clock.seconds() + PATIENCE
    desk.notebooks.delete(model)
    while (now := desk.notebooks.status(model)) is not None:
        if world.clock.seconds() > end:
            raise _did_not(model, "go away", now)
        tell("deleting")
        world.clock.sleep(desk.pause)
        desk.notebooks.delete(model)
    desk.notebooks.delete(model)  # what it leaves behind goes when nothing uses it any more
    return had


def _did_not(model: str, what: str, now: Notebook | None) -> ProviderError:
    state = now.state.value if now else "not there"
    return ProviderError(
        f"the notebook of `{model}` did not {what}: it is {state}",
        detail=now.detail if now else "",
        hint=f"mlops-ci notebook {model} status, then the same command again",
    )
