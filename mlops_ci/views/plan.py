"""The plan, told three ways: for a terminal, as Markdown, and as JSON for scripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import Enum

from mlops_ci.model import Json
from mlops_ci.plan.change import Action, Change, Note, Plan
from mlops_ci.views import markdown
from mlops_ci.views.document import document
from mlops_ci.views.following import following
from mlops_ci.views.terminal import Ink, Tone, clean, columns, counted, duration, lines

_TONES = {
    Action.NEW: Tone.GOOD,
    Action.RETRAIN: Tone.CHANGED,
    Action.REEVALUATE: Tone.CHANGED,
    Action.PROMOTE: Tone.GOOD,
    Action.REDEPLOY: Tone.CHANGED,
    Action.METADATA: Tone.QUIET,
    Action.REMOVED: Tone.BAD,
    Action.DRIFT: Tone.BAD,
}
_COUNTED = {
    Action.NEW: "new",
    Action.RETRAIN: "to retrain",
    Action.REEVALUATE: "to re-evaluate",
    Action.PROMOTE: "to promote",
    Action.REDEPLOY: "to redeploy",
    Action.METADATA: "metadata only",
    Action.REMOVED: "removed",
    Action.DRIFT: "drifted",
}


class Detail(Enum):
    """How much is told of each change."""

    BRIEF = "one line a change, and its reasons where there are several"
    FULL = "every reason, with old and new values and digests"


def plan_text(plan: Plan, *, ink: Ink = Ink.PLAIN, detail: Detail = Detail.BRIEF) -> str:
    """Return the plan for a terminal: a paragraph a model that has changes or notes, and a last summary line."""
    out: list[str] = []
    for model in _told(plan):
        changes = [c for c in plan.changes if c.model == model]
        out.append(ink.paint(clean(model), Tone.STRONG))
        out.extend(_changes(changes, ink, detail))
        then = following(plan, model)
        if then:
            out.append(f"    then: {clean(then)}")
        for note in plan.notes:
            if note.model == model:
                out.extend(_note(note, ink))
        out.append("")
    return lines([*out, clean(plan_summary(plan))])


def plan_summary(plan: Plan) -> str:
    """Return the plan in one line, without a line end."""
    told = counted_changes(plan.changes)
    notes = f" ({counted(len(plan.notes), 'note')})" if plan.notes else ""
    if plan.is_empty:
        rest = f" {told}." if told else ""
        are = "model is" if len(plan.models) == 1 else "models are"
        held = f" {len(plan.models)} {are} as git says." if not plan.changes and not plan.notes else ""
        return f"plan: nothing to do{notes}.{rest}{held}"
    return f"plan: {told or counted(len(plan.steps), 'step')}{notes}; expected time: {expected(plan)}."


def counted_changes(changes: Iterable[Change]) -> str:
    """Return how many changes there are of each kind; empty where there are none."""
    counts = Counter(change.action for change in changes)
    return ", ".join(f"{counts[action]} {word}" for action, word in _COUNTED.items() if counts[action])


def expected_seconds(plan: Plan) -> float | None:
    """Return the sum of what is known of the changes' durations, in seconds; None where nothing is."""
    known = [change.seconds for change in plan.changes if change.seconds is not None]
    return sum(known) if known else None


def expected(plan: Plan) -> str:
    """Return how long it takes as far as it is known: `about 2 min`, `at least 2 min`, `unknown`."""
    total = expected_seconds(plan)
    if total is None:
        return "unknown"
    trained = [c for c in plan.changes if c.action in {Action.NEW, Action.RETRAIN, Action.REEVALUATE}]
    least = "at least" if any(c.seconds is None for c in trained) else "about"
    return f"{least} {duration(total)}"


def _told(plan: Plan) -> tuple[str, ...]:
    """Return the models that have something to tell: those of the plan, then removed ones."""
    named = {change.model for change in plan.changes} | {note.model for note in plan.notes}
    return tuple(m for m in dict.fromkeys((*plan.models, *sorted(named))) if m in named)


