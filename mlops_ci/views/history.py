"""The history of models, told three ways."""

from __future__ import annotations

from mlops_ci.model import Json, Standing
from mlops_ci.records.history import Happening, History
from mlops_ci.views import markdown
from mlops_ci.views.document import document
from mlops_ci.views.terminal import Ink, Tone, clean, columns, lines, moment

_TONES = {
    "passed": Tone.GOOD, "promote": Tone.GOOD, "failed": Tone.BAD, "errored": Tone.BAD, "rollback": Tone.CHANGED
}  # fmt: skip


def history_text(histories: tuple[History, ...], *, ink: Ink = Ink.PLAIN) -> str:
    """Return what happened, a line each, first to last."""
    if not histories:
        return "no models\n"
    out: list[str] = []
    for history in histories:
        if out:
            out.append("")
        out.append(ink.paint(clean(history.model), Tone.STRONG))
        told = columns((_cells(h) for h in history.happenings), indent="  ") if history.happenings else []
        for happening, line in zip(history.happenings, told, strict=True):
            tone = _TONES.get(happening.verdict) or _TONES.get(happening.kind.value)
            out.append(ink.paint(line, tone) if tone else line)
        if not told:
            out.append("  nothing happened yet")
        out.extend(f"  {clean(_held(standing))}" for standing in history.held)
    return lines(out)


def _cells(happening: Happening) -> tuple[str, ...]:
    at = moment(happening.at)
    version = f"v{happening.version}" if happening.version else ""
    what = f"{happening.kind.value} {happening.verdict}".strip()
    commit = f" (`{happening.commit[:7]}`)" if happening.commit else ""
    return (at, version, happening.place, what, happening.sentence + commit)


def _held(standing: Standing) -> str:
    held = standing.held
    said = f" by {held.by}: {held.why or 'no reason given'}" if held else ""
    return f"`{standing.environment}` is held at v{standing.version}{said}"


def history_markdown(histories: tuple[History, ...]) -> str:
    """Return what happened as a table a model."""
    out: list[str] = []
    for history in histories:
        out += ["", f"**{markdown.text(history.model)}**", ""]
        if history.happenings:
            rows = [
                (at, version, markdown.code(place), markdown.text(what), markdown.prose(sentence))
                for at, version, place, what, sentence in map(_cells, history.happenings)
            ]
            out += markdown.table(("when (UTC)", "version", "where", "what", "said"), rows)
        else:
            out.append("nothing happened yet")
        if history.held:
            out += ["", *(f"- {markdown.prose(_held(standing))}" for standing in history.held)]
    return lines(out[1:]) if out else "no models\n"


def history_json(histories: tuple[History, ...]) -> str:
    """Return what happened as JSON."""
    return document({"models": [_history_json(history) for history in histories]})


def _history_json(history: History) -> dict[str, Json]:
    return {
        "model": history.model,
        "happenings": [
            {
                "at": h.at,
                "kind": h.kind.value,
                "environment": h.place or None,
                "version": h.version or None,
                "package": h.package or None,
                "verdict": h.verdict or None,
                "sentence": h.sentence,
                "commit": h.commit or None,
            }
            for h in history.happenings
        ],
        "held": [
            {
                "environment": s.environment,
                "version": s.version,
                "by": s.held.by if s.held else "",
                "why": s.held.why if s.held else "",
            }
            for s in history.held
        ],
    }
