"""Deploying: the pointer moves by a commit, then the endpoint is made to serve what the pointer says."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mlops_ci.errors import AwaitsMerge, Interrupted, JobFailed, ProviderError
from mlops_ci.executor.attempts import Tell
from mlops_ci.executor.messages import deployment
from mlops_ci.executor.packages import package_of
from mlops_ci.executor.pointers import ROUNDS, move, pointed
from mlops_ci.executor.reading import record, with_release
from mlops_ci.executor.world import World
from mlops_ci.model import Environment, Release, ServingKind, Standing
from mlops_ci.model.rollout import told
from mlops_ci.plan.deployed import Deployed, EndpointState
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.plan.environments import wanted_version, workers
from mlops_ci.plan.gate import Opening, opening
from mlops_ci.plan.motion import Motion
from mlops_ci.plan.proposed import about_deployment, deploying
from mlops_ci.ports.endpoints import EndpointSpec
from mlops_ci.records.facts import Served
from mlops_ci.records.ledger import Ledger

PATIENCE = 600.0
"""Seconds that an endpoint may take until it serves what it was asked to; more, where its host says so."""

LONGEST_PAUSE = 10.0
"""Seconds between two looks at it, of a deployment that takes long; else a twentieth of what it took so far."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What an environment serves now; `commit` is empty where the pointer had not to move."""

    standing: Standing
    endpoint: Deployed | None
    commit: str
    changed: bool


def deploy(world: World, desired: DesiredModel, environment: Environment, ledger: Ledger, tell: Tell) -> Placed | None:
    """Return what the environment serves now; None where there is nothing for it to serve yet.

    The pointer moves to what the environment follows when its gate is open and nobody holds it; in any case the
    endpoint ends up serving what the pointer says.

    Raises:
        ProviderError: the new version did not come up; the old one goes on serving.
        JobFailed: an alarm rolled it back; the old one goes on serving.
        AwaitsMerge: the pointer's move is proposed, and somebody must merge it; what it says now is served.

    """

    def follow(release: Release) -> tuple[Release, str] | None:
        now = replace(desired, release=release)
        wanted, standing = wanted_version(now, environment), release.standing(environment.name)
        held = standing is not None and standing.held is not None
        if wanted is None or held or (standing and standing.package == wanted[1]):
            return None
        gate = opening(now, environment, ledger)
        if gate is not None and not gate.is_open:
            return None
        version, package = wanted
        message = deployment(desired.name, version, environment.name, package)
        return pointed(release, Standing(environment.name, version, package)), message

    def told(before: Release, after: Release) -> Motion:
        gate = opening(replace(desired, release=before), environment, ledger)
        return motion_of(desired, environment, ledger, after, gate)

    try:
        put = told if desired.is_proposed else None
        release, commit = move(world, desired.name, desired.model.folder, follow, put)
    except AwaitsMerge:
        restore(world, with_release(world, desired, fetch=False), environment, tell)
        raise
    placed = _placed(world, desired, environment, release.standing(environment.name), commit, tell)
    return _settled(world, desired, environment, placed, tell)


def motion_of(
    desired: DesiredModel, environment: Environment, ledger: Ledger, after: Release, gate: Opening | None
) -> Motion:
    """Return what people are told of an environment that is to follow what stands before it."""
    standing = after.standing(environment.name)
    if standing is None:
        raise AssertionError("a deployment leaves a standing")
    return Motion(
        model=desired.name,
        move=deploying(environment.name),
        about=about_deployment(ledger, desired.name, environment.name, standing.package),
        title=f"Deploy {desired.name} v{standing.version} to {environment.name}",
        reason=f"the gate of `{environment.name}` is open" if gate else f"`{environment.name}` has no gate",
        then=f"mlops-ci deploy {environment.name} {desired.name}",
        evidence=tuple(item.sentence for item in gate.evidence) if gate else (),
        environments=(standing,),
    )


def _settled(
    world: World, desired: DesiredModel, environment: Environment, placed: Placed | None, tell: Tell
) -> Placed | None:
    """Return what the environment serves once that is what its pointer says.

    Somebody may have rolled it back while we made it serve: a person waits for no lock, and has the last word.
    """
    for _ in range(ROUNDS):
        now = with_release(world, desired, fetch=False).release.standing(environment.name)
        if placed is None or now is None or now.package == placed.standing.package:
            break
        placed = _placed(world, desired, environment, now, "", tell)
    return placed


