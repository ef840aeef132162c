"""What the environments need: another version, the same one again, tests, or a person."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_ci.model import Environment, ServingKind, Standing
from mlops_ci.model.rollout import differences, told
from mlops_ci.plan.change import Action, Change, Note, Reason
from mlops_ci.plan.costs import running_cost
from mlops_ci.plan.deployed import Deployed, EndpointState
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.plan.gate import Found, opening
from mlops_ci.plan.proposed import DECLINED, about_deployment, deploying, last_word, told_declined, told_open
from mlops_ci.records.ledger import Ledger


def environment_changes(
    desired: DesiredModel, ledger: Ledger, deployed: tuple[Deployed, ...]
) -> Iterator[Change | Note]:
    """Yield what each environment needs for the release as it stands, and notes on what keeps one where it is."""
    if desired.release.champion is None:
        yield from (_cost(desired, e) for e in desired.model.environments if _is_paid(desired) and not e.promotes_from)
        return
    for environment in desired.model.environments:
        standing = desired.release.standing(environment.name)
        moved = _pointer(desired, environment, standing, ledger)
        if moved is not None:
            yield moved
        now = next((d for d in deployed if (d.environment, d.model) == (environment.name, desired.name)), None)
        if isinstance(moved, Change):
            yield from _new_cost(desired, environment, now)
            continue
        if standing is not None:
            is_batch = desired.model.serving.kind is ServingKind.BATCH
            wrong = _surplus(desired, now) if is_batch else _endpoint(desired, environment, standing, now)
            if (wrong or is_batch) and _is_merged(desired, standing, ledger):
                wrong = _merged(desired, standing, now)
            if wrong is not None:
                yield wrong
                yield from _new_cost(desired, environment, now)
                continue
        if standing is not None and is_tested(desired, environment):
            untested = _tests(desired, environment, standing, ledger)
            if untested is not None:
                yield untested


def is_tested(desired: DesiredModel, environment: Environment) -> bool:
    """Return whether a run tests this environment: another one promotes from it, or it is the first."""
    asked = any(e.promotes_from == environment.name for e in desired.model.environments)
    return bool(desired.model.checks()) and (asked or not environment.promotes_from)


def wanted_version(desired: DesiredModel, environment: Environment) -> tuple[int, str] | None:
    """Return the (version, package) that an environment would follow: the champion's, or that of the one before."""
    if not environment.promotes_from:
        champion = desired.release.champion
        return (champion.version, champion.package) if champion else None
    source = desired.release.standing(environment.promotes_from)
    return (source.version, source.package) if source else None


def _pointer(
    desired: DesiredModel, environment: Environment, standing: Standing | None, ledger: Ledger
) -> Change | Note | None:
    wanted = wanted_version(desired, environment)
    if wanted is None or (standing and standing.package == wanted[1]):
        return None
    name = environment.name
    if standing and standing.held:
        by, why = standing.held.by, standing.held.why or "no reason given"
        sentence = f"`{name}` is held at v{standing.version} by {by}: {why}"
        return Note(desired.name, name, "held", sentence, f"mlops-ci release {name} {desired.name}")
    gate = opening(desired, environment, ledger)
    if gate is not None and not gate.is_open:
        closed = [item for item in gate.evidence if item.found is not Found.PASSED]
        said = "; ".join(item.sentence for item in closed)
        if any(item.found is Found.FAILED for item in closed):
            again = f"mlops-ci test {environment.promotes_from} {desired.name}"
            hint = f"mlops-ci approve {name} {desired.name}" if gate.is_rejected else again
            return Note(desired.name, name, "blocked", f"the gate of `{name}` is closed: {said}", hint)
        if gate.only(Found.WAITING):
            hint = f"mlops-ci approve {name} {desired.name}"
            return Note(desired.name, name, "approval", f"the gate of `{name}` waits: {said}", hint)
    about = about_deployment(ledger, desired.name, name, wanted[1])
    proposed = last_word(ledger, desired.name, deploying(name), about) if desired.is_proposed else None
    if proposed is not None and proposed.state == DECLINED:
        sentence = told_declined(proposed, f"another version, or another approval, stands before `{name}`")
        return Note(desired.name, name, "declined", sentence, f"{proposed.url} can be opened again")
    before = f"v{standing.version}" if standing else "nothing"
    way = told_open(proposed) if desired.is_proposed else ""
    reason = Reason("version", f"it serves {before}, v{wanted[0]} is next", "version", before, f"v{wanted[0]}")
    action = Action.REDEPLOY if standing else Action.NEW
    return Change(desired.name, name, action, (reason,), f"deploy v{wanted[0]} to `{name}`{way}")


def _is_merged(desired: DesiredModel, standing: Standing, ledger: Ledger) -> bool:
    """Return whether people moved a pointer by a merge, and nothing followed it yet."""
    served = (s for s in reversed(ledger.served.get(desired.name, ())) if s.environment == standing.environment)
    last = next(((s.version, s.package) for s in served), None)
    return desired.is_proposed and last != (standing.version, standing.package)


