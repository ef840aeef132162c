"""Rolling back, holding and releasing an environment, approving, and ending an endpoint: what people decide."""

from __future__ import annotations

from dataclasses import replace

from mlops_ci.errors import UsageError
from mlops_ci.executor.attempts import Tell
from mlops_ci.executor.deploy import serve
from mlops_ci.executor.messages import rollback
from mlops_ci.executor.pointers import move, pointed
from mlops_ci.executor.reading import current_ledger, record, with_release
from mlops_ci.executor.world import World
from mlops_ci.fingerprint.canonical import digest
from mlops_ci.manifest.release import dump
from mlops_ci.model import Environment, Hold, Release, Standing
from mlops_ci.plan.deployed import Deployed
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.plan.environments import wanted_version
from mlops_ci.plan.gate import opening
from mlops_ci.plan.motion import Motion
from mlops_ci.records.facts import Approved, Served
from mlops_ci.records.ledger import Ledger


def roll_back(
    world: World,
    desired: DesiredModel,
    environment: Environment,
    ledger: Ledger,
    tell: Tell,
    *,
    to: int | None,
    why: str,
) -> tuple[Standing, Deployed | None]:
    """Return what the environment serves after it went back to version `to` (None: the one it served before), held.

    Raises:
        UsageError: there is no such version, or none before.
        AwaitsMerge: it is proposed, and somebody must merge it: until then the environment serves on.

    """
    by = world.repository.identity()

    def back(release: Release) -> tuple[Release, str]:
        standing = release.standing(environment.name)
        if standing is None:
            raise UsageError(f"`{environment.name}` serves nothing of `{desired.name}`", hint="mlops-ci status")
        version = (
            to if to is not None else _previous(release, environment, standing, ledger.served.get(desired.name, ()))
        )
        package = release.package(version) if version is not None else None
        if version is None or package is None:
            known = ", ".join(f"v{number}" for number, _ in release.versions) or "none"
            asked = (
                f"there is no v{version}" if version is not None else f"`{environment.name}` served no other version"
            )
            raise UsageError(
                f"{asked} of `{desired.name}` to go back to (versions: {known})",
                hint=f"mlops-ci history {desired.name}",
            )
        after = pointed(release, Standing(environment.name, version, package, Hold(by, why)))
        if version != standing.version:
            after = replace(after, rolled_back=tuple(sorted({*after.rolled_back, standing.package} - {package})))
        return after, rollback(desired.name, environment.name, version, package, was=standing.version, by=by, why=why)

    def told(before: Release, after: Release) -> Motion:
        was, now = before.standing(environment.name), after.standing(environment.name)
        title = f"Roll {desired.name} on {environment.name} back to v{now.version if now else 0}"
        reason = f"v{was.version if was else 0} was serving; asked for by {by}: {why or 'no reason given'}"
        return _asked(desired, environment, "rollback", title, reason, after)

    release, commit = move(world, desired.name, desired.model.folder, back, told if desired.is_proposed else None)
    standing = release.standing(environment.name)
    if standing is None:
        raise AssertionError("a rollback leaves a standing")
    endpoint, _ = serve(world, desired, environment, standing, tell)
    reason = f"rolled back by {by}" + (f": {why}" if why else "")
    now = world.clock.now()
    record(world, Served(desired.name, environment.name, standing.version, standing.package, commit, reason, now))
    return standing, endpoint


def _previous(release: Release, environment: Environment, standing: Standing, served: tuple[Served, ...]) -> int | None:
    """Return the version that the environment served last before this one; never one that was rolled back itself.

    Where no record says what it served, it is the version released last before this one.
    """
    bad = {standing.package, *release.rolled_back}
    past = [s.version for s in served if s.environment == environment.name and s.package not in bad]
    lower = [number for number, package in release.versions if number < standing.version and package not in bad]
    return past[-1] if past else max(lower, default=None)


