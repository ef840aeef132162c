"""The status: what git releases, what answers, and where the two differ."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_ci.model import Champion, Environment, Hold, ServingKind
from mlops_ci.plan.deployed import Deployed, EndpointState
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.plan.environments import wanted_version
from mlops_ci.records.history import worst
from mlops_ci.records.ledger import Ledger

NOT_DEPLOYED = "NotDeployed"
BATCH = "Batch"


@dataclass(frozen=True, slots=True)
class EnvironmentStatus:
    """An environment of a model. Version 0 and an empty package mean that nothing is there.

    `version` and `package` are of what answers, or of what is released where nothing is asked for an answer.
    `released` and `wanted` are the version that git names there, and the one it would serve next. `state` is an
    EndpointState's value, `NotDeployed` or `Batch`; `drift` says in a sentence how what answers differs from git.
    `tests` is the worst verdict of the last test run of the released package, or empty.
    """

    environment: str
    version: int
    package: str
    state: str
    url: str
    released: int
    wanted: int
    held: Hold | None
    drift: str
    tests: str
    tested_at: str
    failed_checks: tuple[str, ...]
    detail: str


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """A model: its champion, and its environments in the order in which they promote."""

    name: str
    champion: Champion | None
    environments: tuple[EnvironmentStatus, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """The status of the models that were asked for."""

    models: tuple[ModelStatus, ...]

    @property
    def has_drift(self) -> bool:
        """Return whether something else serves anywhere than git says."""
        return any(environment.drift for model in self.models for environment in model.environments)


def status(desired: tuple[DesiredModel, ...], ledger: Ledger, deployed: tuple[Deployed, ...]) -> Status:
    """Return the status of these models; endpoints of environments that no manifest names are listed last."""
    return Status(tuple(_model(model, ledger, deployed) for model in desired))


def _model(desired: DesiredModel, ledger: Ledger, deployed: tuple[Deployed, ...]) -> ModelStatus:
    mine = {endpoint.environment: endpoint for endpoint in deployed if endpoint.model == desired.name}
    named = [_environment(desired, e, ledger, mine.get(e.name)) for e in desired.model.environments]
    rest = [_unnamed(mine[name]) for name in sorted(mine) if desired.model.environment(name) is None]
    return ModelStatus(desired.name, desired.release.champion, (*named, *rest))


def _environment(
    desired: DesiredModel, environment: Environment, ledger: Ledger, now: Deployed | None
) -> EnvironmentStatus:
    standing = desired.release.standing(environment.name)
    wanted = wanted_version(desired, environment)
    run = ledger.last_test(desired.name, environment.name, standing.package) if standing else None
    version, package = (standing.version, standing.package) if standing else (0, "")
    batch = desired.model.serving.kind is ServingKind.BATCH
    if now is not None and not batch:
        version, package = now.version, now.package
    return EnvironmentStatus(
        environment=environment.name,
        version=version,
        package=package,
        state=_state(now, standing is not None, batch),
        url=now.url if now and not batch else "",
        released=standing.version if standing else 0,
        wanted=wanted[0] if wanted else 0,
        held=standing.held if standing else None,
        drift="" if batch else _drift(now, standing.version if standing else 0, standing.package if standing else ""),
        tests=worst(run),
        tested_at=run.at if run else "",
        failed_checks=tuple(r.check for r in run.results if r.verdict != "passed") if run else (),
        detail=now.detail if now else "",
    )


def _state(now: Deployed | None, is_released: bool, is_batch: bool) -> str:
    if is_batch:
        return BATCH if is_released else NOT_DEPLOYED
    return now.state.value if now else NOT_DEPLOYED


def _drift(now: Deployed | None, version: int, package: str) -> str:
    if now is None or now.state in {EndpointState.OUT_OF_SERVICE, EndpointState.FAILED}:
        return f"v{version} is released, and nothing answers" if package else ""
    if now.package == package:
        return ""
    released = f"v{version} ({package[:12]}) is released" if package else "nothing is released"
    return f"it answers with v{now.version} ({now.package[:12]}), and {released}"


def _unnamed(now: Deployed) -> EnvironmentStatus:
    return EnvironmentStatus(
        environment=now.environment,
        version=now.version,
        package=now.package,
        state=now.state.value,
        url=now.url,
        released=0,
        wanted=0,
        held=None,
        drift="it serves, and the manifest does not name it",
        tests="",
        tested_at="",
        failed_checks=(),
        detail=now.detail,
    )