def _merged(desired: DesiredModel, standing: Standing, now: Deployed | None) -> Change:
    before, after, name = f"v{now.version}" if now else "nothing", f"v{standing.version}", standing.environment
    reason = Reason("merged", f"a merge took it to {after}, and it serves {before}", "version", before, after)
    return Change(desired.name, name, Action.REDEPLOY, (reason,), f"deploy {after} to `{name}`, as it was merged")


def _surplus(desired: DesiredModel, now: Deployed | None) -> Change | None:
    """Return the end of an endpoint that a batch model has no use for; None where there is none."""
    if now is None:
        return None
    sentence = "`serving.kind`: realtime -> batch, and its endpoint still answers"
    reason = Reason("field-changed", sentence, "serving.kind", "realtime", "batch")
    summary = f"end the endpoint of `{now.environment}`: {sentence}"
    return Change(desired.name, now.environment, Action.REDEPLOY, (reason,), summary)


def _endpoint(
    desired: DesiredModel, environment: Environment, standing: Standing, now: Deployed | None
) -> Change | None:
    name, version = environment.name, f"v{standing.version}"
    if now is None or now.state in {EndpointState.OUT_OF_SERVICE, EndpointState.FAILED}:
        detail = "there is no endpoint" if now is None else now.detail or "its endpoint does not answer"
        reason = Reason("not-serving", detail)
        return Change(desired.name, name, Action.REDEPLOY, (reason,), f"deploy {version} to `{name}` again: {detail}")
    if now.package != standing.package:
        sentence = f"it serves {now.package[:12]}, the release names {standing.package[:12]} ({version})"
        reason = Reason("drift", sentence, "package", now.package, standing.package)
        return Change(desired.name, name, Action.DRIFT, (reason,), f"make `{name}` serve {version} as released")
    if now.version != standing.version:
        sentence = f"it answers as v{now.version}, the release names the same package {version}"
        reason = Reason("drift", sentence, "version", f"v{now.version}", version)
        return Change(desired.name, name, Action.DRIFT, (reason,), f"make `{name}` serve {version} as released")
    resources = environment.resources
    wanted = (
        ("serving.workers", str(now.workers), str(workers(desired, environment))),
        ("serving.batching", str(now.batching).lower(), str(desired.model.serving.batching).lower()),
        (f"environments.{name}.resources.instance", now.instance, resources.instance),
        (f"environments.{name}.resources.count", str(now.count), str(resources.count)),
        *_told(f"environments.{name}.autoscaling", now.autoscaling, told(environment.autoscaling)),
        *_told(f"environments.{name}.capture", now.capture, told(environment.capture)),
    )
    reasons = tuple(
        Reason("field-changed", f"`{field}`: {old} -> {new}", field, old, new)
        for field, old, new in wanted
        if old != new
    )
    if not reasons:
        return None
    return Change(desired.name, name, Action.REDEPLOY, reasons, f"update `{name}`: {reasons[0].sentence}")


def _told(field: str, now: str, wanted: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((f"{field}.{name}" if name else field, old, new) for name, old, new in differences(now, wanted))


def _is_paid(desired: DesiredModel) -> bool:
    return desired.is_billed and desired.model.serving.kind is not ServingKind.BATCH


def _new_cost(desired: DesiredModel, environment: Environment, now: Deployed | None) -> Iterator[Note]:
    """Yield what an endpoint costs that is to be made, or to have other instances."""
    resources, scaling = environment.resources, told(environment.autoscaling)
    wanted = (resources.instance, resources.count, scaling)
    if _is_paid(desired) and (now is None or (now.instance, now.count, now.autoscaling) != wanted):
        yield _cost(desired, environment)


def _cost(desired: DesiredModel, environment: Environment) -> Note:
    hint = f"it costs that until `mlops-ci destroy {environment.name} {desired.name}`"
    return Note(desired.name, environment.name, "cost", running_cost(environment), hint)


def workers(desired: DesiredModel, environment: Environment) -> int:
    """Return how many worker processes an environment's endpoint has."""
    return environment.resources.workers or desired.model.serving.workers


def _tests(desired: DesiredModel, environment: Environment, standing: Standing, ledger: Ledger) -> Change | None:
    suite = desired.suite(standing.package)
    if ledger.last_test(desired.name, environment.name, standing.package, suite) is not None:
        return None
    before = ledger.last_test(desired.name, environment.name, standing.package)
    sentence = "its tests, or what they compare with, changed" if before else "it was not tested"
    reason = Reason("tests-changed" if before else "not-tested", sentence)
    summary = f"test v{standing.version} on `{environment.name}`" + (" again" if before else "")
    return Change(desired.name, environment.name, Action.REEVALUATE, (reason,), summary)
