"""Finding the endpoint that a test is about."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_ci.testing.endpoint import Endpoint

PROJECT_FILE, MODEL_FILE = "mlops-ci.yaml", "model.yaml"
URL, VERSION = "MLOPS_CI_ENDPOINT_URL", "MLOPS_CI_ENDPOINT_VERSION"
PATIENCE = 120.0
"""Seconds that `mlops-ci status` may take."""
_ANSWERING = frozenset({"InService", "Updating"})


class NotFound(Exception):  # noqa: N818 - named after what happened
    """Why there is no endpoint to test, and what to do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which endpoint: the names that were asked for (empty: not said), and where the tests lie."""

    environment: str
    model: str
    folder: Path


def locate(wanted: Wanted, variables: Mapping[str, str]) -> Endpoint:
    """Return the endpoint: the one that `MLOPS_CI_ENDPOINT_URL` names, else what `mlops-ci status` knows.

    Raises:
        NotFound: there is no project, no such environment, or nothing serves there.

    """
    model = wanted.model or model_of(wanted.folder)
    if url := variables.get(URL, ""):
        known = Endpoint(url.rstrip("/"), model, wanted.environment, variables.get(VERSION, ""))
        return known if known.version else _asked(known)
    if not model:
        raise NotFound(f"`{wanted.folder}` belongs to no model\nhint: name one with `--mlops-ci-model MODEL`")
    project = above(wanted.folder, PROJECT_FILE)
    if project is None:
        raise NotFound(f"there is no `{PROJECT_FILE}` in `{wanted.folder}` or a folder above\nhint: set `{URL}`")
    return endpoint_in(_status(project, model, variables), model, wanted.environment)


def model_of(folder: Path) -> str:
    """Return the name of the model whose folder this is or lies in; empty where there is none."""
    found = above(folder, MODEL_FILE)
    return found.name if found else ""


def above(folder: Path, name: str) -> Path | None:
    """Return the nearest folder, from this one upwards, that has a file of that name."""
    return next((place for place in (folder, *folder.parents) if (place / name).is_file()), None)


def endpoint_in(status: Mapping[str, Any], model: str, environment: str) -> Endpoint:
    """Return the endpoint in what `mlops-ci status --json` says.

    Raises:
        NotFound: there is no such model or environment, or nothing serves there.

    """
    places = next((m["environments"] for m in status["models"] if m["name"] == model), None)
    if places is None:
        raise NotFound(f"there is no model `{model}` (models: {_listed(m['name'] for m in status['models'])})")
    if environment not in places:
        raise NotFound(f"`{model}` has no environment `{environment}` (environments: {_listed(places)})")
    place = places[environment]
    state, url = place["state"], place.get("url")
    if state == "Batch":
        raise NotFound(f"`{model}` runs in batches, so there is no endpoint on `{environment}` to test")
    if not url or state not in _ANSWERING:
        detail = f": {place['detail']}" if place.get("detail") else ""
        hint = f"mlops-ci deploy {environment} {model}"
        raise NotFound(f"`{model}` does not serve on `{environment}`, it is {state}{detail}\nhint: {hint}")
    return Endpoint(url.rstrip("/"), model, environment, f"{model}/v{place['version']}")


def _listed(names: Any) -> str:  # noqa: ANN401 - any iterable of names
    return ", ".join(f"`{name}`" for name in names) or "none"


def _asked(endpoint: Endpoint) -> Endpoint:
    """Return the endpoint with the version that it says itself."""
    try:
        version = endpoint.ping().version
    except ConnectionError as cause:
        raise NotFound(f"{cause}\nhint: is `{URL}` right?") from cause
    model = endpoint.model or version.partition("/")[0]
    return Endpoint(endpoint.url, model, endpoint.environment, version)


def _status(project: Path, model: str, variables: Mapping[str, str]) -> Mapping[str, Any]:
    # -P: a folder of the project that happens to be called mlops_ci is not ours.
    command = [sys.executable, "-P", "-m", "mlops_ci", "status", "--json", model]
    try:
        done = subprocess.run(
            command,
            cwd=project,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as cause:
        raise NotFound(f"`mlops-ci status` could not be asked: {cause}") from cause
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", errors="replace").strip() or "it said nothing"
        raise NotFound(f"`mlops-ci status` ended with exit code {done.returncode}:\n{said}")
    try:
        found: Mapping[str, Any] = json.loads(done.stdout)
    except ValueError as cause:
        raise NotFound(f"`mlops-ci status --json` printed no JSON: {cause}") from cause
    return found
