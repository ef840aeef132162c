"""Drift: what git says and what serves, where the two differ, for the summary of a job and as outputs of a step."""

from __future__ import annotations

from mlops_ci.plan.status import EnvironmentStatus, Status
from mlops_ci.views import markdown
from mlops_ci.views.terminal import counted, lines

_HEADER = ("model", "environment", "git says", "serves", "state", "remarks")


def drift_markdown(status: Status) -> str:
    """Return a line an environment in which something else serves than git says; one sentence where there is none."""
    places = [(model.name, place) for model in status.models for place in model.environments]
    drifted = [(name, place) for name, place in places if place.drift]
    if not drifted:
        return f"### No drift\n\n{counted(len(places), 'environment')} as git says.\n"
    rows = [(markdown.code(name), *_cells(place)) for name, place in drifted]
    title = f"### Drift in {len(drifted)} of {counted(len(places), 'environment')}"
    return lines([title, "", *markdown.table(_HEADER, rows), "", "To have git's word again: `mlops-ci run`."])


def _cells(place: EnvironmentStatus) -> tuple[str, ...]:
    answers = place.state in {"InService", "Updating", "Creating"} and place.version
    remarks = "; ".join(markdown.prose(part) for part in (place.drift, place.detail) if part)
    return (
        markdown.code(place.environment),
        f"v{place.released}" if place.released else "nothing",
        f"v{place.version}" if answers else "nothing",
        markdown.text(place.state),
        remarks,
    )


def drift_outputs(status: Status) -> dict[str, str]:
    """Return the outputs of a step: `drift`."""
    return {"drift": "true" if status.has_drift else "false"}
