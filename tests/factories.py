"""Small values for tests: a model, facts about it, and an endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mlops_ci.fingerprint.canonical import canonical, digest
from mlops_ci.fingerprint.recipes import Blobs, fingerprint, processing_recipe, training_recipe
from mlops_ci.judging.scores import Difference, Measurement, Scores
from mlops_ci.model import (
    Candidate,
    Champion,
    Data,
    Environment,
    Evaluation,
    Model,
    Problem,
    Release,
    Serving,
    ServingResources,
    Standing,
)
from mlops_ci.model.rollout import told
from mlops_ci.plan.change import Basis
from mlops_ci.plan.contest import contest
from mlops_ci.plan.deployed import Deployed, EndpointState
from mlops_ci.plan.desired import DesiredCandidate, DesiredModel, Reach
from mlops_ci.records.facts import (
    CheckResult,
    Decided,
    Evaluated,
    Fact,
    Finished,
    Intent,
    Packaged,
    Tested,
)
from mlops_ci.records.ledger import fold

COMMIT = "c0ffee" + "0" * 34
BASIS = Basis(commit=COMMIT, tip=COMMIT, branch="main", target="local")
NOTHING_RELEASED = Release()
ACCURACIES: Mapping[str, float] = {"linear": 0.86, "boosting": 0.95}


def a_candidate(name: str, **hyperparameters: float) -> Candidate:
    """Return a candidate that is trained by the script of its name."""
    return Candidate(name=name, script=f"src/train/{name}.py", hyperparameters=tuple(sorted(hyperparameters.items())))


def a_model(name: str = "churn") -> Model:
    """Return a model with two candidates that serves in staging and then in production."""
    return Model(
        name=name,
        folder=f"pipelines/{name}",
        problem=Problem.BINARY,
        data=Data(label="churn", path="data/churn.csv", positive="yes"),
        evaluation=Evaluation(metric="accuracy", metrics=("log_loss",)),
        candidates=(a_candidate("boosting", learning_rate=0.1, max_iter=150), a_candidate("linear", max_iter=2000)),
        serving=Serving(script="src/serve/inference.py"),
        environments=(Environment("staging"), Environment("production", promotes_from="staging")),
        owner="ann",
    )


@dataclass(frozen=True)
class Files:
    """What lies behind a model's paths, as digests."""

    code: Blobs = (("linear.py", "1" * 40),)
    serving: Blobs = (("inference.py", "2" * 40),)
    data: Blobs = (("data", "3" * 40),)
    tests: Blobs = (("test_endpoint.py", "4" * 40),)
    metric_code: Blobs = ()
    image: str = "python 3.11"


FILES = Files()


def desire(
    model: Model,
    *,
    files: Files = FILES,
    release: Release = NOTHING_RELEASED,
    reach: Reach = Reach.RELEASE,
) -> DesiredModel:
    """Return what is desired of a model with these files behind it."""
    pre = model.processing.pre
    recipe = (
        processing_recipe(model, code=files.code, entry="p.py", data=files.data, image=files.image) if pre else None
    )
    candidates = []
    for candidate in model.candidates:
        made = training_recipe(
            model,
            candidate,
            code=files.code,
            entry=candidate.script,
            data=files.data,
            image=files.image,
            processing=dict(recipe) if recipe else None,
        )
        candidates.append(DesiredCandidate(candidate, fingerprint(made), canonical(dict(made))))
    return DesiredModel(
        model=model,
        candidates=tuple(candidates),
        serving=files.serving,
        entry="inference.py",
        data=files.data,
        metric_code=files.metric_code,
        test_files=files.tests,
        processing=canonical(dict(recipe)) if recipe else "",
        release=release,
        reach=reach,
        why_not="" if reach is Reach.RELEASE else "HEAD is not on `main`",
    )


def clock(minute: int) -> str:
    """Return a time: so many minutes into a certain day."""
    return f"2026-01-01T{minute // 60:02d}:{minute % 60:02d}:00.000Z"


def intent(desired: DesiredModel, name: str, *, attempt: int = 1, minute: int = 0) -> Intent:
    """Return the intent to train a candidate as it is desired."""
    found = next(c for c in desired.candidates if c.name == name)
    return Intent(desired.name, "training", name, found.fingerprint, attempt, COMMIT, found.recipe, clock(minute))


def finished(start: Intent, *, outcome: str = "succeeded", detail: str = "", seconds: float = 90.0) -> Finished:
    """Return the end of an attempt; a success leaves a model whose bytes follow from the fingerprint."""
    return Finished(
        model=start.model,
        work=start.work,
        fingerprint=start.fingerprint,
        attempt=start.attempt,
        outcome=outcome,
        detail=detail,
        seconds=seconds,
        started_at=start.at,
        ended_at=start.at,
        artifacts=(("log", digest(["log", start.key])), ("model", digest(["model", start.fingerprint]))),
        image=canonical({"python": "3.11"}),
        features=("calls", "plan"),
    )