def _changes(changes: list[Change], ink: Ink, detail: Detail) -> list[str]:
    if not changes:
        return []
    heads = columns([(c.action.glyph, c.subject, c.action.value, _summary(c)) for c in changes], indent="  ")
    out: list[str] = []
    for change, head in zip(changes, heads, strict=True):
        out.append(ink.paint(head, _TONES[change.action]))
        if detail is Detail.FULL or len(change.reasons) > 1:
            for reason in change.reasons:
                out.append(f"      - {clean(reason.sentence)}")
                if detail is Detail.FULL and (reason.old or reason.new) and reason.new not in reason.sentence:
                    out.append(f"        {clean(reason.old or '(none)')} -> {clean(reason.new or '(none)')}")
    return out


def _summary(change: Change) -> str:
    return change.summary + (f" (about {duration(change.seconds)})" if change.seconds is not None else "")


def _note(note: Note, ink: Ink) -> list[str]:
    out = [f"  {ink.paint('note:', Tone.STRONG)} {clean(note.sentence)}"]
    return [*out, f"    hint: {clean(note.hint)}"] if note.hint else out


def plan_markdown(plan: Plan) -> str:
    """Return the plan for a pull request: the summary, a table, notes, and the reasons folded."""
    out = [f"**{markdown.text(plan_summary(plan))}**"]
    if plan.changes:
        out += ["", *markdown.table(("", "model", "subject", "action", "what"), map(change_cells, plan.changes))]
    then = [(model, following(plan, model)) for model in _told(plan)]
    if any(sentence for _, sentence in then):
        out += ["", *(f"- {markdown.code(m)}, then: {markdown.prose(s)}" for m, s in then if s)]
    if plan.notes:
        out += ["", *(f"- note on {markdown.code(note.model)}: {note_markdown(note)}" for note in plan.notes)]
    if any(change.reasons for change in plan.changes):
        out += ["", *markdown.folded(counted(sum(len(c.reasons) for c in plan.changes), "reason"), _reasons(plan))]
    return lines(out)


def change_cells(change: Change) -> tuple[str, ...]:
    """Return a change as cells of Markdown: glyph, model, subject, action, what is done."""
    glyph, model, subject = (markdown.code(cell) for cell in (change.action.glyph, change.model, change.subject))
    return (glyph, model, subject, change.action.value, markdown.prose(_summary(change)))


def note_markdown(note: Note) -> str:
    """Return a note as a line of Markdown, without its model."""
    return markdown.prose(note.sentence) + (f"; hint: {markdown.code(note.hint)}" if note.hint else "")


def _reasons(plan: Plan) -> list[str]:
    out: list[str] = []
    for change in plan.changes:
        out.append(f"- {markdown.code(change.model)} {markdown.code(change.subject)} {change.action.value}")
        out.extend(f"  - {markdown.prose(reason.sentence)}" for reason in change.reasons)
    return out


def plan_json(plan: Plan) -> str:
    """Return the plan as JSON. `models` is how many were compared; a null number of seconds is unknown."""
    return document(plan_data(plan))


def plan_data(plan: Plan) -> dict[str, Json]:
    """Return what the plan as JSON holds."""
    return {
        "models": len(plan.models),
        "summary": plan_summary(plan),
        "expected_seconds": expected_seconds(plan),
        "basis": {
            "commit": plan.basis.commit,
            "tip": plan.basis.tip,
            "branch": plan.basis.branch,
            "target": plan.basis.target,
        },
        "changes": [_change_json(change) for change in plan.changes],
        "notes": [
            {"model": n.model, "subject": n.subject, "code": n.code, "sentence": n.sentence, "hint": n.hint}
            for n in plan.notes
        ],
        "steps": [scheduled.step.id for scheduled in plan.steps],
    }


def _change_json(change: Change) -> dict[str, Json]:
    return {
        "model": change.model,
        "subject": change.subject,
        "action": change.action.value,
        "reasons": [
            {"code": r.code, "sentence": r.sentence, "field": r.field, "old": r.old, "new": r.new}
            for r in change.reasons
        ],
        "summary": change.summary,
        "expected_seconds": change.seconds,
    }
