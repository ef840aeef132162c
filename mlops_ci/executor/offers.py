"""Trainings that pull requests recorded, where the project trusts them: the bytes of a model, and nothing said of it.

What counts is that a job of this very recipe succeeded and left these artifacts. Evaluations, tests, contests,
approvals and promotions of a pull request never count: a model that comes from there is evaluated here, again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from mlops_ci.errors import MlopsError
from mlops_ci.executor.images import image_from
from mlops_ci.executor.reading import record
from mlops_ci.executor.world import World
from mlops_ci.fingerprint.canonical import blob_id
from mlops_ci.plan.desired import DesiredCandidate, DesiredModel
from mlops_ci.ports.offers import Offered
from mlops_ci.records.codec import decode
from mlops_ci.records.facts import Finished, Intent
from mlops_ci.records.ledger import Ledger, extended

_COMMIT = re.compile(r"[0-9a-f]{40,64}\+?")
_PLAIN = re.compile(r"[A-Za-z0-9._+!-]+")
"""What the name or version of a distribution is made of: they become lines that pip reads."""


@dataclass(frozen=True, slots=True)
class Believed:
    """A pull request's training, under the number that it gets here. Every artifact that it names was verified."""

    source: Offered
    intent: Intent
    finished: Finished


def believed(world: World, desired: tuple[DesiredModel, ...], ledger: Ledger) -> tuple[Believed, ...]:
    """Return a training for each candidate that was not trained here and is not being trained.

    Empty where the project does not trust pull requests, and for a pull request itself.
    """
    if world.pull_request or not world.project.trust_pull_requests:
        return ()
    wanted = [(model, c) for model in desired for c in model.candidates if _is_wanted(c, ledger)]
    stores = world.offers() if wanted else ()
    return tuple(
        found for model, candidate in wanted if (found := _first(world, stores, model, candidate, ledger)) is not None
    )


def with_believed(ledger: Ledger, found: tuple[Believed, ...]) -> Ledger:
    """Return the ledger with these trainings, as it will be when they are adopted."""
    return extended(ledger, [fact for one in found for fact in (one.intent, one.finished)]) if found else ledger


def adopt(world: World, found: tuple[Believed, ...]) -> None:
    """Copy these trainings and their artifacts here, so that they are ours whatever becomes of the pull request.

    Raises:
        IntegrityError: an artifact was changed since it was verified.
        ProviderError: it is gone, or the store cannot be written.

    """
    for one in found:
        for _, digest in one.finished.artifacts:
            if not world.artifacts.has(digest):
                world.artifacts.put(one.source.artifacts.fetch(digest))
        record(world, one.intent)
        record(world, one.finished)


def _is_wanted(candidate: DesiredCandidate, ledger: Ledger) -> bool:
    tries = ledger.tries("training", candidate.fingerprint)
    is_open = bool(tries) and tries[-1].finished is None
    return (
        not is_open and bool(candidate.candidate.script) and ledger.success("training", candidate.fingerprint) is None
    )


def _first(
    world: World, stores: tuple[Offered, ...], model: DesiredModel, candidate: DesiredCandidate, ledger: Ledger
) -> Believed | None:
    tries = ledger.tries("training", candidate.fingerprint)
    number = tries[-1].intent.attempt + 1 if tries else 1
    for store in stores:
        for ended in _successes(store, model.name, candidate):
            if not _is_whole(store, ended):
                continue
            intent = Intent(
                model=model.name,
                work="training",
                candidate=candidate.name,
                fingerprint=candidate.fingerprint,
                attempt=number,
                commit=_commit(store, ended),
                recipe=candidate.recipe,
                at=world.clock.now(),
            )
            origin = f"trained for pull request `{store.pull_request}`"
            return Believed(store, intent, replace(ended, attempt=number, detail=origin, metrics=()))
    return None


def _successes(store: Offered, model: str, candidate: DesiredCandidate) -> Iterator[Finished]:
    """Yield the ends that say that this very training succeeded; whatever cannot be read is nothing."""
    try:
        records = list(store.records.scan(f"{model}/attempts/training-{candidate.fingerprint[:32]}-"))
    except MlopsError:
        return
    for name, content in records:
        fact = decode(name, content)
        if (
            isinstance(fact, Finished)
            and (fact.model, fact.work, fact.fingerprint) == (model, "training", candidate.fingerprint)
            and fact.outcome == "succeeded"
            and fact.artifact("model")
            and _is_image(fact.image, json.loads(candidate.recipe))
        ):
            yield fact


def _commit(store: Offered, ended: Finished) -> str:
    """Return the commit that the pull request says it trained; empty where what it says is none."""
    name = ended.name.removesuffix("finished") + "intent"
    fact = decode(name, store.records.get(name) or b"")
    return fact.commit if isinstance(fact, Intent) and _COMMIT.fullmatch(fact.commit) else ""


def _is_image(said: str, recipe: dict[str, Any]) -> bool:
    """Return whether an image is of the form of one, and is what the recipe asks for but for what was installed.

    A `requirements.txt` beside the code counts where the manifest names none.
    """
    try:
        found = image_from(json.loads(said))
        wanted = image_from(recipe["image"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
    if not all(_PLAIN.fullmatch(str(word)) for pin in found.packages for word in pin):
        return False
    own = recipe["code"].get("requirements.txt")
    beside = not wanted.requirements and own is not None and blob_id(found.requirements.encode()) == own
    return replace(found, packages=()) == replace(
        wanted, packages=(), requirements=found.requirements if beside else wanted.requirements
    )


def _is_whole(store: Offered, ended: Finished) -> bool:
    """Return whether every artifact is there with the bytes that its digest names."""
    try:
        for _, digest in ended.artifacts:
            store.artifacts.fetch(digest)
    except MlopsError:
        return False
    return True
