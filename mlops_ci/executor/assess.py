"""Assessing: read the manifests, the records, the release and the endpoints, and compare them. Touches nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mlops_ci.diagnostics import Diagnostic, has_errors, ordered
from mlops_ci.errors import ManifestError
from mlops_ci.executor.desire import desire, unsearchable
from mlops_ci.executor.offers import Believed, believed, with_believed
from mlops_ci.executor.opening import open_ledger
from mlops_ci.executor.proposing import is_proposed
from mlops_ci.executor.reading import read_release
from mlops_ci.executor.world import World
from mlops_ci.manifest import load
from mlops_ci.model import Model, Release, Tree
from mlops_ci.model.sources import within
from mlops_ci.plan.change import Basis, Plan
from mlops_ci.plan.deployed import Deployed
from mlops_ci.plan.desired import DesiredModel, Reach
from mlops_ci.plan.diff import make_plan
from mlops_ci.records.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Situation:
    """What is desired, recorded and deployed at one moment, and the plan that follows.

    `believed` are trainings of pull requests that the ledger counts, and that are adopted before any work.
    """

    desired: tuple[DesiredModel, ...]
    ledger: Ledger
    deployed: tuple[Deployed, ...]
    plan: Plan
    warnings: tuple[Diagnostic, ...]
    tree: Tree
    commit: str
    believed: tuple[Believed, ...] = ()
    _models: Mapping[str, DesiredModel] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the models: every step asks for its own."""
        object.__setattr__(self, "_models", {desired.name: desired for desired in self.desired})

    def model(self, name: str) -> DesiredModel:
        """Return the desired model of that name, which is one of `desired`."""
        return self._models[name]


def assess(world: World, select: tuple[str, ...], *, fetch: bool) -> Situation:
    """Return the situation of the selected models (names or globs; none means all).

    Raises:
        ManifestError: with every diagnostic of every selected model.

    """
    tree = world.repository.worktree()
    loaded = load(tree, world.schemas, select=select)
    head = world.repository.head()
    tip = world.repository.tip(fetch=fetch)
    base = world.repository.tree(tip) if tip else None
    found, problems = [], list(loaded.diagnostics)
    for model in loaded.models:
        wish = desire(world, model, tree)
        problems.extend(o.diagnostic(loaded.document(o.path)) for o in wish.obstacles)
        found.append(placed(wish.model, model, tree, base, world))
    if has_errors(problems):
        raise ManifestError(ordered(problems))
    names = tuple(d.name for d in found)
    ledger = open_ledger(world, names)
    trusted = believed(world, tuple(found), ledger)
    ledger = with_believed(ledger, trusted)
    problems.extend(o.diagnostic(loaded.document(o.path)) for o in unsearchable(world, found, ledger))
    if has_errors(problems):
        raise ManifestError(ordered(problems))
    deployed = world.endpoints.describe()
    basis = Basis(head.commit, tip, world.project.branch, world.target.name)
    plan = make_plan(tuple(found), ledger, deployed, basis, loaded.names)
    commit = head.commit + _dirt(world, head.commit, tip, tree, base, loaded.models)
    return Situation(tuple(found), ledger, deployed, plan, ordered(problems), tree, commit, trusted)


def placed(desired: DesiredModel, model: Model, tree: Tree, base: Tree | None, world: World) -> DesiredModel:
    """Return the model with its release, and how far its work may go."""
    desired, branch = replace(desired, is_proposed=is_proposed(world, model)), world.project.branch
    if base is None:
        why = f"`{branch}` has no commit yet"
        return replace(desired, release=Release(), reach=Reach.AFTER_MERGE, why_not=why)
    release = read_release(base, model.folder)
    if world.pull_request:
        why = f"this works for pull request `{world.pull_request}`"
        return replace(desired, release=release, reach=Reach.AFTER_MERGE, why_not=why)
    changed = _changed(model, tree, base)
    if not changed:
        return replace(desired, release=release)
    if len(changed) == 1:
        why = f"`{changed[0]}` is not on `{branch}` as it is here"
    else:
        why = f"`{changed[0]}` and {len(changed) - 1} more are not on `{branch}` as they are here"
    return replace(desired, release=release, reach=Reach.AFTER_MERGE, why_not=why)


def _changed(model: Model, tree: Tree, base: Tree) -> tuple[str, ...]:
    """Return the model's files that differ between two trees; the release file does not count."""
    places = [model.folder]
    for path in model.paths():
        place = within(model.folder, path)
        if place and not place.startswith(model.folder + "/"):
            places.append(place)
    here = {pair for place in places for pair in tree.blobs(place)}
    there = {pair for place in places for pair in base.blobs(place)}
    return tuple(sorted({path for path, _ in here ^ there} - {f"{model.folder}/release.yaml"}))


def _dirt(world: World, head: str, tip: str, tree: Tree, base: Tree | None, models: tuple[Model, ...]) -> str:
    """Return `+` where a model's files differ from the checked-out commit."""
    if not head:
        return "+"
    at_head = base if base is not None and head == tip else world.repository.tree(head)
    return "+" if any(_changed(model, tree, at_head) for model in models) else ""
