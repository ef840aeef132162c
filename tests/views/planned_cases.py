"""Whole outputs of plans with what stands beside them, each with the file that holds it.

`python -m tests.views.planned_cases` writes the files anew, to be read in the diff.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from mlops_ci.model import Environment, Place, Project
from mlops_ci.plan.impacts import Consequence, Impact, Part
from mlops_ci.plan.manifest_diff import Line, ModelDifference, Side, Since, State, model_difference, project_lines
from mlops_ci.views.planned import Planned, planned_json, planned_markdown, planned_text
from mlops_ci.views.terminal import Ink
from tests.factories import FILES, a_candidate, a_model, desire
from tests.views.goldens import HOSTILE, hostile
from tests.worlds import done_world, with_candidate

FOLDER = Path(__file__).parent / "planned"


def changed() -> Planned:
    """Return a plan beside differences of every kind."""
    old = a_model()
    model = with_candidate(old, "linear", hyperparameters=(("max_iter", 9),), environment=(("API_TOKEN", "s3cret"),))
    model = replace(
        model,
        owner="bob",
        candidates=(*model.candidates[:1], a_candidate("forest"), *model.candidates[1:]),
        environments=(
            Environment("staging"),
            Environment("canary", "staging"),
            Environment("production", "staging", approval=True),
        ),
        serving=replace(model.serving, workers=4),
        evaluation=replace(model.evaluation, threshold=0.4),
    )
    files = replace(FILES, tests=(*FILES.tests, ("test_more.py", "6" * 40)), serving=(("inference.py", "9" * 40),))
    here = Side(desire(model, files=files), (("pipelines/churn/candidates/boosting.yaml", "2"),))
    found = model_difference("churn", Side(desire(old), (("pipelines/churn/candidates/boosting.yaml", "1"),)), here)
    assert found is not None
    states = (ModelDifference("away", State.GONE), ModelDifference("fresh", State.NEW),
              ModelDifference("odd", State.UNREADABLE))  # fmt: skip
    project = project_lines(Project(), Project(places=(Place("staging", 8001),)), "mlops-ci.yaml")
    since = Since("c0ffee" + "1" * 34, "`HEAD` left `main`", (states[0], found, *states[1:]), project)
    return Planned(done_world().desiring(model, files=files).plan(), since)


def quiet() -> Planned:
    """Return a plan beside a comment in each kind of manifest."""
    model = ModelDifference("churn", State.CHANGED, quiet=("pipelines/churn/model.yaml",))
    return Planned(done_world().plan(), Since("c0ffee" + "1" * 34, "`HEAD~1`", (model,), quiet=("mlops-ci.yaml",)))


def worst() -> Planned:
    """Return a plan beside differences in which every text is hostile."""
    does = tuple(Consequence(part, HOSTILE, impact) for part, impact in (
        (Part.CANDIDATE, Impact.RETRAIN), (Part.ENDPOINT, Impact.FOLLOW), (Part.CHAMPION, Impact.DECIDE)))  # fmt: skip
    line = Line("field", HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, does)
    model = ModelDifference(HOSTILE, State.CHANGED, (line,), (HOSTILE,))
    return Planned(hostile(), Since("c0ffee" + "1" * 34, f"`{HOSTILE}`", (model,), (line,), (HOSTILE,)))


def saved() -> Planned:
    """Return a saved plan."""
    return Planned(done_world().plan(), digest="0123456789abcdef" * 4)


CASES: Mapping[str, Callable[[], str]] = {
    "changed.txt": lambda: planned_text(changed()),
    "changed-color.txt": lambda: planned_text(changed(), ink=Ink.COLOR),
    "changed.md": lambda: planned_markdown(changed()),
    "changed.json": lambda: planned_json(changed()),
    "quiet.txt": lambda: planned_text(quiet()),
    "quiet.md": lambda: planned_markdown(quiet()),
    "quiet.json": lambda: planned_json(quiet()),
    "hostile.txt": lambda: planned_text(worst()),
    "hostile.md": lambda: planned_markdown(worst()),
    "saved.txt": lambda: planned_text(saved()),
    "saved.md": lambda: planned_markdown(saved()),
    "saved.json": lambda: planned_json(saved()),
}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, make in CASES.items():
        (FOLDER / name).write_text(make(), encoding="utf-8")
