"""The leaderboard, told three ways: for a terminal, as Markdown, and as JSON for scripts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from mlops_ci.executor.scalars import text as scalar
from mlops_ci.model import Json
from mlops_ci.plan.leaderboard import Board, Entry, Leaderboard, State
from mlops_ci.views import markdown
from mlops_ci.views.document import document
from mlops_ci.views.figures import bounded, difference_json, interval, p_value
from mlops_ci.views.slices import slice_tables
from mlops_ci.views.terminal import Ink, Tone, clean, duration, folded, lines, number


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: its name, what each entry says in it, whether these are numbers, and whether it is shown."""

    name: str
    cells: tuple[str, ...]
    is_number: bool
    is_shown: bool


class Detail(Enum):
    """How much of it is shown."""

    BRIEF = "all rows together"
    SLICES = "and slice by slice"


def leaderboard_text(
    leaderboard: Leaderboard, *, ink: Ink = Ink.PLAIN, detail: Detail = Detail.BRIEF, width: int = 0
) -> str:
    """Return the leaderboard for a terminal; columns that do not differ are left out.

    What does not fit beside the candidates into `width` columns (0: there is no end) follows below them.
    """
    if not leaderboard.boards:
        return "no models\n"
    out: list[str] = []
    for board in leaderboard.boards:
        if out:
            out.append("")
        out.append(f"{ink.paint(clean(board.model), Tone.STRONG)}  by {clean(_by(board))}")
        entries = board.with_defending()
        made = _columns(board, entries)
        shown = [column for column in made if column.is_shown]
        rows = [tuple(column.name for column in shown), *zip(*(column.cells for column in shown), strict=True)]
        right = frozenset(at for at, column in enumerate(shown) if column.is_number)
        kept = 1 + [column.name for column in shown].index("candidate")
        for block in folded(rows, kept=kept, right=right, indent="  ", width=width):
            out.append(ink.paint(block[0], Tone.QUIET))
            for entry, line in zip(entries, block[1:], strict=True):
                tone = Tone.GOOD if entry.is_champion else Tone.BAD if entry.state is State.FAILED else None
                out.append(ink.paint(line, tone) if tone else line)
        for title, table in slice_tables(board) if detail is Detail.SLICES else ():
            for header, *told in folded(table, kept=1, right=_VALUES, indent="    ", width=width):
                out += [f"  {clean(title)}", ink.paint(header, Tone.QUIET), *told]
        out.extend(f"  {clean(remark)}" for remark in _remarks(board, entries, made))
    return lines(out)


_VALUES = frozenset(range(1, 20))


def leaderboard_markdown(leaderboard: Leaderboard) -> str:
    """Return the leaderboard as a table a model, with the same columns as in the terminal."""
    out: list[str] = []
    for board in leaderboard.boards:
        out += ["", *board_markdown(board)]
        for title, (header, *told) in slice_tables(board):
            body = [(markdown.code(row[0]), *map(markdown.text, row[1:])) for row in told]
            table = markdown.table([*map(markdown.text, header)], body, right=_VALUES)
            out += ["", *markdown.folded(title.replace("`", ""), table)]
    return lines(out[1:]) if out else "no models\n"


def board_markdown(board: Board) -> list[str]:
    """Return one board as the lines of a heading, a table and remarks, without slices."""
    entries = board.with_defending()
    made = _columns(board, entries)
    shown = [column for column in made if column.is_shown]
    right = frozenset(at for at, column in enumerate(shown) if column.is_number)
    cells = [
        tuple(_cell(entry, cell, column) for entry, cell in zip(entries, column.cells, strict=True)) for column in shown
    ]
    rows = [*zip(*cells, strict=True)]
    out = [f"**{markdown.text(board.model)}** by {markdown.prose(_by(board))}", ""]
    out += markdown.table([markdown.text(column.name) for column in shown], rows, right=right)
    if remarks := _remarks(board, entries, made):
        out += ["", *(f"- {markdown.prose(remark)}" for remark in remarks)]
    return out


