"""The end of a run, told three ways: what was done, the accuracies, what said no, what it means, and what is next."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from mlops_ci.executor.events import Outcome, StepEnded
from mlops_ci.model import Json
from mlops_ci.plan.leaderboard import Leaderboard
from mlops_ci.plan.status import Status
from mlops_ci.plan.steps import Deploy, Evaluate, Restore, Train
from mlops_ci.views import markdown
from mlops_ci.views.document import document
from mlops_ci.views.events import ended_line
from mlops_ci.views.leaderboard import leaderboard_data, leaderboard_markdown, leaderboard_text
from mlops_ci.views.terminal import Ink, clean, counted, duration, lines

MEANINGS = {
    0: "done",
    1: "a job, a test or a gate said no",
    2: "changes are pending",
    64: "the command line is wrong",
    65: "a manifest is wrong",
    69: "a provider or the environment failed",
    70: "a bug of mlops-ci",
    75: "try again: a lost race, a stale plan, a model that another command works on, a pending approval or merge",
    130: "interrupted: the next run continues",
}


@dataclass(frozen=True, slots=True)
class RunReport:
    """How a run ended. `seconds` is its wall time; `leaderboard` and `status` are of the models it worked on."""

    ended: tuple[StepEnded, ...]
    leaderboard: Leaderboard
    status: Status
    exit_code: int
    seconds: float


def run_text(report: RunReport, *, ink: Ink = Ink.PLAIN, width: int = 0) -> str:
    """Return the end of a run for a terminal of so many columns (0: there is no end)."""
    out: list[str] = []
    boards = _boards(report)
    if boards.boards:
        out += [*leaderboard_text(boards, ink=ink, width=width).splitlines(), ""]
    served = _served(report)
    if served:
        out += [*(clean(line) for line in served), ""]
    for event in _refused(report):
        out.append(ended_line(event, ink))
        if event.outcome in {Outcome.REFUSED, Outcome.WAITING}:  # the evidence; the end of a log was told already
            out += [f"    {clean(line)}" for line in event.lines]
    out.append(clean(run_summary(report)))
    if report.exit_code:
        out.append(f"exit {report.exit_code}: {MEANINGS.get(report.exit_code, 'unknown')}")
    return lines([*out, f"hint: {clean(next_command(report))}"])


def run_summary(report: RunReport) -> str:
    """Return the run in one line, without a line end."""
    counts = Counter(event.outcome for event in report.ended)
    told = ", ".join(f"{counts[outcome]} {outcome.value}" for outcome in Outcome if counts[outcome])
    if not told:
        return f"run: nothing to do ({duration(report.seconds)})."
    return f"run: {counted(len(report.ended), 'step')}: {told} ({duration(report.seconds)})."


def next_command(report: RunReport) -> str:
    """Return what to type next: the hint of the first step that said no, else one that fits the exit code."""
    hints = [event.hint for event in _refused(report) if event.hint]
    if hints:
        return hints[0]
    return "mlops-ci status" if report.exit_code == 0 else "mlops-ci plan"


def _refused(report: RunReport) -> tuple[StepEnded, ...]:
    return tuple(event for event in report.ended if not event.outcome.opens)


def _boards(report: RunReport) -> Leaderboard:
    """Return the boards of the models that were trained or evaluated."""
    worked = {e.step.model for e in report.ended if isinstance(e.step, (Train, Evaluate))}
    return Leaderboard(tuple(board for board in report.leaderboard.boards if board.model in worked))


def _served(report: RunReport) -> list[str]:
    """Return a line for every environment to which this run deployed."""
    moved = {
        (e.step.model, e.step.environment)
        for e in report.ended
        if isinstance(e.step, (Restore, Deploy)) and e.outcome is Outcome.DONE
    }
    return [
        f"{model.name} v{environment.version} in `{environment.environment}`: {environment.url or environment.state}"
        for model in report.status.models
        for environment in model.environments
        if (model.name, environment.environment) in moved
    ]


def run_markdown(report: RunReport) -> str:
    """Return the end of a run for a job summary or a comment: summary, refusals, accuracies, steps folded."""
    out = [f"**{markdown.text(run_summary(report))}**"]
    if report.exit_code:
        out += ["", f"exit {report.exit_code}: {MEANINGS.get(report.exit_code, 'unknown')}"]
    for event in _refused(report):
        out += ["", f"{markdown.code(event.step.id)} **{event.outcome.value}**: {markdown.prose(event.sentence)}"]
        if event.lines:
            out += ["", *markdown.block(event.lines)]
        if event.hint:
            out += ["", f"hint: {markdown.prose(event.hint)}"]
    boards = _boards(report)
    if boards.boards:
        out += ["", *leaderboard_markdown(boards).splitlines()]
    if served := _served(report):
        out += ["", *(f"- {markdown.prose(line)}" for line in served)]
    if report.ended:
        rows = [
            (markdown.code(e.step.id), e.outcome.value, markdown.prose(e.sentence), duration(e.seconds))
            for e in report.ended
        ]
        steps = markdown.table(("step", "outcome", "what", "time"), rows, right=frozenset({3}))
        out += ["", *markdown.folded(counted(len(rows), "step"), steps)]
    return lines(out)


def run_json(report: RunReport) -> str:
    """Return the end of a run as JSON."""
    return document({
        "summary": run_summary(report),
        "exit_code": report.exit_code,
        "meaning": MEANINGS.get(report.exit_code, "unknown"),
        "seconds": report.seconds,
        "next": next_command(report),
        "steps": [_step_json(event) for event in report.ended],
        "leaderboard": leaderboard_data(_boards(report)),
    })  # fmt: skip


def _step_json(event: StepEnded) -> dict[str, Json]:
    return {
        "id": event.step.id,
        "outcome": event.outcome.value,
        "sentence": event.sentence,
        "seconds": event.seconds,
        "lines": [*event.lines],
        "hint": event.hint,
    }
