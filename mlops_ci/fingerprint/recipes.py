"""Recipes: all that determines a result, as plain JSON data whose digest is its fingerprint.

A recipe is kept beside the result, so that a later difference can be told field by field. What goes in follows from
the effects that the fields declare (`mlops_ci.model.effects`); bytes behind paths go in as git blob ids or digests.
"""

from __future__ import annotations

import dataclasses

from mlops_ci.fingerprint.canonical import canonical, digest
from mlops_ci.model import Candidate, Effect, Json, Model
from mlops_ci.model.effects import project

METRICS_VERSION = 1
"""Raised when our own computation of a metric changes, so that evaluations are made again."""

Blobs = tuple[tuple[str, str], ...]
"""(path in the code folder, blob id) pairs, sorted."""


def training_recipe(
    model: Model, candidate: Candidate, *, code: Blobs, entry: str, data: Blobs, image: Json, processing: Json
) -> dict[str, Json]:
    """Return what determines a trained model: manifest fields, code, data, image, and the processing before it.

    `data` are the (channel, digest) pairs that training can see; a `test` channel is no part of it, but where a
    table is split by us or a processing script reads everything, the whole of it is. A search also depends on what
    its trials are scored by.
    """
    search = candidate.search
    objective: dict[str, Json] = {}
    if search is not None:
        metric, goal = model.aim(search)
        objective = {"metric": metric, "goal": goal.value}
    return {
        **({"objective": objective} if objective else {}),
        "name": model.name,
        "model": project(dataclasses.replace(model, candidates=()), Effect.RETRAIN),
        "candidate": project(candidate, Effect.RETRAIN),
        "code": dict(code),
        "entry": entry,
        "data": {name: found for name, found in data if name != "test" or processing is not None},
        "image": image,
        "processing": processing,
    }


def trial_recipe(search: dict[str, Json], trial: Candidate) -> dict[str, Json]:
    """Return the recipe of one training of a search: that of a candidate that has these hyperparameters by hand.

    `search` is the recipe of the candidate that searches, `trial` the candidate without its search.
    """
    rest = {key: part for key, part in search.items() if key != "objective"}
    return {**rest, "candidate": project(trial, Effect.RETRAIN)}


def processing_recipe(model: Model, *, code: Blobs, entry: str, data: Blobs, image: Json) -> dict[str, Json]:
    """Return what determines the outputs of the processing script before training."""
    pre = model.processing.pre
    return {
        "name": model.name,
        "script": project(pre, Effect.RETRAIN),
        "code": dict(code),
        "entry": entry,
        "data": dict(data),
        "image": image,
    }


def package_recipe(
    *, model: str, code: Blobs, entry: str, image: Json, environment: Blobs, features: tuple[str, ...]
) -> dict[str, Json]:
    """Return what a package is: model sha256, serving code, serving image, environment variables, columns."""
    return {
        "model": model,
        "code": dict(code),
        "entry": entry,
        "image": image,
        "environment": dict(environment),
        "features": list(features),
    }


def evaluation_recipe(
    model: Model, *, package: str, data: Blobs, metric_code: Blobs, processing: Json
) -> dict[str, Json]:
    """Return what determines an evaluation: the package, the test rows, and how they are judged.

    The serving script and its environment variables are part of the package, so that the champion's package, which has
    its own, is not evaluated again when the manifest names others.
    """
    rows: dict[str, Json] = dict(data)
    if processing is None and "test" in rows:
        rows = {"test": rows["test"]}
    serving = dataclasses.replace(model.serving, script="", environment=())
    return {
        "name": model.name,
        "package": package,
        "rules": project(dataclasses.replace(model, candidates=(), serving=serving), Effect.REEVALUATE),
        "data": rows,
        "metric_code": dict(metric_code),
        "metrics_version": METRICS_VERSION,
        "processing": processing,
    }


def validation_recipe(
    model: Model, *, package: str, data: Blobs, metric_code: Blobs, processing: Json
) -> dict[str, Json]:
    """Return what determines a score on the validation rows; an empty package stands for any."""
    rows: dict[str, Json] = dict(data)
    if processing is None and "validation" in rows:
        rows = {"validation": rows["validation"]}
    found = evaluation_recipe(model, package=package, data=(), metric_code=metric_code, processing=processing)
    return {**found, "data": rows, "side": "validation"}


def suite_recipe(model: Model, *, evaluation: str, files: Blobs) -> dict[str, Json]:
    """Return what determines the tests of an environment: their settings, the user's files, the evaluation."""
    return {
        "tests": project(model.tests, Effect.RETEST),
        "checks": list(model.checks()),
        "files": dict(files),
        "evaluation": evaluation,
    }


def metadata_recipe(model: Model) -> dict[str, Json]:
    """Return the fields whose change causes no work, so that a change of them can be told."""
    about = project(dataclasses.replace(model, candidates=(), environments=()), Effect.METADATA)
    places = {e.name: project(e, Effect.METADATA) for e in model.environments}
    if isinstance(about, dict) and any(places.values()):
        about["environments"] = {name: part for name, part in places.items() if part}
    return {
        "model": about,
        "candidates": {c.name: project(c, Effect.METADATA) for c in model.candidates},
    }


def fingerprint(recipe: dict[str, Json]) -> str:
    """Return the digest of a recipe."""
    return digest(dict(recipe))


def differences(old: Json, new: Json, at: str = "") -> tuple[tuple[str, Json, Json], ...]:
    """Return (dotted path, old, new) for every leaf that differs; None stands for absent. Equal recipes give none.

    Lists of (name, value) pairs, and of objects with a name, are compared by name; `1` and `1.0` differ, as their
    digests do.
    """
    before, after = _keyed(old), _keyed(new)
    if isinstance(before, dict) and isinstance(after, dict):
        found: list[tuple[str, Json, Json]] = []
        for key in sorted({*before, *after}):
            path = f"{at}.{key}" if at else key
            found.extend(differences(before.get(key), after.get(key), path))
        return tuple(found)
    return () if canonical(old) == canonical(new) else ((at, old, new),)


def _keyed(value: Json) -> Json:
    """Return pairs and named objects as the mapping they stand for; absent as an empty one; anything else as it is."""
    if value is None:
        return {}
    if isinstance(value, list) and value and all(isinstance(i, dict) and isinstance(i.get("name"), str) for i in value):
        return {str(i["name"]): {k: v for k, v in i.items() if k != "name"} for i in value if isinstance(i, dict)}
    if isinstance(value, list) and all(isinstance(i, list) and len(i) == 2 and isinstance(i[0], str) for i in value):
        return {str(pair[0]): pair[1] for pair in value if isinstance(pair, list)}
    return value