def release_hold(world: World, desired: DesiredModel, environment: Environment) -> Standing:
    """Return the environment's standing without its hold; what it follows may be deployed there again.

    Where that is proposed, the environment follows in the same merge what stands before it, if its gate is open.

    Raises:
        UsageError: it is not held.
        AwaitsMerge: it is proposed, and somebody must merge it.

    """

    def free(release: Release) -> tuple[Release, str]:
        standing = release.standing(environment.name)
        if standing is None or standing.held is None:
            raise UsageError(f"`{environment.name}` of `{desired.name}` is not held", hint="mlops-ci status")
        after = pointed(release, replace(standing, held=None))
        champion = {release.champion.package} if release.champion else set()
        after = replace(after, rolled_back=tuple(p for p in after.rolled_back if p not in champion))
        if desired.is_proposed:
            after = _followed(replace(desired, release=after), environment, ledger)
        return after, f"Release {desired.name} on {environment.name}\n\nIt was held at v{standing.version}."

    def told(before: Release, after: Release) -> Motion:
        was = before.standing(environment.name)
        title, held = f"Release {desired.name} on {environment.name}", was.held if was else None
        reason = f"it was held by {held.by}: {held.why or 'no reason given'}" if held else "it was held"
        return _asked(desired, environment, "release", title, reason, after)

    ledger = current_ledger(world, desired.name)
    release, _ = move(world, desired.name, desired.model.folder, free, told if desired.is_proposed else None)
    standing = release.standing(environment.name)
    if standing is None:
        raise AssertionError("a release leaves a standing")
    return standing


def _followed(desired: DesiredModel, environment: Environment, ledger: Ledger) -> Release:
    """Return the release with the environment at what it follows, where its gate lets it."""
    wanted, gate = wanted_version(desired, environment), opening(desired, environment, ledger)
    if wanted is None or (gate is not None and not gate.is_open):
        return desired.release
    return pointed(desired.release, Standing(environment.name, *wanted))


def _asked(
    desired: DesiredModel, environment: Environment, verb: str, title: str, reason: str, after: Release
) -> Motion:
    """Return what people are told of a move that somebody typed."""
    standing = after.standing(environment.name)
    return Motion(
        model=desired.name,
        move=f"{verb}-{environment.name}",
        about=digest(dump(after).decode()),
        title=title,
        reason=reason,
        then=f"mlops-ci deploy {environment.name} {desired.name}",
        environments=(standing,) if standing else (),
        is_asked=True,
    )


def approve(world: World, desired: DesiredModel, environment: Environment, *, why: str, by: str = "") -> Approved:
    """Return the approval of what would serve next in the environment, recorded; `by` is whose, git's without one.

    Raises:
        UsageError: nothing stands before it.

    """
    now = with_release(world, desired, fetch=True)
    source = now.release.standing(environment.promotes_from) if environment.promotes_from else None
    if source is None:
        raise UsageError(
            f"nothing of `{desired.name}` waits for approval to enter `{environment.name}`", hint="mlops-ci status"
        )
    by = by or world.repository.identity()
    said = current_ledger(world, desired.name).approvals.get((desired.name, environment.name, source.package), ())
    after_no = "here" if any(one.verdict for one in said) else ""  # it may be the second yes of the same person
    given = Approved(desired.name, environment.name, source.package, by, why, world.clock.now(), source=after_no)
    record(world, given)
    return given


def destroy(world: World, model: str, folder: str, environment: str, desired: DesiredModel | None = None) -> bool:
    """End an endpoint, and take its pointer out of the release file; return whether there was anything to end.

    Raises:
        AwaitsMerge: the end of its pointer is proposed, and somebody must merge it: until then it serves on.

    """

    def forget(release: Release) -> tuple[Release, str] | None:
        if release.standing(environment) is None:
            return None
        rest = tuple(s for s in release.environments if s.environment != environment)
        return replace(release, environments=rest), f"Destroy {model} on {environment}"

    def told(before: Release, after: Release) -> Motion:
        was = before.standing(environment)
        title, about = f"Destroy {model} on {environment}", digest(dump(after).decode())
        reason, then = f"it serves v{was.version if was else 0}", f"mlops-ci destroy {environment} {model}"
        return Motion(model, f"destroy-{environment}", about, title, reason, then, is_asked=True)

    had = any((d.environment, d.model) == (environment, model) for d in world.endpoints.describe())
    commit = ""
    if folder:
        _, commit = move(world, model, folder, forget, told if desired and desired.is_proposed else None)
    world.endpoints.delete(environment, model)
    return had or bool(commit)