def _cell(entry: Entry, shown: str, column: _Column) -> str:
    if column.name in {"candidate", "commit", "fingerprint", "hyperparameters"}:
        return markdown.code(shown)
    told = markdown.text(shown)
    if column.is_number:
        told = told.replace(" ", "&nbsp;")  # an interval is one thing, also in a narrow table
    return f"**{told}**" if entry.is_champion and shown else told


def _by(board: Board) -> str:
    return f"`{board.metric}` ({'higher' if board.goal.value == 'maximize' else 'lower'} is better)"


def _columns(board: Board, entries: tuple[Entry, ...]) -> list[_Column]:
    """Return every column with its cells; those that say the same in every row are not shown."""
    hyper = _differing(entries)
    found = [entry.measurement(board.metric) for entry in entries]
    metrics = [
        m for m in dict.fromkeys(m.metric for e in entries for m in e.metrics if not m.slice) if m != board.metric
    ]

    def column(name: str, cell: Callable[[Entry], str], *, is_number: bool = False) -> _Column:
        cells = tuple(map(cell, entries))
        shown = name in {"candidate", board.metric} or _differs(name, cells)
        return _Column(name, cells, is_number, shown)

    decides = tuple(number(m.value if m else None) if e.metrics else "" for m, e in zip(found, entries, strict=True))
    bounds = tuple(map(interval, found))
    return [
        column("", lambda e: "* champion" if e.is_champion else ""),
        column("candidate", lambda e: e.candidate),
        _Column(board.metric, decides, is_number=True, is_shown=True),
        _Column("95 %", bounds, is_number=True, is_shown=_differs("95 %", bounds)),
        column("to champion (95 %)", lambda e: "" if e.difference is None else bounded(e.difference), is_number=True),
        column("p-value", lambda e: p_value(e.p_value), is_number=True),
        column("state", lambda e: e.state.value),
        *(column(name, _metric(name), is_number=True) for name in metrics),
        column("attempts", lambda e: str(e.attempts or ""), is_number=True),
        column("time", lambda e: "" if e.seconds is None else duration(e.seconds), is_number=True),
        column("billed", lambda e: "" if e.billed_seconds is None else duration(e.billed_seconds), is_number=True),
        column("commit", lambda e: e.commit.rstrip("+")[:7] + "+" * e.commit.endswith("+")),
        column("fingerprint", lambda e: e.fingerprint[:7]),
        column("hyperparameters", lambda e: " ".join(f"{k}={scalar(v)}" for k, v in e.hyperparameters if k in hyper)),
    ]


def _differs(column: str, cells: tuple[str, ...]) -> bool:
    """Return whether a column tells rows apart: they say different things in it, or only some say anything."""
    said = {*cells}
    if column == "state":
        return said != {State.EVALUATED.value}
    if column in {"time", "billed"}:
        return said != {""}  # that two took as long to the tenth of a second is chance
    if len(cells) == 1:
        return said != {""} and column != "attempts"
    return len(said if column in _PARTIAL else said - {""}) > 1


_PARTIAL = {"", "95 %", "to champion (95 %)", "p-value"}
"""Columns in which an empty cell says something."""


def _differing(entries: tuple[Entry, ...]) -> frozenset[str]:
    """Return the hyperparameters that are not the same for all entries."""
    given = [dict(entry.hyperparameters) for entry in entries]
    names = {name for values in given for name in values}
    return frozenset(name for name in names if len({repr(values.get(name, "absent")) for values in given}) > 1)


def _metric(name: str) -> Callable[[Entry], str]:
    return lambda entry: number(entry.value(name)) if entry.metrics else ""


