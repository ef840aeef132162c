"""Notebooks: for which candidate, and what is said of one."""

from __future__ import annotations

from mlops_ci.commands.select import unknown
from mlops_ci.executor.assess import Situation
from mlops_ci.executor.attempts import Tell
from mlops_ci.executor.notebook import Desk, spec_of, start
from mlops_ci.executor.world import World
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.ports.notebooks import Notebook, NotebookState


def candidate_of(desired: DesiredModel, asked: str) -> str:
    """Return the candidate that is meant: the one asked for, else the champion's, else the first.

    Raises:
        UsageError: there is no such candidate.

    """
    names = tuple(c.name for c in desired.candidates)
    if asked and asked not in names:
        raise unknown("candidate", asked, names)
    champion = desired.release.champion
    return asked or (champion.candidate if champion and champion.candidate in names else names[0])


def started(
    world: World,
    desk: Desk,
    situation: Situation,
    desired: DesiredModel,
    candidate: str,
    instance: str,
    idle: int,
    tell: Tell,
) -> Notebook:
    """Return the model's notebook when it runs; raises as `spec_of` and `start`."""
    now = desk.notebooks.status(desired.name)
    if now is not None and now.state is NotebookState.RUNNING:
        return now
    spec = spec_of(world, desk, situation, desired, candidate=candidate, instance=instance, idle=idle)
    return start(world, desk, spec, tell)


def told(notebook: Notebook) -> str:
    """Return what a notebook is, in a line, and on a second one where it is opened."""
    about = f"for `{notebook.candidate}`" if notebook.candidate else ""
    where = f"on `{notebook.instance}`" if notebook.instance else ""
    line = " ".join(filter(None, (f"{notebook.model}: {notebook.state.value}", about, where)))
    if notebook.detail and notebook.state is not NotebookState.RUNNING:
        line += f" ({notebook.detail})"
    return f"{line}\n{notebook.url}" if notebook.url else line
