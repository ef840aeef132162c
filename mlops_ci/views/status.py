"""The status, told three ways: for a terminal, as Markdown, and as JSON for scripts."""

from __future__ import annotations

from mlops_ci.model import Json
from mlops_ci.plan.status import EnvironmentStatus, ModelStatus, Status
from mlops_ci.views import markdown
from mlops_ci.views.document import document
from mlops_ci.views.terminal import Ink, Tone, clean, columns, lines

_TONES = {"InService": Tone.GOOD, "Batch": Tone.GOOD, "Failed": Tone.BAD, "OutOfService": Tone.BAD}
_HEADER = ("environment", "version", "state", "tests", "url")


def status_text(status: Status, *, ink: Ink = Ink.PLAIN) -> str:
    """Return the status for a terminal: a paragraph a model, a line an environment, remarks below."""
    if not status.models:
        return "no models\n"
    out: list[str] = []
    for model in status.models:
        if out:
            out.append("")
        out.append(f"{ink.paint(clean(model.name), Tone.STRONG)}  {clean(_champion(model))}")
        if not model.environments:
            out.append("  it serves nowhere: its manifest names no environments")
            continue
        header, *rows = columns([_HEADER, *(_cells(e) for e in model.environments)], indent="  ")
        out.append(ink.paint(header, Tone.QUIET))
        for environment, row in zip(model.environments, rows, strict=True):
            out.append(_toned(row, environment, ink))
            out.extend(f"      {clean(remark)}" for remark in _remarks(environment))
    return lines(out)


def _champion(model: ModelStatus) -> str:
    champion = model.champion
    return f"champion: `{champion.candidate}` v{champion.version}" if champion else "no champion yet"


def _toned(row: str, environment: EnvironmentStatus, ink: Ink) -> str:
    tone = _TONES.get(environment.state)
    return row.replace(environment.state, ink.paint(environment.state, tone), 1) if tone else row


def _cells(environment: EnvironmentStatus) -> tuple[str, ...]:
    version = f"v{environment.version}" if environment.version else "-"
    url = environment.url or "-"
    return (environment.environment, version, environment.state, environment.tests or "not tested", url)


def _remarks(environment: EnvironmentStatus) -> list[str]:
    """Return what a line cannot say: held, drift, what comes next, checks that did not pass, a failure's detail."""
    out: list[str] = []
    if environment.held:
        out.append(f"held at v{environment.released} by {environment.held.by}: {environment.held.why or 'no reason'}")
    if environment.drift:
        out.append(f"drift: {environment.drift}")
    if environment.wanted and environment.wanted != environment.released:
        out.append(f"next: v{environment.wanted}")
    if environment.failed_checks:
        out.append(f"not passed: {', '.join(environment.failed_checks)}")
    if environment.detail:
        out.append(environment.detail)
    return out


def status_markdown(status: Status) -> str:
    """Return the status as one table, a line an environment of each model."""
    rows = [
        (markdown.code(model.name), markdown.prose(_champion(model)), *_markdown_cells(environment))
        for model in status.models
        for environment in model.environments
    ]
    rows += [
        (markdown.code(model.name), markdown.prose(_champion(model)), *([""] * 6))
        for model in status.models
        if not model.environments
    ]
    return lines(markdown.table(("model", "champion", *_HEADER, "remarks"), rows)) if rows else "no models\n"


def _markdown_cells(environment: EnvironmentStatus) -> tuple[str, ...]:
    name, version, state, tests, url = _cells(environment)
    shown = (markdown.code(name), version, markdown.text(state), tests, markdown.code(url.removesuffix("-")))
    return (*shown, "; ".join(markdown.prose(remark) for remark in _remarks(environment)))


def status_json(status: Status) -> str:
    """Return the status as JSON; a null version means that nothing is there."""
    return document({"models": [_model_json(model) for model in status.models]})


def _model_json(model: ModelStatus) -> dict[str, Json]:
    champion = model.champion
    return {
        "name": model.name,
        "champion": {
            "version": champion.version,
            "candidate": champion.candidate,
            "package": champion.package,
            "fingerprint": champion.fingerprint,
            "commit": champion.commit,
        }
        if champion
        else None,
        "environments": {e.environment: _environment_json(e) for e in model.environments},
    }


def _environment_json(environment: EnvironmentStatus) -> dict[str, Json]:
    held = environment.held
    return {
        "version": environment.version or None,
        "package": environment.package or None,
        "state": environment.state,
        "url": environment.url or None,
        "released": environment.released or None,
        "wanted": environment.wanted or None,
        "held": {"by": held.by, "why": held.why} if held else None,
        "drift": environment.drift or None,
        "tests": {"verdict": environment.tests, "at": environment.tested_at, "not_passed": [*environment.failed_checks]}
        if environment.tests
        else None,
        "detail": environment.detail,
    }
