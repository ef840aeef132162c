"""The body of a pull request of ours: what anybody typed calls nobody, and it is never too long."""

from __future__ import annotations

from dataclasses import replace

from mlops_ci.model import Goal, Hold, Standing
from mlops_ci.plan.leaderboard import Board, Entry, Leaderboard, State
from mlops_ci.plan.motion import Motion
from mlops_ci.ports.reviews import LIMIT
from mlops_ci.views.proposal import proposal_markdown

MOTION = Motion(
    model="churn",
    move="rollback-production",
    about="a" * 64,
    title="Roll churn on production back to v1",
    reason="v2 was serving; asked for by Ada: fine",
    then="mlops-ci deploy production churn",
    environments=(Standing("production", 1, "b" * 64, Hold("Ada", "fine")),),
)


def board(count: int) -> Leaderboard:
    entry = Entry(
        "forest",
        "c" * 64,
        1,
        "d" * 40,
        State.FAILED,
        "why " * 20,
        (),
        (),
        "",
        "",
        None,
        "",
        None,
        None,
        "",
        False,
        True,
    )
    entries = tuple(replace(entry, candidate=f"forest-{number}") for number in range(count))
    return Leaderboard((Board("churn", "accuracy", Goal.MAXIMIZE, "", 0, "", entries, None),))


def test_it_says_why_what_moves_and_how_it_goes_on() -> None:
    told = proposal_markdown(MOTION)
    assert told.startswith(
        "v2 was serving; asked for by Ada: fine\n\nThe merge moves:\n\n- `production` to v1 (package `bbbbbbbbbbbb`)"
    )
    assert ", and is held there" in told
    assert "`mlops-ci deploy production churn` goes on" in told


def test_what_somebody_typed_calls_nobody_and_is_no_markup() -> None:
    typed = "@ada #1 <img src=x> | [a](b)\n# title\n\u202e ![x](y)"
    told = proposal_markdown(replace(MOTION, reason=typed))
    first = told.splitlines()[0]
    assert "title" in first
    assert "<img" not in told
    assert "@ada" not in told
    assert r"\[a\](b)" in told
    assert "\u202e" not in told


def test_the_contest_is_left_out_where_it_is_too_long_and_so_is_most_of_a_long_reason() -> None:
    fits = proposal_markdown(replace(MOTION, board=board(3)))
    assert "forest-2" in fits
    told = proposal_markdown(replace(MOTION, board=board(3000), reason="x" * 100_000))
    assert len(told) < LIMIT
    assert "mlops-ci leaderboard churn" in told
    assert "`mlops-ci deploy production churn` goes on" in told
