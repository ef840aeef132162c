"""Plain data that its schema accepted, as values of the model. Defaults are those of the dataclasses."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from mlops_ci.model import (
    Alarms,
    Autoscaling,
    BeatChampion,
    Budget,
    Candidate,
    Capture,
    Channel,
    Checks,
    Criterion,
    CustomMetric,
    Data,
    Environment,
    Evaluation,
    Framework,
    Goal,
    InputMode,
    Latency,
    MetricDefinition,
    Model,
    Network,
    NumberType,
    OutputMapping,
    Pairs,
    Pin,
    Place,
    PostScript,
    Problem,
    Processing,
    ProcessingResources,
    Project,
    Promotion,
    PromotionMode,
    Range,
    Resources,
    Rollout,
    Scale,
    Script,
    Search,
    Serving,
    ServingKind,
    ServingResources,
    Shifting,
    Split,
    Strategy,
    Target,
    TransformResources,
)

T = TypeVar("T")
Given = Mapping[str, Any]


def model(given: Given, *, folder: str, candidates: tuple[Candidate, ...]) -> Model:
    """Return the model of a `model.yaml`, with its candidates sorted by name."""
    return _value(
        Model,
        {**_without(given, "format"), "folder": folder, "candidates": candidates},
        problem=Problem,
        data=_data,
        processing=_processing,
        evaluation=_evaluation,
        candidates=lambda found: tuple(sorted(found, key=lambda c: c.name)),
        promotion=_promotion,
        serving=_serving,
        tests=lambda found: _value(Checks, found, latency=lambda at: _value(Latency, at)),
        environments=_environments,
    )


def candidate(given: Given, *, name: str) -> Candidate:
    """Return the candidate of a file below `candidates/`."""
    return _value(
        Candidate,
        {**_without(given, "format"), "name": name},
        framework=_framework,
        algorithm=_framework,
        hyperparameters=lambda found: tuple(sorted(found.items())),
        environment=_variables,
        search=_search,
        resources=lambda found: _value(Resources, found, input_mode=InputMode),
        metric_definitions=lambda found: tuple(_value(MetricDefinition, at) for at in found),
    )


def _framework(found: Any) -> Framework:  # noqa: ANN401 - JSON data
    return _value(Framework, {"name": found} if isinstance(found, str) else found)


def project(given: Given) -> Project:
    """Return the project of a `mlops-ci.yaml`."""
    return _value(
        Project,
        {("places" if key == "environments" else key): found for key, found in _without(given, "format").items()},
        targets=_targets,
        places=lambda found: _named(Place, found),
        pipelines=lambda found: found.strip("/"),
    )


def _value(owner: type[T], given: Given, **converters: Callable[[Any], Any]) -> T:
    """Return a value of the fields given; arrays become tuples, and a float field is never an integer."""
    make: Callable[..., T] = owner
    kinds = {field.name: str(field.type) for field in dataclasses.fields(owner)}  # type: ignore[arg-type]
    return make(
        **{
            name: converters[name](found) if name in converters else _plain(found, kinds[name])
            for name, found in given.items()
        }
    )


def _plain(found: Any, kind: str) -> Any:  # noqa: ANN401 - JSON data in, a field's value out
    if isinstance(found, list):
        return tuple(_plain(item, "str" if kind == "tuple[str, ...]" else "") for item in found)
    if isinstance(found, bool):
        return found
    if kind.startswith("float") and isinstance(found, int):
        return float(found)
    if kind.startswith("int") and isinstance(found, float):
        return int(found)
    if kind == "str" and isinstance(found, (int, float)):
        return str(found)
    return found


def _without(given: Given, key: str) -> dict[str, Any]:
    return {name: found for name, found in given.items() if name != key}


def _named(owner: type[T], given: Given) -> tuple[T, ...]:
    """Return one value an entry of a mapping, sorted by name; an entry may be empty."""
    return tuple(_value(owner, {**(given[name] or {}), "name": name}) for name in sorted(given))


def _targets(given: Given) -> tuple[Target, ...]:
    return tuple(
        _value(
            Target,
            {**(given[name] or {}), "name": name},
            network=lambda found: _value(Network, found),
            tags=_variables,
        )
        for name in sorted(given)
    )


def _variables(given: Given) -> Pairs:
    return tuple((name, str(given[name])) for name in sorted(given))


def _search(given: Given) -> Search:
    return _value(
        Search,
        given,
        ranges=lambda found: tuple(_range(name, found[name]) for name in sorted(found)),
        strategy=Strategy,
        budget=lambda found: _value(Budget, found),
        goal=Goal,
    )


def _range(name: str, given: Given) -> Range:
    """Return a range whose bounds are of its type, as far as they can be; values stay as they are."""

    def bound(found: float) -> float:
        return int(found) if given.get("type") == NumberType.INTEGER.value and found == int(found) else float(found)

    return _value(Range, {**given, "name": name}, min=bound, max=bound, scale=Scale, type=NumberType, values=tuple)


def _data(given: Given) -> Data:
    return _value(
        Data,
        given,
        channels=lambda found: tuple(Channel(name, found[name]) for name in sorted(found)),
        version=_pins,
        key=lambda found: (found,) if isinstance(found, str) else tuple(found),
        split=lambda found: _value(Split, found),
    )


def _pins(found: str | Given) -> tuple[Pin, ...]:
    """Return the versions of data on S3; one that stands for every channel has no name."""
    given = {"": found} if isinstance(found, str) else found
    return tuple(Pin(name, str(given[name])) for name in sorted(given))


def _processing(given: Given) -> Processing:
    script, post = _without(given, "post"), given.get("post")
    parts: dict[str, Callable[[Any], Any]] = {
        "environment": _variables,
        "resources": lambda found: _value(ProcessingResources, found),
    }
    return Processing(
        pre=_value(Script, script, **parts) if "script" in script else None,
        post=None if post is None else _value(PostScript, post, **parts),
    )


def _evaluation(given: Given) -> Evaluation:
    return _value(
        Evaluation,
        given,
        custom=lambda found: tuple(
            _value(CustomMetric, {**found[name], "name": name}, goal=Goal) for name in sorted(found)
        ),
        resources=lambda found: _value(TransformResources, found),
    )


def _promotion(given: Given) -> Promotion:
    return _value(
        Promotion,
        given,
        require=lambda found: tuple(_value(Criterion, at) for at in found),
        beat_champion=lambda found: _value(BeatChampion, found),
        mode=PromotionMode,
    )


def _serving(given: Given) -> Serving:
    return _value(
        Serving,
        given,
        kind=ServingKind,
        environment=_variables,
        output=lambda found: _value(OutputMapping, found),
    )


def _environments(given: Given) -> tuple[Environment, ...]:
    """Return the environments, each after the one it promotes from; where they go in a circle, by name."""
    found = {
        name: _value(
            Environment,
            {**(given[name] or {}), "name": name},
            resources=lambda at: _value(ServingResources, at),
            rollout=lambda at: _value(Rollout, at, strategy=Shifting, alarms=lambda on: _value(Alarms, on)),
            autoscaling=lambda at: _value(Autoscaling, at),
            capture=lambda at: _value(Capture, at),
        )
        for name in sorted(given)
    }
    done: dict[str, Environment] = {}
    while len(done) < len(found):
        ready = [
            e
            for e in found.values()
            if e.name not in done and (e.promotes_from in done or e.promotes_from not in found)
        ]
        for environment in ready or [e for e in found.values() if e.name not in done]:
            done[environment.name] = environment
    return tuple(done.values())
