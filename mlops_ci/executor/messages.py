"""The messages of release commits, written and read: git alone tells what was promoted and deployed, by whom it may."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlops_ci.model import Champion

_PROMOTED = re.compile(
    r"Promote (?P<model>[a-z0-9-]+) v(?P<version>\d+): (?P<candidate>[a-z0-9-]+)\n\n(?P<sentence>.*?)\n\n"
    r".*?^Package: (?P<package>[0-9a-f]{64})$",
    re.DOTALL | re.MULTILINE,
)
_DEPLOYED = re.compile(
    r"Deploy (?P<model>[a-z0-9-]+) v(?P<version>\d+) to (?P<environment>[a-z0-9-]+)\n\n"
    r"Package: (?P<package>[0-9a-f]{64})$",
    re.MULTILINE,
)
_ROLLED_BACK = re.compile(
    r"Roll (?P<model>[a-z0-9-]+) on (?P<environment>[a-z0-9-]+) back to v(?P<version>\d+)\n\n"
    r".*^Package: (?P<package>[0-9a-f]{64})$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class ToldPromotion:
    """What the message of a promotion says."""

    model: str
    version: int
    package: str
    candidate: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ToldMove:
    """What the message of a deployment or a rollback says."""

    model: str
    environment: str
    version: int
    package: str


def promotion(model: str, champion: Champion, sentence: str) -> str:
    """Return the message of the commit that makes a version champion."""
    scores = "\n".join(f"  {score.candidate}: {_number(score.value)}" for score in champion.contest)
    return (
        f"Promote {model} v{champion.version}: {champion.candidate}\n\n"
        f"{sentence}\n\n{champion.metric} on the test rows:\n{scores}\n\n"
        f"Package: {champion.package}\nEvaluation: {champion.evaluation}"
    )


def deployment(model: str, version: int, environment: str, package: str) -> str:
    """Return the message of the commit that moves an environment on."""
    return f"Deploy {model} v{version} to {environment}\n\nPackage: {package}"


def rollback(model: str, environment: str, version: int, package: str, *, was: int, by: str, why: str) -> str:
    """Return the message of the commit that moves an environment back, and holds it there."""
    return (
        f"Roll {model} on {environment} back to v{version}\n\n"
        f"It served v{was}. Held by {by}: {why or 'no reason given'}\n\nPackage: {package}"
    )


def read(message: str) -> ToldPromotion | ToldMove | None:
    """Return what the message of a commit says; None where it is none of these."""
    if found := _PROMOTED.match(message):
        return ToldPromotion(found["model"], int(found["version"]), found["package"], found["candidate"],
                             found["sentence"])  # fmt: skip
    if found := _DEPLOYED.match(message) or _ROLLED_BACK.match(message):
        return ToldMove(found["model"], found["environment"], int(found["version"]), found["package"])
    return None


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.4f}"
