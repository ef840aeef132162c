"""A review, told for a terminal and as JSON; `review_comment` tells it as Markdown."""

from __future__ import annotations

from dataclasses import replace

from mlops_ci.plan.leaderboard import Board, Leaderboard
from mlops_ci.plan.review import Forecast, Review, Training
from mlops_ci.plan.review_json import review_data
from mlops_ci.views.diagnostics import tally
from mlops_ci.views.document import document
from mlops_ci.views.leaderboard import leaderboard_text
from mlops_ci.views.plan import counted_changes, expected, expected_seconds, plan_text
from mlops_ci.views.since import since_text
from mlops_ci.views.terminal import Ink, clean, counted, lines


def review_text(review: Review, *, ink: Ink = Ink.PLAIN, width: int = 0) -> str:
    """Return a review for a terminal: what changed, what is on record, the plan; diagnostics are told on stderr."""
    out = [since_text(review.since, ink=ink)] if review.since else []
    boards = tuple(board_of(found) for found in review.forecasts if found.is_known)
    if boards:
        out.append(leaderboard_text(Leaderboard(boards), ink=ink, width=width))
    if review.plan:
        out.append(plan_text(review.plan, ink=ink))
    last = [headline(review)] if not review.plan else []
    last += [f"note: {clean(remark)}" for remark in remarks(review)]
    return "\n".join([*out, *([lines(last)] if last else [])])


def review_json(review: Review) -> str:
    """Return a review as JSON: the same as `comment -o` writes, with `format_version`."""
    return document(review_data(review))


def board_of(forecast: Forecast) -> Board:
    """Return the board with what is foretold in the place of how the contest ended."""
    return replace(forecast.board, sentence=forecast.sentence.removeprefix("the contest "))


def headline(review: Review) -> str:
    """Return the review in one line."""
    plan = review.plan
    if plan is None or not review.is_valid:
        return f"{tally(review.diagnostics)}: nothing can be planned before they are mended"
    warned = f"; {tally(review.diagnostics)}" if review.diagnostics else ""
    told = counted_changes(plan.changes)
    models = counted(len(plan.models), "model")
    if plan.is_empty:
        return f"nothing to do for {models}{f': {told}' if told else ''}{warned}"
    known = expected_seconds(plan) is not None
    time = f"; expected time: {expected(plan)}" if known else "; the expected time is unknown"
    return f"{told or counted(len(plan.steps), 'step')} in {models}{time}{warned}"


def remarks(review: Review) -> tuple[str, ...]:
    """Return what is to be said beside the plan: whether it is trained, what is damaged, what is missing."""
    out = [training_sentence(review)] if review.training else []
    if review.damaged:
        names = ", ".join(f"`{one.name}`" for one in review.damaged[:3])
        more = f" and {len(review.damaged) - 3} more" if len(review.damaged) > 3 else ""
        out.append(f"{counted(len(review.damaged), 'record')} could not be read: {names}{more}")
    return (*out, *review.remarks)


def training_sentence(review: Review) -> str:
    """Return what training this pull request brings about; empty where nobody asked."""
    match review.training:
        case Training.NEVER:
            return "pull requests are not trained here: training comes after the merge"
        case Training.UNLABELLED:
            return f"nothing is trained before the pull request has the label `{review.train_label}`"
        case Training.DONE:
            return f"what it trains is kept under `pr/{review.pull_request}/`, and nothing of it is promoted"
        case None:
            return ""
