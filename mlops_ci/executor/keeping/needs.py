"""What of a store must stay, as far as this checkout and its repository know."""

from __future__ import annotations

from mlops_ci.diagnostics import has_errors, ordered
from mlops_ci.errors import ManifestError
from mlops_ci.executor.assess import assess
from mlops_ci.executor.desire import desire
from mlops_ci.executor.keeping.upkeep import Upkeep
from mlops_ci.executor.tip import TipTree
from mlops_ci.manifest.loading import load
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.records.retention import Needed


def needs(upkeep: Upkeep) -> Needed:
    """Return what is released on any branch, deployed, or asked for here or at the release branch's tip.

    Raises:
        ManifestError: a manifest here or at the tip is wrong, so that nobody can tell what it needs.
        ProviderError: git, or the remote, does not answer.

    """
    world = upkeep.world
    situation = assess(world, (), fetch=True)
    digests = set(upkeep.branches.released())
    digests |= {deployed.package for deployed in situation.deployed}
    for desired in situation.desired:
        digests |= _asked(desired)
    models = set(upkeep.branches.models()) | {desired.name for desired in situation.desired}
    tip = world.repository.tip(fetch=False)
    if tip:
        tree = TipTree(world.repository.tree(tip), situation.tree)
        loaded = load(tree, world.schemas)
        if has_errors(loaded.diagnostics):
            raise ManifestError(ordered(loaded.diagnostics))
        for model in loaded.models:
            wish = desire(world, model, tree)
            digests |= _asked(wish.model)
            if wish.obstacles:  # what its results are called here is not what they are called where it runs
                models.discard(model.name)
    return Needed(frozenset(digests), frozenset(models))


def _asked(desired: DesiredModel) -> set[str]:
    return {*(candidate.fingerprint for candidate in desired.candidates), desired.processing_fingerprint} - {""}