def _same(entries: tuple[Entry, ...], made: list[_Column]) -> list[str]:
    """Return what the columns that were left out say of every row, where there are several."""
    if sum(bool(entry.metrics) for entry in entries) < 2:
        return []
    metrics = {m.metric for entry in entries for m in entry.metrics if not m.slice}
    told = []
    for column in made:
        said = {*column.cells} - {""}
        if not column.is_shown and len(said) == 1:
            told += [f"`{column.name}` {next(iter(said))}"] if column.name in metrics else []
            told += [f"commit `{next(iter(said))}`"] if column.name == "commit" else []
    return [f"the same for all: {', '.join(told)}"] if told else []


def _remarks(board: Board, entries: tuple[Entry, ...], made: list[_Column]) -> list[str]:
    """Return what the columns cannot say: why one failed, what is not comparable, and how the contest ended."""
    out = [
        f"`{entry.candidate}` {entry.state.value}: {entry.detail}"
        for entry in board.entries
        if entry.state in {State.FAILED, State.RUNNING, State.TRAINED}
    ]
    out += [*_missing(entries), *_same(entries, made)]
    out += [f"`{entry.candidate}`: {entry.said}" for entry in entries if entry.said]
    if other := sum(not entry.is_comparable for entry in entries):
        out.append(f"{other} of these come from other test rows or rules, and do not compare with the rest")
    if board.defending is not None:
        out.append(f"champion v{board.version} is none of today's candidates")
    if not board.champion:
        out.append("there is no champion yet")
    return [*out, f"contest: {board.sentence}"] if board.sentence else out


def _missing(entries: tuple[Entry, ...]) -> list[str]:
    """Return why a metric has no value, with the candidates that it is so for."""
    lacking: dict[tuple[str, str], list[str]] = {}
    for entry in entries:
        for found in entry.metrics:
            if not found.slice and found.value is None:
                lacking.setdefault((found.metric, found.reason), []).append(entry.candidate)
    return [
        f"`{metric}` has no value for {', '.join(f'`{name}`' for name in names)}: {reason}"
        for (metric, reason), names in lacking.items()
    ]


def leaderboard_json(leaderboard: Leaderboard) -> str:
    """Return the leaderboard as JSON; `defending` is the champion where it is none of today's candidates."""
    return document({"models": leaderboard_data(leaderboard)})


def leaderboard_data(leaderboard: Leaderboard) -> list[Json]:
    """Return the boards as plain JSON data."""
    return [_board_json(board) for board in leaderboard.boards]


def _board_json(board: Board) -> dict[str, Json]:
    return {
        "model": board.model,
        "metric": board.metric,
        "goal": board.goal.value,
        "champion": board.champion or None,
        "version": board.version or None,
        "contest": board.sentence,
        "entries": [_entry_json(entry) for entry in board.entries],
        "defending": _entry_json(board.defending) if board.defending else None,
    }


def _entry_json(entry: Entry) -> dict[str, Json]:
    return {
        "candidate": entry.candidate,
        "fingerprint": entry.fingerprint,
        "attempts": entry.attempts,
        "commit": entry.commit,
        "state": entry.state.value,
        "detail": entry.detail,
        "is_champion": entry.is_champion,
        "is_comparable": entry.is_comparable,
        "metrics": {
            m.metric: {
                "value": m.value, "rows": m.rows, "low": m.low, "high": m.high,
                **({"reason": m.reason} if m.reason else {}),
            }
            for m in entry.metrics
            if not m.slice
        },
        "slices": [
            {
                "metric": m.metric, "slice": m.slice, "of": m.of, "value": m.value, "rows": m.rows,
                "low": m.low, "high": m.high,
            }
            for m in entry.metrics
            if m.slice
        ],
        "p_value": entry.p_value,
        "difference": None if entry.difference is None else difference_json(entry.difference),
        "verdict": entry.said,
        "hyperparameters": dict(entry.hyperparameters),
        "package": entry.package or None,
        "evaluation": entry.evaluation or None,
        "seconds": entry.seconds,
        **({} if entry.billed_seconds is None else {"billed_seconds": entry.billed_seconds}),
        "at": entry.at,
    }  # fmt: skip
