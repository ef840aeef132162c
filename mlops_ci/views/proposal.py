"""The body of a pull request of ours: what a merge would do, why, and the contest behind it."""

from __future__ import annotations

from mlops_ci.plan.motion import Motion
from mlops_ci.ports.reviews import LIMIT
from mlops_ci.views import markdown
from mlops_ci.views.leaderboard import leaderboard_markdown
from mlops_ci.views.terminal import lines

_REST = (
    "Close it to say no: the same is not proposed again. Nothing else is to be edited on this branch: it is made anew "
    "where the release moves on."
)
LONGEST = 2000
"""Characters of a reason that are shown: what somebody typed may be of any length."""


def proposal_markdown(motion: Motion) -> str:
    """Return Markdown of fewer than `LIMIT` characters; where the contest is too long for that, it is left out."""
    reason = motion.reason if len(motion.reason) <= LONGEST else f"{motion.reason[:LONGEST]} ..."
    head = [markdown.prose(reason), "", *_effects(motion)]
    if motion.evidence:
        head += ["", *(f"- {markdown.prose(sentence)}" for sentence in motion.evidence)]
    foot = [
        "",
        f"Merge it in any way, then {markdown.code(motion.then)} goes on. {_REST}",
    ]
    board = ["", *leaderboard_markdown(motion.board).splitlines()] if motion.board else []
    whole = lines([*head, *board, *foot])
    if len(whole) < LIMIT:
        return whole
    told = f"The contest is too long to be shown here: {markdown.code(f'mlops-ci leaderboard {motion.model}')}."
    return lines([*head, "", told, *foot])


def _effects(motion: Motion) -> list[str]:
    if not motion.environments:
        return ["The merge moves no environment."]
    moved = (
        f"- {markdown.code(standing.environment)} to v{standing.version} "
        f"(package {markdown.code(standing.package[:12])}){', and is held there' if standing.held else ''}"
        for standing in motion.environments
    )
    return ["The merge moves:", "", *moved]
