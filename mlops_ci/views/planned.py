"""A plan with what may stand beside it, told three ways: what changed since a commit, and the digest of a saved one."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_ci.plan.change import Plan
from mlops_ci.plan.manifest_diff import Since
from mlops_ci.views.document import document
from mlops_ci.views.plan import Detail, plan_data, plan_markdown, plan_text
from mlops_ci.views.since import since_data, since_markdown, since_text
from mlops_ci.views.terminal import Ink, lines


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan; `since` where it was compared with a commit, `digest` (sha256) where it is saved."""

    plan: Plan
    since: Since | None = None
    digest: str = ""


def planned_text(planned: Planned, *, ink: Ink = Ink.PLAIN, detail: Detail = Detail.BRIEF) -> str:
    """Return it for a terminal: what changed, the plan, and the digest last."""
    before = since_text(planned.since, ink=ink) + "\n" if planned.since else ""
    return before + plan_text(planned.plan, ink=ink, detail=detail) + lines(_digest(planned))


def planned_markdown(planned: Planned) -> str:
    """Return it for a pull request: the plan, then what changed."""
    after = "\n" + since_markdown(planned.since) if planned.since else ""
    digest = "".join(f"\n{line}\n" for line in _digest(planned))
    return plan_markdown(planned.plan) + after + digest


def planned_json(planned: Planned) -> str:
    """Return it as JSON: that of the plan, with `base` and `digest` where there are such."""
    data = plan_data(planned.plan)
    if planned.since:
        data["base"] = since_data(planned.since)
    if planned.digest:
        data["digest"] = planned.digest
    return document(data)


def _digest(planned: Planned) -> list[str]:
    return [f"digest: sha256 {planned.digest}"] if planned.digest else []