def restore(world: World, desired: DesiredModel, environment: Environment, tell: Tell) -> Placed | None:
    """Return what the environment serves, having made it serve what its pointer says; the pointer stays.

    Raises:
        ProviderError: it did not come up.

    """
    return _placed(world, desired, environment, desired.release.standing(environment.name), "", tell)


def _placed(
    world: World, desired: DesiredModel, environment: Environment, standing: Standing | None, commit: str, tell: Tell
) -> Placed | None:
    if standing is None:
        return None
    endpoint, changed = serve(world, desired, environment, standing, tell)
    if commit or changed:
        tip = commit or world.repository.tip(fetch=False)
        why = "its pointer moved" if commit else "it did not serve what the release says"
        record(
            world,
            Served(desired.name, environment.name, standing.version, standing.package, tip, why, world.clock.now()),
        )
    return Placed(standing, endpoint, commit, changed or bool(commit))


def serve(
    world: World, desired: DesiredModel, environment: Environment, standing: Standing, tell: Tell
) -> tuple[Deployed | None, bool]:
    """Return the endpoint once it serves what `standing` says, and whether it had to be changed."""
    if desired.model.serving.kind is ServingKind.BATCH:
        key = (environment.name, desired.name)
        is_there = any((d.environment, d.model) == key for d in world.endpoints.describe())
        if is_there:  # it answered requests before the manifest said `batch`
            world.endpoints.delete(*key)
        return None, is_there
    place = next((p for p in world.project.places if p.name == environment.name), None)
    spec = EndpointSpec(
        environment=environment.name,
        model=desired.name,
        version=standing.version,
        package=package_of(world.records, desired.name, standing.package),
        workers=workers(desired, environment),
        batching=desired.model.serving.batching,
        port=place.port if place else 0,
        instance=environment.resources.instance,
        count=environment.resources.count,
        rollout=environment.rollout,
        autoscaling=environment.autoscaling,
        capture=environment.capture,
    )
    before = describe(world, spec)
    if before is not None and _serves(before, spec):
        return before, False
    world.endpoints.apply(spec)
    return _wait(world, spec, tell), True


def describe(world: World, spec: EndpointSpec) -> Deployed | None:
    """Return what the endpoint is now, or None where there is none."""
    key = (spec.environment, spec.model)
    return next((d for d in world.endpoints.describe() if (d.environment, d.model) == key), None)


def _serves(now: Deployed, spec: EndpointSpec) -> bool:
    wanted = (spec.version, spec.package.digest, spec.workers, spec.batching, spec.instance, spec.count)
    found = (now.version, now.package, now.workers, now.batching, now.instance, now.count)
    beside = (told(spec.autoscaling), told(spec.capture)) == (now.autoscaling, now.capture)
    return now.state is EndpointState.IN_SERVICE and found == wanted and beside


def _wait(world: World, spec: EndpointSpec, tell: Tell) -> Deployed:
    started, pause, patience = world.clock.seconds(), 0.02, PATIENCE
    while (taken := world.clock.seconds() - started) < patience:
        now = describe(world, spec)
        patience = max(patience, now.patience if now else 0)
        if now is not None and _serves(now, spec):
            return now
        if now is not None and now.state not in {EndpointState.CREATING, EndpointState.UPDATING}:
            break
        if world.is_cancelled():
            raise Interrupted("stopped while an endpoint was coming up", hint="type the command again to go on")
        tell("waiting until it answers")
        world.clock.sleep(pause)
        pause = min(pause * 1.5, max(0.2, taken / 20), LONGEST_PAUSE)
    now = describe(world, spec)
    serving = f"; v{now.version} goes on serving" if now and now.state is EndpointState.IN_SERVICE else ""
    if now is not None and now.alarm:
        raise JobFailed(
            f"{spec.model} v{spec.version} was rolled back on `{spec.environment}` by {now.alarm}{serving}",
            detail=now.detail,
            hint=f"mlops-ci rollback {spec.environment} {spec.model}, or `mlops-ci deploy` to try it once more",
        )
    raise ProviderError(
        f"{spec.model} v{spec.version} did not come up on `{spec.environment}`{serving}",
        detail=(now.detail if now else "") or "\n".join(world.endpoints.logs(spec.environment, spec.model, tail=20)),
        hint=f"mlops-ci logs {spec.model} --environment {spec.environment}",
    )