def package_of(desired: DesiredModel, name: str) -> str:
    """Return the package that a candidate's training makes, as `finished` ends it."""
    return desired.package(finished(intent(desired, name)))


def scores(accuracy: float, *, log_loss: float = 0.3) -> Scores:
    """Return the scores of an evaluation on a hundred rows, of which sixty are of plan `a`."""
    low, high = round(accuracy - 0.04, 4), round(accuracy + 0.03, 4)
    return Scores("accuracy", 100, (
        Measurement("accuracy", accuracy, 100, low=low, high=high),
        Measurement("log_loss", log_loss, 100, low=0.2, high=0.45),
        Measurement("accuracy", accuracy, 60, "plan", "a", low=low, high=high),
        Measurement("accuracy", round(accuracy - 0.1, 4), 40, "plan", "b"),
    ))  # fmt: skip


def trained(desired: DesiredModel, name: str, *, minute: int = 0) -> tuple[Fact, ...]:
    """Return the facts of a successful training and of the package that it made."""
    start = intent(desired, name, minute=minute)
    end = finished(start)
    recipe = desired.package_recipe(end)
    package = Packaged(
        desired.name, fingerprint(recipe), name, start.fingerprint, end.artifact("model"), "5" * 64, canonical(recipe)
    )
    return (start, end, package)


def evaluated(desired: DesiredModel, name: str, accuracy: float, *, package: str = "", minute: int = 10) -> Evaluated:
    """Return the evaluation of a candidate's package (or this one) by today's rules."""
    start = intent(desired, name)
    which = package or package_of(desired, name)
    return Evaluated(
        model=desired.name,
        evaluation=desired.evaluation(which),
        candidate=name,
        fingerprint=start.fingerprint,
        package=which,
        commit=COMMIT,
        scores=scores(accuracy),
        predictions=digest(["predictions", which]),
        seconds=2.0,
        at=clock(minute),
        recipe=canonical(desired.evaluation_recipe(which)),
    )


def decided(desired: DesiredModel, facts: Iterable[Fact], winner: str, *, minute: int = 20) -> Decided:
    """Return the end of today's contest: this candidate wins it."""
    which = contest(desired, fold(facts))
    assert which is not None
    losers = [c.name for c in desired.candidates if c.name != winner]
    return Decided(
        model=desired.name,
        contest=which,
        outcome="promote",
        candidate=winner,
        package=package_of(desired, winner),
        sentence=f"`{winner}` has the best accuracy",
        lines=tuple((name, f"accuracy is lower than that of `{winner}`") for name in losers),
        p_values=tuple((name, 0.5) for name in losers),
        at=clock(minute),
        differences=tuple((name, Difference("accuracy", -0.09, -0.1675, 0.0005, 0.25)) for name in losers),
    )


def checked(
    desired: DesiredModel, environment: str, package: str, *, verdict: str = "passed", number: int = 1, version: int = 1
) -> Tested:
    """Return a test run of a package in which every check has this verdict."""
    results = tuple(CheckResult(check, verdict, f"all is {verdict}", 0.5) for check in desired.model.tests.wanted())
    return Tested(
        desired.name, environment, version, package, desired.suite(package), number, results, clock(30 + number)
    )


def released(desired: DesiredModel, winner: str, *, version: int = 1) -> Release:
    """Return the release in which this candidate is champion and serves in every environment."""
    package = package_of(desired, winner)
    start = intent(desired, winner)
    champion = Champion(version, winner, package, start.fingerprint, desired.evaluation(package), "accuracy", COMMIT)
    standings = tuple(Standing(e.name, version, package) for e in desired.model.environments)
    return Release(champion, standings, versions=((version, package),))


def endpoint(desired: DesiredModel, environment: str, package: str, *, version: int = 1) -> Deployed:
    """Return an endpoint that serves a package as the manifest asks for."""
    place = desired.model.environment(environment)
    resources = place.resources if place else ServingResources()
    return Deployed(
        environment=environment,
        model=desired.name,
        state=EndpointState.IN_SERVICE,
        version=version,
        package=package,
        workers=desired.model.serving.workers,
        batching=desired.model.serving.batching,
        url=f"http://127.0.0.1:80{len(environment):02d}",
        instance=resources.instance,
        count=resources.count,
        autoscaling=told(place.autoscaling) if place else "",
        capture=told(place.capture) if place else "",
    )
