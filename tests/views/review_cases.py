"""Reviews of every kind, and their whole outputs, each with the file that holds it.

`python -m tests.views.review_cases` writes the files anew, to be read in the diff.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from mlops_ci.diagnostics import Diagnostic, Severity, Span
from mlops_ci.plan.change import Basis, Plan
from mlops_ci.plan.manifest_diff import ModelDifference, State
from mlops_ci.plan.review import Forecast, Review, Training, forecasts, public_plan
from mlops_ci.records.damaged import Damaged
from mlops_ci.views.review import review_json, review_text
from mlops_ci.views.review_comment import Rest, check_markdown, comment_markdown, summary_markdown
from mlops_ci.views.terminal import Ink
from tests.views import planned_cases
from tests.views.goldens import HOSTILE, untidy
from tests.views.goldens import changed as retrained
from tests.worlds import World, done_world, new_world

FOLDER = Path(__file__).parent / "reviews"
COMMIT = "1234567890" * 4
REST = Rest("the job's summary", "https://github.example/octo/models/actions/runs/7")
WARNING = Diagnostic(
    "split-small", Span("pipelines/churn/model.yaml", 12, 3, 9), "the test rows are few", "at least 100 make sense",
    "add rows", Severity.WARNING, "  split: {test: 0.01}",
)  # fmt: skip
ERROR = Diagnostic(
    "unknown-key", Span("pipelines/churn/model.yaml", 3, 1, 5), "`ownr` is not a key of the file",
    "expected one of: `owner`", "did you mean `owner`?", excerpt="ownr: ada",
)  # fmt: skip


def of(world: World, **given: object) -> Review:
    """Return the review of a world."""
    plan = public_plan(replace(world.plan(), basis=Basis(COMMIT, "7" * 40, "main", "local")))
    review = Review("mlops-ci", COMMIT, plan, forecasts=forecasts((world.desired,), world.ledger))
    return replace(review, **given)  # type: ignore[arg-type]


def one() -> Review:
    """Return the review of one model, much of which changed."""
    return of(retrained(), since=planned_cases.changed().since, training=Training.UNLABELLED, train_label="train",
              pull_request="12", diagnostics=(WARNING,), damaged=(Damaged("churn/x", "no JSON"),))  # fmt: skip


def settled() -> Review:
    """Return the review of a change that causes nothing."""
    return of(done_world(), forecasts=(), since=planned_cases.quiet().since, label="models", training=Training.NEVER)


def fresh() -> Review:
    """Return the review of a project of which nothing is on record."""
    remark = "nothing is compared with the release branch: this clone has only the newest commits"
    return of(new_world(), remarks=(remark,), training=Training.DONE, pull_request="12")


def failed() -> Review:
    """Return the review in which candidates failed, run and wait, without the words of jobs."""
    return of(untidy())


def wrong() -> Review:
    """Return the review of manifests that are wrong."""
    return Review("mlops-ci", COMMIT, None, diagnostics=(ERROR, WARNING))


def estate(count: int = 3) -> Review:
    """Return the review of several models."""
    base = one()
    assert base.plan is not None
    assert base.since is not None
    names = [f"churn-{number}" for number in range(count)]
    changes = [replace(change, model=name) for name in names for change in base.plan.changes]
    since = replace(base.since, models=tuple(replace(base.since.models[1], model=name) for name in names))
    told = [Forecast(replace(f.board, model=name), f.sentence) for name in names for f in base.forecasts]
    plan = replace(base.plan, models=tuple(names), changes=tuple(changes), steps=(), notes=())
    return replace(base, plan=plan, since=since, forecasts=tuple(told))


def hostile() -> Review:
    """Return a review in which every text that anybody may choose is hostile."""
    world = retrained()
    plan = planned_cases.worst().plan
    since = planned_cases.worst().since
    assert since is not None
    board = forecasts((world.desired,), world.ledger)[0].board
    entries = tuple(
        replace(e, candidate=HOSTILE, commit=HOSTILE, detail=HOSTILE, said=HOSTILE, fingerprint=HOSTILE,
                hyperparameters=((HOSTILE, HOSTILE),))
        for e in board.entries
    )  # fmt: skip
    board = replace(board, model=HOSTILE, entries=entries, champion=HOSTILE, metric="accuracy")
    bad = Diagnostic("bad-name", Span(HOSTILE, 1, 1, 2), HOSTILE, HOSTILE, HOSTILE)
    gone = ModelDifference("gone", State.GONE)
    return Review(
        "mlops-ci", COMMIT, Plan(plan.basis, (HOSTILE, "churn"), plan.changes, (), plan.notes),
        replace(since, models=(*since.models, gone)), (Forecast(board, HOSTILE),),
        (replace(bad, severity=Severity.WARNING),), (Damaged(HOSTILE, HOSTILE),),
        Training.UNLABELLED, HOSTILE, HOSTILE, (HOSTILE,),
    )  # fmt: skip


CASES: Mapping[str, Callable[[], str]] = {
    "one.txt": lambda: review_text(one()),
    "one-color.txt": lambda: review_text(one(), ink=Ink.COLOR),
    "one.json": lambda: review_json(one()),
    "one.md": lambda: comment_markdown(one(), "mlops-ci", REST),
    "settled.txt": lambda: review_text(settled()),
    "settled.md": lambda: comment_markdown(settled(), "models", REST),
    "fresh.md": lambda: comment_markdown(fresh(), "mlops-ci", REST),
    "failed.md": lambda: summary_markdown(failed(), "mlops-ci"),
    "wrong.txt": lambda: review_text(wrong()),
    "wrong.md": lambda: check_markdown(wrong(), "mlops-ci", REST),
    "estate.md": lambda: comment_markdown(estate(), "mlops-ci", REST),
    "hostile.txt": lambda: review_text(hostile()),
    "hostile.md": lambda: comment_markdown(hostile(), "mlops-ci", REST),
}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, make in CASES.items():
        (FOLDER / name).write_text(make(), encoding="utf-8")
