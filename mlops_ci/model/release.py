"""What git says is released: `release.yaml`, written by promotions and deployments only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Score:
    """One candidate's value of the deciding metric in the contest; None where it has none."""

    candidate: str
    fingerprint: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Champion:
    """The version that won. `package` and `evaluation` are digests; `commit` is the master commit it was read from."""

    version: int
    candidate: str
    package: str
    fingerprint: str
    evaluation: str
    metric: str
    commit: str
    contest: tuple[Score, ...] = ()


@dataclass(frozen=True, slots=True)
class Hold:
    """Who held an environment where it is, and why."""

    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Which version an environment serves, with its package; held after a rollback until released."""

    environment: str
    version: int
    package: str
    held: Hold | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """The champion, the environments' pointers, past versions by number, and packages that were rolled back."""

    champion: Champion | None = None
    environments: tuple[Standing, ...] = ()
    versions: tuple[tuple[int, str], ...] = ()
    rolled_back: tuple[str, ...] = ()

    def standing(self, environment: str) -> Standing | None:
        """Return the pointer of an environment, or None where nothing was deployed."""
        return next((s for s in self.environments if s.environment == environment), None)

    def package(self, version: int) -> str | None:
        """Return the package digest of a version, or None where there was no such version."""
        return dict(self.versions).get(version)
