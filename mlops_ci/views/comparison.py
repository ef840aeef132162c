"""Models side by side, told three ways: each metric with its difference on the same rows, and how they were made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mlops_ci.fingerprint.canonical import canonical
from mlops_ci.model import Goal, Json
from mlops_ci.plan.comparison import Comparison, Field, Row
from mlops_ci.views import markdown
from mlops_ci.views.document import document
from mlops_ci.views.figures import difference_json, interval, p_value, signed
from mlops_ci.views.terminal import Ink, Tone, clean, counted, folded, lines, number

CLEAR = 0.05
"""The p-value below which a difference is called clear."""
_RIGHT = frozenset({2, 3, 4, 5, 6})
_LONGEST = 40


def comparison_text(comparison: Comparison, *, ink: Ink = Ink.PLAIN, width: int = 0) -> str:
    """Return the comparison for a terminal: a table for each that is compared with the first, then what differs.

    What does not fit beside the metrics into `width` columns (0: there is no end) follows below them.
    """
    out: list[str] = []
    for at, _ in enumerate(comparison.sides[1:]):
        title, rows = _title(comparison, at), _metric_rows(comparison, at)
        out.append(ink.paint(clean(title), Tone.STRONG))
        for header, *told in folded(rows, kept=1, right=_RIGHT, indent="  ", width=width):
            out += [ink.paint(header, Tone.QUIET), *told]
        out += [f"  {clean(remark)}" for remark in _remarks(comparison, at)]
        out.append("")
    if comparison.fields:
        out.append(ink.paint("made differently", Tone.STRONG))
        for header, *told in folded(_field_rows(comparison), kept=1, right=frozenset(), indent="  ", width=width):
            out += [ink.paint(header, Tone.QUIET), *told]
    else:
        out.append("made differently: nothing that is on record")
    return lines(out)


def comparison_markdown(comparison: Comparison) -> str:
    """Return the comparison as tables, the same as for a terminal."""
    out: list[str] = []
    for at, _ in enumerate(comparison.sides[1:]):
        header, *rows = _metric_rows(comparison, at)
        told = [[markdown.code(row[0]), *map(markdown.text, row[1:-1]), markdown.code(row[-1])] for row in rows]
        out += [f"**{markdown.prose(_title(comparison, at))}**", ""]
        out += [*markdown.table([markdown.text(name) for name in header], told, right=_RIGHT), ""]
        out += [*(f"- {markdown.prose(remark)}" for remark in _remarks(comparison, at)), ""]
    if comparison.fields:
        header, *rows = _field_rows(comparison)
        told = [[markdown.code(row[0]), *map(markdown.code, row[1:])] for row in rows]
        out += ["**made differently**", "", *markdown.table([markdown.text(name) for name in header], told)]
    else:
        out.append("made differently: nothing that is on record")
    return lines(out)


def comparison_json(comparison: Comparison) -> str:
    """Return the comparison as JSON; differences are those of `sides` after the first, to the first."""
    return document({
        "model": comparison.model,
        "rows": comparison.rows,
        "sides": [
            {
                "asked": side.asked,
                "candidate": side.candidate,
                "version": side.version or None,
                "package": side.evaluated.package,
                "fingerprint": side.evaluated.fingerprint,
                "evaluation": side.evaluated.evaluation,
            }
            for side in comparison.sides
        ],
        "metrics": [
            {
                "metric": row.metric,
                "goal": row.goal.value,
                "values": [*row.values],
                "differences": [None if found is None else difference_json(found) for found in row.differences],
            }
            for row in comparison.metrics
        ],
        "fields": [{"path": field.path, "values": [*field.values]} for field in comparison.fields],
    })  # fmt: skip


def _title(comparison: Comparison, at: int) -> str:
    first, other = comparison.sides[0], comparison.sides[at + 1]
    rows = counted(comparison.rows, "test row")
    return f"{comparison.model}  `{other.title}` compared with `{first.title}` on the same {rows}"


def _metric_rows(comparison: Comparison, at: int) -> list[tuple[str, ...]]:
    first, other = comparison.sides[0], comparison.sides[at + 1]
    rows: list[tuple[str, ...]] = [
        ("metric", "better is", first.asked, other.asked, "difference", "95 %", "p-value", "clearly better")
    ]
    for row in comparison.metrics:
        found = row.differences[at]
        rows.append((
            row.metric,
            "higher" if row.goal is Goal.MAXIMIZE else "lower",
            number(row.values[0]),
            number(row.values[at + 1]),
            "" if found is None else signed(found.value),
            interval(found),
            "" if found is None else p_value(found.p_value),
            _better(comparison, row, at),
        ))  # fmt: skip
    return rows


def _better(comparison: Comparison, row: Row, at: int) -> str:
    found = row.differences[at]
    if found is None or found.p_value is None or found.p_value >= CLEAR or found.value == 0:
        return ""
    is_other = (found.value > 0) is (row.goal is Goal.MAXIMIZE)
    return comparison.sides[at + 1 if is_other else 0].asked


def _remarks(comparison: Comparison, at: int) -> Iterator[str]:
    tested = [found for row in comparison.metrics if (found := row.differences[at]) and found.p_value is not None]
    if len(tested) > 1:
        yield (
            f"clearly better: p below {CLEAR:g}; of {len(tested)} metrics one may well seem so by chance, "
            f"and `{comparison.metrics[0].metric}` decides"
        )
    unsure = [row.metric for row in comparison.metrics if (found := row.differences[at]) and found.p_value is None]
    if unsure:
        yield f"no p-value for {', '.join(f'`{name}`' for name in unsure)}: it is computed by code of your own"


def _field_rows(comparison: Comparison) -> list[tuple[str, ...]]:
    header = ("field", *(side.asked for side in comparison.sides))
    return [header, *((field.path, *map(_told, _short(field).values)) for field in comparison.fields)]


def _short(field: Field) -> Field:
    """Return the field with digests cut to what people tell them apart by."""
    return replace(field, values=tuple(v[:7] if isinstance(v, str) and _is_digest(v) else v for v in field.values))


def _is_digest(text: str) -> bool:
    return len(text) in {40, 64} and all(char in "0123456789abcdef" for char in text)


def _told(value: Json) -> str:
    if value is None:
        return "-"
    shown = value if isinstance(value, str) else canonical(value)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 3]}..."
