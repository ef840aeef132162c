"""What changed since a commit, told three ways: each difference, and what it does to candidates, places and tests."""

from __future__ import annotations

from collections.abc import Iterable

from mlops_ci.model import Json
from mlops_ci.plan.change import Action
from mlops_ci.plan.impacts import Consequence, Impact, Part
from mlops_ci.plan.manifest_diff import Line, ModelDifference, Since, State
from mlops_ci.views import markdown
from mlops_ci.views.terminal import Ink, Tone, clean, columns, lines

_ACTIONS = {
    Impact.NEW: Action.NEW,
    Impact.GONE: Action.REMOVED,
    Impact.RETRAIN: Action.RETRAIN,
    Impact.REEVALUATE: Action.REEVALUATE,
    Impact.REDEPLOY: Action.REDEPLOY,
    Impact.DECIDE: Action.PROMOTE,
    Impact.RETEST: Action.REEVALUATE,
    Impact.ASK: Action.PROMOTE,
}
"""From the gravest impact: the first one that a line has gives its glyph, which is that of a plan's change."""

_STATES = {
    State.NEW: "the model is new",
    State.GONE: "the model is gone; its records stay, and what serves goes on until it is destroyed",
    State.UNREADABLE: "shown as new: its manifest was not valid there",
}
_GLYPHS = {State.NEW: Action.NEW, State.GONE: Action.REMOVED, State.UNREADABLE: Action.NEW}


def since_text(since: Since, *, ink: Ink = Ink.PLAIN) -> str:
    """Return what changed for a terminal: a paragraph a model, two lines a difference."""
    out = [f"{ink.paint(clean(title(since)), Tone.STRONG)}"]
    for model in since.models:
        out += ["", ink.paint(clean(model.model), Tone.STRONG)]
        if model.state in _STATES:
            out.append(f"  {_GLYPHS[model.state].glyph}  {_STATES[model.state]}")
        heads = columns([(glyph(line), _where(line), line.sentence) for line in model.lines], indent="  ")
        for line, head in zip(model.lines, heads, strict=True):
            out += [head, f"       {clean(effect(line.consequences, model.model))}"]
        out += [f"  {clean(_quiet(path))}" for path in model.quiet]
    if since.project or since.quiet:
        out += ["", ink.paint("the project", Tone.STRONG)]
        out += [f"  .  {clean(line.sentence)}: no model is made of it" for line in since.project]
        out += [f"  {clean(_quiet(path))}" for path in since.quiet]
    return lines(out)


def title(since: Since) -> str:
    """Return what is compared, and whether anything counts, in a line."""
    commit = f" ({since.base[:12]})" if since.base else ""
    return f"since {since.asked}{commit}: {'nothing that counts changed' if since.is_empty else 'changed'}"


def glyph(line: Line) -> str:
    """Return the glyph of the gravest thing that a difference does."""
    impacts = {consequence.impact for consequence in line.consequences}
    return next((action.glyph for impact, action in _ACTIONS.items() if impact in impacts), Action.METADATA.glyph)


def effect(consequences: tuple[Consequence, ...], model: str) -> str:
    """Return what a difference does in a sentence; `no work` where it does nothing."""
    named = {
        impact: [c.name for c in consequences if c.impact is impact and c.part in {Part.CANDIDATE, Part.ENDPOINT}]
        for impact in Impact
    }
    now = [f"{words} {_listed(named[impact])}" for impact, words in _DONE.items() if named[impact]]
    for part, impact, words in _ARRIVALS:
        names = [c.name for c in consequences if (c.part, c.impact) == (part, impact)]
        now += [words.format(name=name, model=model) for name in names]
    tested = [c.name for c in consequences if (c.part, c.impact) == (Part.TESTS, Impact.RETEST)]
    now += [f"test {_listed(tested)} again"] if tested else []
    now += [f"ask the gate of `{c.name}` again" for c in consequences if c.impact is Impact.ASK]
    if any(c.impact is Impact.DECIDE for c in consequences):
        follow = f", which {_listed(named[Impact.FOLLOW])} follow{'s' * (len(named[Impact.FOLLOW]) == 1)}"
        now.append("then decide the champion again" + (follow if named[Impact.FOLLOW] else ""))
    return ", ".join(now) or "no work"


_DONE = {Impact.RETRAIN: "retrain", Impact.REEVALUATE: "re-evaluate", Impact.REDEPLOY: "redeploy"}
_ARRIVALS = (
    (Part.CANDIDATE, Impact.NEW, "train and evaluate `{name}`"),
    (Part.CANDIDATE, Impact.GONE, "`{name}` competes no more"),
    (Part.ENDPOINT, Impact.NEW, "deploy to `{name}` once its gate opens"),
    (Part.ENDPOINT, Impact.GONE, "end it with `mlops-ci destroy {name} {model}`"),
)


def _where(line: Line) -> str:
    """Return the manifest's name as it is in its folder, or what kind of file it is."""
    return "/".join(line.file.split("/")[2:]) or line.file if line.file else line.kind


def _quiet(path: str) -> str:
    return f"`{path}` changed, and nothing in it that counts"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def since_markdown(since: Since) -> str:
    """Return what changed for a pull request: a table, and a list of what changed without counting."""
    out = [f"**{markdown.prose(title(since))}**"]
    rows = [row for model in since.models for row in model_rows(model)]
    rows += [(markdown.code("."), "", *_cells(line), "no model is made of it") for line in since.project]
    if rows:
        out += ["", *markdown.table(("", "model", "where", "what", "does"), rows)]
    quiet = quiet_lines([path for model in since.models for path in model.quiet] + [*since.quiet])
    return lines([*out, *([""] if quiet else []), *quiet])


def quiet_lines(paths: Iterable[str]) -> list[str]:
    """Return a list of the manifests that changed without counting."""
    return [f"- {markdown.prose(_quiet(path))}" for path in paths]


def model_rows(model: ModelDifference) -> list[tuple[str, ...]]:
    """Return what differs of a model as rows of Markdown: glyph, model, where, what, what it does."""
    name = markdown.code(model.model)
    if model.state in _STATES:
        return [(markdown.code(_GLYPHS[model.state].glyph), name, "", markdown.prose(_STATES[model.state]), "")]
    return [
        (markdown.code(glyph(line)), name, *_cells(line), markdown.prose(effect(line.consequences, model.model)))
        for line in model.lines
    ]


def _cells(line: Line) -> tuple[str, str]:
    return markdown.code(_where(line)), markdown.prose(line.sentence)


def since_data(since: Since) -> dict[str, Json]:
    """Return what changed as JSON data."""
    return {
        "commit": since.base,
        "asked": since.asked.replace("`", ""),
        "is_empty": since.is_empty,
        "models": [_model_data(model) for model in since.models],
        "project": [_line_data(line) for line in since.project],
        "changed_without_effect": [
            *(path for model in since.models for path in model.quiet), *since.quiet
        ],
    }  # fmt: skip


def _model_data(model: ModelDifference) -> dict[str, Json]:
    code = "invalid-before" if model.state is State.UNREADABLE else model.state.value
    return {"model": model.model, "state": code, "differences": [_line_data(line) for line in model.lines]}


def _line_data(line: Line) -> dict[str, Json]:
    return {
        "kind": line.kind,
        "file": line.file,
        "field": line.field,
        "sentence": line.sentence,
        "old": line.old,
        "new": line.new,
        "effects": [{"on": c.part.value, "name": c.name, "effect": c.impact.value} for c in line.consequences],
    }
