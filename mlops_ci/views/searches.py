"""The trials of searches, told three ways: for a terminal, as Markdown, and as JSON for scripts."""

from __future__ import annotations

import json

from mlops_ci.model import Json, Scalar
from mlops_ci.model.effects import plain
from mlops_ci.plan.search import told
from mlops_ci.plan.searches import Searched, Searches, Stage
from mlops_ci.records.facts import Tried
from mlops_ci.views import markdown
from mlops_ci.views.document import document
from mlops_ci.views.terminal import Ink, Tone, clean, columns, duration, lines, number

_SHOWN = 5
"""Of how many failed trials it is told why; JSON has all."""
_NONE = "no candidate searches\n"


def searches_text(found: Searches, *, ink: Ink = Ink.PLAIN) -> str:
    """Return a table of trials a search, for a terminal."""
    out: list[str] = []
    for searched in found.searches:
        if out:
            out.append("")
        out.append(f"{ink.paint(clean(f'{searched.model} {searched.candidate}'), Tone.STRONG)}  {clean(_by(searched))}")
        if searched.trials:
            header, *rows = _table(searched)
            told_rows = columns([header, *rows], right=_right(searched), indent="  ")
            out.append(ink.paint(told_rows[0], Tone.QUIET))
            for trial, line in zip(searched.trials, told_rows[1:], strict=True):
                tone = Tone.GOOD if trial == searched.best else Tone.BAD if trial.score is None else None
                out.append(ink.paint(line, tone) if tone else line)
        out.extend(f"  {clean(remark)}" for remark in _remarks(searched))
    return lines(out) if out else _NONE


def searches_markdown(found: Searches) -> str:
    """Return a table of trials a search, with the same columns as in the terminal."""
    out: list[str] = []
    for searched in found.searches:
        name = markdown.text(f"{searched.model} {searched.candidate}")
        out += ["", f"**{name}** {markdown.prose(_by(searched))}"]
        if searched.trials:
            header, *rows = _table(searched)
            cells = [[markdown.text(cell) for cell in row] for row in rows]
            out += ["", *markdown.table([markdown.text(cell) for cell in header], cells, right=_right(searched))]
        if remarks := _remarks(searched):
            out += ["", *(f"- {markdown.prose(remark)}" for remark in remarks)]
    return lines(out[1:]) if out else _NONE


def _by(searched: Searched) -> str:
    better = "higher" if searched.objective.goal.value == "maximize" else "lower"
    rows = f"{searched.trials[0].rows} " if searched.trials else ""
    where = "in the training log" if searched.objective.is_logged else f"on {rows}validation rows"
    by = f"by `{searched.objective.metric}` {where} ({better} is better)"
    return f"{by}: {told(searched.search)}, {searched.stage.value}"


def _table(searched: Searched) -> list[list[str]]:
    """Return the header, and one row a trial; one column a hyperparameter."""
    names = [found.name for found in searched.search.ranges]
    rows = [["", "trial", searched.objective.metric, *names, "time", "fingerprint"]]
    for trial in searched.trials:
        given = dict(trial.hyperparameters)
        mark = "* best" if trial == searched.best else "failed" if trial.score is None else ""
        values = [_value(given.get(name)) for name in names]
        rows.append([
            mark, str(trial.number), number(trial.score), *values, duration(trial.seconds), trial.fingerprint[:7],
        ])  # fmt: skip
    return rows


def _right(searched: Searched) -> frozenset[int]:
    """Return the columns of numbers."""
    return frozenset({*range(1, 4 + len(searched.search.ranges))})


def _value(value: Scalar) -> str:
    """Return a hyperparameter for people: a fraction with six digits."""
    if isinstance(value, float):
        return f"{value:.6g}"
    return value if isinstance(value, str) else json.dumps(value)


def _remarks(searched: Searched) -> list[str]:
    failed = [trial for trial in searched.trials if trial.score is None]
    out = [f"trial {trial.number} failed: {trial.detail}" for trial in failed[:_SHOWN]]
    out += [f"{len(failed) - _SHOWN} more failed"] if len(failed) > _SHOWN else []
    if searched.stage is Stage.OPEN:
        out.append(f"{len(searched.trials)} of {searched.search.trials} trials have ended; `mlops-ci run` goes on")
    return out


def searches_json(found: Searches) -> str:
    """Return the searches as JSON; a score is null where a trial failed."""
    return document({"searches": [_search_json(searched) for searched in found.searches]})


def _search_json(searched: Searched) -> dict[str, Json]:
    return {
        "model": searched.model,
        "candidate": searched.candidate,
        "fingerprint": searched.fingerprint,
        "strategy": searched.search.strategy.value,
        "seed": searched.search.seed,
        "budget": searched.search.trials,
        "metric": searched.objective.metric,
        "goal": searched.objective.goal.value,
        "scored_by": "training log" if searched.objective.is_logged else "validation rows",
        "stage": searched.stage.value,
        "best": searched.best.number if searched.best else None,
        "trials": [_trial_json(trial) for trial in searched.trials],
    }


def _trial_json(trial: Tried) -> dict[str, Json]:
    return {
        "trial": trial.number,
        "attempt": trial.attempt,
        "outcome": trial.outcome,
        "detail": trial.detail,
        "score": trial.score,
        "rows": trial.rows,
        "hyperparameters": {name: plain(value) for name, value in trial.hyperparameters},
        "fingerprint": trial.fingerprint,
        "seconds": trial.seconds,
        "at": trial.at,
    }
