"""Reviewing: what a commit would do, what it changed, and what is on record for it. Touches nothing.

Of models of which nothing changed no more is looked at than a plan looks at.
"""

from __future__ import annotations

from dataclasses import replace

from mlops_ci.errors import ManifestError, ProviderError
from mlops_ci.executor.assess import assess, placed
from mlops_ci.executor.compare import AUTO, base_of, compare
from mlops_ci.executor.desire import desire
from mlops_ci.executor.glance import Glance
from mlops_ci.executor.offers import believed, with_believed
from mlops_ci.executor.reading import read_ledger
from mlops_ci.executor.survey import survey
from mlops_ci.executor.world import World
from mlops_ci.manifest.folders import Folder, folder_of
from mlops_ci.manifest.loading import load_folder
from mlops_ci.model import Tree
from mlops_ci.plan.manifest_diff import Since
from mlops_ci.plan.review import Forecast, Review, forecasts, public_plan


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
    world = replace(glance.world(), records=glance.records.loaded(names))
    here, tip = world.repository.worktree(), world.repository.tip(fetch=False)
    base = world.repository.tree(tip) if tip else None
    folders = tuple(folder for name in names if (folder := folder_of(here, glance.pipelines, name)) is not None)
    for tree in (here, base):  # what git lists is waited for once, before others look at it too
        if tree is not None and folders:
            tree.blobs(folders[0].path)
    # The first one alone, and here, as in `examining`: the others find what it asked for that does not differ by model.
    parts = (folders[:1], folders[1:])
    found = (one for part in parts for one in glance.spread(lambda at: _foretold(world, here, base, at), part))
    return replace(review, forecasts=tuple(forecast for some in found for forecast in some))


def _foretold(world: World, here: Tree, base: Tree | None, folder: Folder) -> tuple[Forecast, ...]:
    """Return the forecast of the model in a folder; none where its manifest became wrong meanwhile."""
    models = load_folder(here, world.schemas, folder, world.project).models
    desired = tuple(placed(desire(world, model, here).model, model, here, base, world) for model in models)
    ledger = read_ledger(world, tuple(model.name for model in models))
    return forecasts(desired, with_believed(ledger, believed(world, desired, ledger)))
