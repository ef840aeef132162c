"""Reviewing: what a commit would do, what it changed, and what is on record for it. Touches nothing.

Of models of which nothing changed no more is looked at than a plan looks at.
"""

from __future__ import annotations

from dataclasses import replace

from mlops_ci.errors import ManifestError, ProviderError
from mlops_ci.executor.assess import assess
from mlops_ci.executor.compare import AUTO, base_of, compare
from mlops_ci.executor.glance import Glance
from mlops_ci.executor.survey import survey
from mlops_ci.plan.manifest_diff import Since
from mlops_ci.plan.review import Review, forecasts, public_plan


def planned(glance: Glance, select: tuple[str, ...], label: str) -> Review:
    """Return the review that holds a plan and warnings, or every diagnostic where the manifests are wrong."""
    try:
        found = survey(glance, select)
        if found is not None:
            plan, warnings, damaged = found.plan, found.warnings, found.damaged
        else:  # the selection finds nothing: this tells what is wrong
            situation = assess(glance.world(), select, fetch=False)
            plan, warnings, damaged = situation.plan, situation.warnings, situation.ledger.damaged
    except ManifestError as error:
        return Review(label, glance.repository.head().commit, None, diagnostics=error.diagnostics)
    return Review(label, plan.basis.commit, public_plan(plan), diagnostics=warnings, damaged=damaged)


def compared(review: Review, glance: Glance, select: tuple[str, ...], base: str) -> Review:
    """Return the review with what changed since a commit; `auto`, where nothing can be compared, is a remark.

    Raises:
        UsageError, ProviderError: the commit that is named is not here.

    """
    if review.plan is None:
        return review
    try:
        return replace(review, since=_since(glance, select, base))
    except ProviderError as error:
        if base != AUTO:
            raise
        why = f"nothing is compared with the release branch: {error.summary}; {error.detail or error.hint}"
        return replace(review, remarks=(*review.remarks, why))


def _since(glance: Glance, select: tuple[str, ...], base: str) -> Since:
    world = glance.world()
    return compare(world, select, base_of(world, base))


def foreseen(review: Review, glance: Glance) -> Review:
    """Return the review with what is on record for the models of which there is something to say."""
    plan = review.plan
    there = {*plan.models} if plan else set()
    names = tuple(name for name in review.models() if name in there)
    if not names:
        return review
    situation = assess(glance.world(), names, fetch=False)
    return replace(review, forecasts=forecasts(situation.desired, situation.ledger))
