"""Lineage: from a version back to its code and data, and from a commit forward to what serves."""

from __future__ import annotations

import json
from dataclasses import dataclass

from mlops_ci.fingerprint.recipes import Blobs
from mlops_ci.model import Json, Release
from mlops_ci.records.facts import Approved, Decided, Evaluated, Gated, Packaged, Promoted, Served, Tested
from mlops_ci.records.ledger import Attempt, Ledger


@dataclass(frozen=True, slots=True)
class Origin:
    """What a training was made of, as its recipe says: paths with blob ids, channels with digests, canonical JSON."""

    code: Blobs
    data: Blobs
    hyperparameters: Blobs
    processing: str

    @classmethod
    def of(cls, recipe: str) -> Origin:
        """Return what a training recipe names; nothing where it is empty."""
        found = json.loads(recipe) if recipe else {}
        pairs = found.get("candidate", {}).get("hyperparameters", ())
        processing = found.get("processing")
        return cls(
            code=tuple(sorted((str(path), str(blob)) for path, blob in found.get("code", {}).items())),
            data=tuple(sorted((str(name), str(digest)) for name, digest in found.get("data", {}).items())),
            hyperparameters=tuple((str(name), json.dumps(value)) for name, value in pairs),
            processing=json.dumps(processing, sort_keys=True) if processing else "",
        )


@dataclass(frozen=True, slots=True)
class Trace:
    """A version of a model, and everything on record behind it; None and empty where nothing is on record.

    `serving` is the serving code of the package (path, blob id), `serves_in` the environments whose pointer names it.
    `training` is the attempt whose artifact is in the package; `attempts` counts the tries it took.
    """

    model: str
    version: int
    package: str
    candidate: str
    serves_in: tuple[str, ...]
    promotions: tuple[Promoted, ...]
    served: tuple[Served, ...]
    gates: tuple[Gated, ...]
    approvals: tuple[Approved, ...]
    tests: tuple[Tested, ...]
    contests: tuple[Decided, ...]
    evaluations: tuple[Evaluated, ...]
    packaged: Packaged | None
    serving: Blobs
    training: Attempt | None
    attempts: int
    origin: Origin

    @property
    def image(self) -> Json:
        """Return the software that the training really ran in, as plain JSON data; None where it is not known."""
        end = self.training.finished if self.training else None
        found: Json = json.loads(end.image) if end and end.image else None
        return found


def version_named(release: Release, text: str) -> int | None:
    """Return the version that `v3`, `3`, the name of an environment, or nothing (the champion) stands for, or None."""
    if not text:
        return release.champion.version if release.champion else None
    standing = release.standing(text)
    if standing is not None:
        return standing.version
    digits = text.removeprefix("v")
    known = digits.isascii() and digits.isdigit() and release.package(int(digits)) is not None
    return int(digits) if known else None


def trace(model: str, version: int, release: Release, ledger: Ledger) -> Trace | None:
    """Return the trace of a released version; None where there was no such version."""
    package = release.package(version)
    if package is None:
        return None
    packaged = ledger.packages.get(package)
    evaluations = tuple(
        sorted((e for e in ledger.evaluations.values() if e.package == package), key=lambda e: (e.at, e.evaluation))
    )
    promotions = tuple(p for p in ledger.promotions.get(model, ()) if p.package == package)
    fingerprint = packaged.fingerprint if packaged else evaluations[-1].fingerprint if evaluations else ""
    tries = ledger.tries("training", fingerprint)
    training = _trained(tries, packaged.artifact if packaged else "")
    recipe = json.loads(packaged.recipe) if packaged and packaged.recipe else {}
    named = [*(p.candidate for p in promotions), packaged.candidate if packaged else ""]
    return Trace(
        model=model,
        version=version,
        package=package,
        candidate=next((name for name in named if name), ""),
        serves_in=tuple(s.environment for s in release.environments if s.package == package),
        promotions=promotions,
        served=tuple(s for s in ledger.served.get(model, ()) if s.package == package),
        gates=tuple(g for key, gates in sorted(ledger.gates.items()) if key[0] == model
                    for g in gates if g.package == package),
        approvals=tuple(a for (m, _, p), given in sorted(ledger.approvals.items()) if (m, p) == (model, package)
                        for a in given),
        tests=tuple(t for (m, _, p), runs in sorted(ledger.tests.items()) if (m, p) == (model, package) for t in runs),
        contests=tuple(sorted((c for c in ledger.contests.values() if (c.model, c.package) == (model, package)),
                              key=lambda c: (c.at, c.contest))),
        evaluations=evaluations,
        packaged=packaged,
        serving=tuple(sorted((str(path), str(blob)) for path, blob in recipe.get("code", {}).items())),
        training=training,
        attempts=len(tries),
        origin=Origin.of(training.intent.recipe if training else ""),
    )  # fmt: skip


def _trained(tries: tuple[Attempt, ...], artifact: str) -> Attempt | None:
    """Return the last successful attempt, of those whose model is this artifact where one is known."""
    done = [a for a in tries if a.finished is not None and a.finished.outcome == "succeeded"]
    same = [a for a in done if a.finished is not None and a.finished.artifact("model") == artifact]
    found = same or done
    return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class Uses:
    """What came of a commit: jobs that ran on it, accuracies, versions, where they served and where they serve now.

    `commits` are the recorded commits that start with what was asked for; more than one means it was ambiguous.
    `serves_in` are (model, environment, version).
    """

    asked: str
    commits: tuple[str, ...]
    attempts: tuple[Attempt, ...]
    evaluations: tuple[Evaluated, ...]
    promotions: tuple[Promoted, ...]
    served: tuple[Served, ...]
    serves_in: tuple[tuple[str, str, int], ...]


def uses(commit: str, releases: tuple[tuple[str, Release], ...], ledger: Ledger) -> Uses:
    """Return what came of a commit, or of a prefix of its name; `releases` are (model, release) pairs."""
    attempts = [a for tries in ledger.attempts.values() for a in tries if _is(a.intent.commit, commit)]
    made = {a.intent.fingerprint for a in attempts if a.intent.work == "training"}
    evaluations = [e for e in ledger.evaluations.values() if _is(e.commit, commit) or e.fingerprint in made]
    packages = {p.package for p in ledger.packages.values() if p.fingerprint in made}
    packages |= {e.package for e in evaluations if e.fingerprint in made}
    promotions = [
        p for found in ledger.promotions.values() for p in found if p.package in packages or _is(p.commit, commit)
    ]
    served = [s for found in ledger.served.values() for s in found if s.package in packages or _is(s.commit, commit)]
    named = [a.intent.commit for a in attempts] + [e.commit for e in evaluations]
    named += [p.commit for p in promotions] + [s.commit for s in served]
    return Uses(
        asked=commit,
        commits=tuple(sorted({name.removesuffix("+") for name in named if _is(name, commit)})),
        attempts=tuple(sorted(attempts, key=lambda a: (a.intent.at, a.intent.name))),
        evaluations=tuple(sorted(evaluations, key=lambda e: (e.at, e.name))),
        promotions=tuple(sorted(promotions, key=lambda p: (p.at, p.name))),
        served=tuple(sorted(served, key=lambda s: (s.at, s.name))),
        serves_in=tuple(
            (model, standing.environment, standing.version)
            for model, release in releases
            for standing in release.environments
            if standing.package in packages
        ),
    )


def _is(recorded: str, asked: str) -> bool:
    """Return whether a recorded commit is the one asked for; a `+` behind it says that files differed from it."""
    return bool(asked) and recorded.removesuffix("+").startswith(asked.removesuffix("+").lower())
