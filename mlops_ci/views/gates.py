"""What a gate says of many models, told for the summary of a job, for scripts, and as outputs of a step."""

from __future__ import annotations

from mlops_ci.model import Json
from mlops_ci.plan.gate import Evidence
from mlops_ci.plan.gates import Gates, ModelGate
from mlops_ci.views import markdown
from mlops_ci.views.document import document
from mlops_ci.views.terminal import lines

SHOWN = 100
"""How many models have their evidence told in a summary; all of them are in the table."""


def gates_markdown(found: Gates) -> str:
    """Return a table of the models, and below it what each lacks or has."""
    name = markdown.code(found.environment)
    if not found.models:
        return f"No model has an environment {name}.\n"
    rows = [(markdown.code(m.model), f"v{m.version}" if m.version else "", m.says.value) for m in found.models]
    out = [f"### Gate of {name}", "", *markdown.table(("model", "version", "gate"), rows)]
    telling = [model for model in found.models if model.evidence]
    for model in telling[:SHOWN]:
        out += ["", *markdown.folded(f"{model.model} v{model.version}: {model.says.value}", _evidence(model))]
    if len(telling) > SHOWN:
        out += ["", f"The evidence of {len(telling) - SHOWN} more is not told here."]
    return lines(out)


def _evidence(model: ModelGate) -> list[str]:
    return [f"- {item.found.value}: {markdown.prose(item.sentence)}" for item in model.evidence]


def gates_json(found: Gates) -> str:
    """Return the same as JSON; a null version means that nothing stands before the gate."""
    return document({
        "environment": found.environment,
        "open": found.is_open,
        "waiting": [model.name for model in found.waiting],
        "models": [_model(model) for model in found.models],
    })  # fmt: skip


def _model(model: ModelGate) -> Json:
    return {
        "name": model.model,
        "version": model.version or None,
        "gate": model.says.value,
        "evidence": [_item(item) for item in model.evidence],
    }


def _item(item: Evidence) -> Json:
    return {"asked": item.asked, "found": item.found.value, "sentence": item.sentence}


def gates_outputs(found: Gates) -> dict[str, str]:
    """Return the outputs of a step: `open`, `waiting` as `approve --waiting` takes it, and whether it names any."""
    return {
        "open": "true" if found.is_open else "false",
        "waiting": ",".join(model.name for model in found.waiting),
        "waits": "true" if found.waiting else "false",
    }
