"""Whether a saved plan may still be performed: what is now must be what it was made from, and nothing but its own
steps on top of that. Pure.

A plan that was killed halfway left records, commits of its own on the branch, endpoints of its own. So the comparison
is not whether everything is equal, but whether all that differs is explained:

- what the models are made of is equal, and how far their work may go;
- the branch and the checked-out commit descend from those of the plan, by commits that changed nothing but release
  files of models that the plan promotes or deploys;
- what these say moved only as the plan's steps move it: a new champion, or an environment that follows, held by nobody;
- what is left to do is a part of the plan's steps. This is where records and endpoints count: what somebody removed,
  ended, approved or decided otherwise makes a step that the plan does not have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlops_ci.model import Release, Standing
from mlops_ci.plan.change import Plan
from mlops_ci.plan.desired import Reach
from mlops_ci.plan.passed import Passed
from mlops_ci.plan.saved import SavedPlan, Stand
from mlops_ci.plan.steps import Deploy, Promote


@dataclass(frozen=True, slots=True)
class Turn:
    """What a model's release said at the plan's tip, and what it says now."""

    model: str
    then: Release
    now: Release


@dataclass(frozen=True, slots=True)
class Now:
    """What is now. `head` and `tip` are what came since the plan's; None where it is not the same history any more."""

    plan: Plan
    stands: tuple[Stand, ...]
    head: tuple[Passed, ...] | None
    tip: tuple[Passed, ...] | None
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """One thing that moved since, with a stable code."""

    code: str
    sentence: str


def staleness(saved: SavedPlan, now: Now) -> tuple[Moved, ...]:
    """Return everything that moved since and is not the plan's own doing; none where it may be performed."""
    basis, current = saved.plan.basis, now.plan.basis
    found: list[Moved] = []
    if basis.target != current.target:
        found.append(Moved("target", f"it is of target `{basis.target}`, and this is `{current.target}`"))
    if basis.branch != current.branch:
        found.append(Moved("branch", f"the release branch was `{basis.branch}`, and is `{current.branch}`"))
    own = _own_files(saved)
    found += _history("tip", f"`{basis.branch}`", basis.tip, current.tip, now.tip, own)
    if not any(moved.code == "tip" for moved in found):  # on the branch both moved by the same
        found += _history("head", "`HEAD`", basis.commit, current.commit, now.head, own)
    for stand in saved.stands:
        found += _stand(stand, next((s for s in now.stands if s.model == stand.model), None), current.branch)
    for turn in now.turns:
        found += _turn(saved, turn)
    return tuple(found) or tuple(_more(saved, now.plan))


def _own_files(saved: SavedPlan) -> set[str]:
    """Return the release files that the plan's steps write."""
    writing = {s.step.model for s in saved.plan.steps if isinstance(s.step, Promote | Deploy)}
    return {f"{stand.folder}/release.yaml" for stand in saved.stands if stand.model in writing}


def _history(
    code: str, what: str, then: str, now: str, passed: tuple[Passed, ...] | None, own: set[str]
) -> Iterator[Moved]:
    """Yield the commits that are not the plan's own; one that changed nothing of the project does not count."""
    if then == now:
        return
    if passed is None:
        yield Moved(
            code, f"{what} was at {then[:10] or 'no commit'}, and is at {now[:10] or 'none'}, which is not after it"
        )
        return
    for commit in passed:
        is_own = bool(commit.paths) and {*commit.paths} <= own
        if not is_own and not (commit.elsewhere and not commit.paths):
            changed = f"changes {_named(commit.paths)}" if commit.paths else "is not the plan's"
            yield Moved(code, f"{what} moved on: {commit.commit[:10]} (`{commit.subject}`) {changed}")


def _named(paths: tuple[str, ...]) -> str:
    return f"`{paths[0]}`" + (f" and {len(paths) - 1} more" if len(paths) > 1 else "")


def _stand(then: Stand, now: Stand | None, branch: str) -> Iterator[Moved]:
    if now is None:
        yield Moved("model", f"there is no model `{then.model}` any more")
        return
    before, after = dict(then.parts), dict(now.parts)
    moved = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    # What a candidate's training is follows from the rest; alone it differs by another version of mlops-ci.
    told = [name for name in moved if not name.startswith("training/")] or moved
    for name in told:
        verb = "is new" if name not in before else "is gone" if name not in after else "is not as it was"
        yield Moved("inputs", f"{then.model}: {_part(name)} {verb}")
    if then.reach is not now.reach:
        is_on = now.reach is Reach.RELEASE
        yield Moved("reach", f"{then.model}: what is here is {'on' if is_on else 'not on'} `{branch}` now")


def _part(name: str) -> str:
    kind, _, of = name.partition("/")
    return {
        "manifest": "`model.yaml`",
        "serving": "its serving code",
        "metrics": "its metric code",
        "tests": "its test files",
        "processing": "its processing",
        "data": f"its data `{of}`",
        "candidate": f"candidate `{of}`",
        "code": f"the training code of `{of}`",
        "software": f"the software of `{of}`",
        "training": f"the training of `{of}`",
    }.get(kind, f"`{name}`")


def _turn(saved: SavedPlan, turn: Turn) -> Iterator[Moved]:
    """Yield what a release says that no step of the plan makes it say."""
    then, now, model = turn.then, turn.now, turn.model
    steps = {s.step.id for s in saved.plan.steps if s.step.model == model}
    added = {*now.versions} - {*then.versions}
    if then.champion != now.champion or added:
        promotes = Promote(model).id in steps and now.champion is not None and {*then.versions} <= {*now.versions}
        if not promotes or len(added) > 1:
            yield Moved("release", f"{model}: another champion was released")
    if then.rolled_back != now.rolled_back:
        yield Moved("release", f"{model}: a version was rolled back, or released again")
    for name in sorted({s.environment for s in (*then.environments, *now.environments)}):
        before, after = then.standing(name), now.standing(name)
        packages = {champion.package for champion in (then.champion, now.champion) if champion}
        packages |= {s.package for s in (*then.environments, *now.environments) if s.environment != name}
        if before != after and not _follows(before, after, packages, Deploy(model, name).id in steps):
            yield Moved("release", f"{model}: `{name}` was {_told(after)}")


def _follows(before: Standing | None, after: Standing | None, packages: set[str], is_deployed: bool) -> bool:
    """Return whether an environment moved as a deployment of the plan moves it; never one that is, or was, held."""
    is_held = any(standing is not None and standing.held is not None for standing in (before, after))
    return is_deployed and after is not None and not is_held and after.package in packages


def _told(after: Standing | None) -> str:
    if after is None:
        return "destroyed"
    return f"held at v{after.version}" if after.held else f"moved to v{after.version}"


def _more(saved: SavedPlan, now: Plan) -> Iterator[Moved]:
    """Yield what is to be done now and was not: by the changes that nobody knew of, else by the steps."""
    known = {s.step.id for s in saved.plan.steps}
    more = [s.step for s in now.steps if s.step.id not in known]
    for model in dict.fromkeys(step.model for step in more):
        told = {(c.subject, c.action) for c in saved.plan.changes if c.model == model}
        new = [c.summary for c in now.changes if c.model == model and (c.subject, c.action) not in told]
        said = "; ".join(new) or ", ".join(step.id for step in more if step.model == model)
        yield Moved("steps", f"{model}: there is more to do now: {said}")
