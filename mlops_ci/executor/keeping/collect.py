"""Collecting what nothing needs: first it is told, then, asked to, it is taken out.

Records go before the artifacts that they named, so that a store in which somebody was killed over it holds no record
whose artifact is gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from mlops_ci.executor.keeping.check import PRIVATE
from mlops_ci.executor.keeping.upkeep import Upkeep
from mlops_ci.ports.upkeep import Held, Site, SiteKind
from mlops_ci.records.codec import decode
from mlops_ci.records.damaged import Damaged
from mlops_ci.records.retention import Needed, Noted, Policy, given_up, noted

GRACE = timedelta(days=1)
"""Nothing younger is taken out: a command may be at work on what the record comes last of."""

_DIGEST = re.compile(rb"[0-9a-f]{64}")


class Kind(Enum):
    """What is taken out."""

    RECORD = "record"
    ARTIFACT = "artifact"
    DRAFT = "half-written file"
    PULL_REQUEST = "pull request"
    JOB = "job"
    PACKAGE = "unpacked package"
    DATASET = "dataset"
    PULL_REQUEST_FOLDER = "pull request's folder"


_SITES = {
    SiteKind.JOB: Kind.JOB,
    SiteKind.PACKAGE: Kind.PACKAGE,
    SiteKind.DATASET: Kind.DATASET,
    SiteKind.PULL_REQUEST: Kind.PULL_REQUEST_FOLDER,
}


@dataclass(frozen=True, slots=True)
class Removal:
    """Something that may go: its name, its bytes, and why nothing needs it."""

    kind: Kind
    name: str
    size: int
    why: str


@dataclass(frozen=True, slots=True)
class Found:
    """What may go, in the order in which it must; `sites` are the folders among it. `kept` counts records that stay.

    `strangers` are models in the store that no branch of this repository knows: they are another's, and left alone.
    """

    removals: tuple[Removal, ...]
    sites: tuple[Site, ...]
    kept: int
    strangers: tuple[str, ...]
    names: frozenset[str]
    settled: datetime

    @property
    def size(self) -> int:
        """Return the bytes of all that may go."""
        return sum(removal.size for removal in self.removals)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for; None where it does not."""

    older_than: timedelta | None
    keep: int | None


def find(upkeep: Upkeep, needed: Needed, asked: Asked) -> Found:
    """Return what may go of the store and beside it. Touches nothing."""
    now = datetime.fromisoformat(upkeep.world.clock.now())
    settled = now - GRACE
    before = now - asked.older_than if asked.older_than is not None else None
    policy = Policy(_iso(before) if before else None, asked.keep, _iso(settled))
    held = {record.name: record for record in upkeep.inventory.records()}
    known, keys, private = _read(upkeep, held)
    needed = Needed(needed.digests | private, needed.models)
    gone = given_up((entry.noted for entry in known.values() if entry.noted), needed, policy)
    named = {digest for name, entry in known.items() if name not in {*gone} for digest in entry.digests}
    old = min(settled, before) if before else settled
    sites = tuple(
        site
        for site in upkeep.worksites.idle()
        if _is_idle(site, old, keys) and (before or site.kind is not SiteKind.PULL_REQUEST)
    )
    removals = (
        *(Removal(Kind.RECORD, name, held[name].size, _why(asked)) for name in gone),
        *(
            Removal(Kind.ARTIFACT, artifact.name, artifact.size, "no record names it")
            for artifact in upkeep.inventory.artifacts()
            if bytes.fromhex(artifact.name) not in named and artifact.changed < settled.timestamp()
        ),
        *(
            Removal(Kind.DRAFT, stray.name, stray.size, "whoever wrote it was killed")
            for stray in upkeep.inventory.strays()
            if _is_draft(stray) and stray.changed < settled.timestamp()
        ),
        *(
            Removal(Kind.PULL_REQUEST, own.name, own.size, "nothing came to it for so long")
            for own in upkeep.inventory.pull_requests()
            if before and own.changed < old.timestamp()
        ),
        *(Removal(_SITES[site.kind], site.name, site.size, "it is made again when it is needed") for site in sites),
    )
    strangers = {entry.noted.model for entry in known.values() if entry.noted} - needed.models
    return Found(removals, sites, len(known) - len(gone), tuple(sorted(strangers)), frozenset(held), settled)


def take_out(upkeep: Upkeep, found: Found) -> Iterator[Removal]:
    """Take out what was found, and yield each thing that is gone; an artifact that is needed again stays.

    Raises:
        ProviderError: a disk said no; what is left is found again next time.

    """
    sites = {(_SITES[site.kind], site.name): site for site in found.sites}
    later: set[bytes] | None = None
    before = found.settled.timestamp()
    for removal in found.removals:
        match removal.kind:
            case Kind.RECORD:
                upkeep.pruning.remove_record(removal.name)
            case Kind.ARTIFACT:
                later = _since(upkeep, found.names) if later is None else later
                if bytes.fromhex(removal.name) in later:
                    continue
                if not upkeep.pruning.remove_artifact(removal.name, before=before):
                    continue
            case Kind.DRAFT:
                upkeep.pruning.remove_draft(removal.name)
            case Kind.PULL_REQUEST:
                upkeep.pruning.remove_pull_request(removal.name)
            case Kind.JOB | Kind.PACKAGE | Kind.DATASET | Kind.PULL_REQUEST_FOLDER:
                upkeep.worksites.remove(sites[removal.kind, removal.name])
        yield removal


@dataclass(frozen=True, slots=True)
class _Entry:
    noted: Noted | None
    digests: tuple[bytes, ...]


def _read(upkeep: Upkeep, held: dict[str, Held]) -> tuple[dict[str, _Entry], dict[str, bool], frozenset[str]]:
    """Return every record with the digests in it, the keys of jobs (and whether they ended), and private releases.

    A record that cannot be read keeps what it names: a newer mlops-ci may have written it.
    """
    known: dict[str, _Entry] = {}
    keys: dict[str, bool] = {}
    private: set[str] = set()
    for name, content in upkeep.records.scan(""):
        digests = tuple({bytes.fromhex(digest.decode()) for digest in _DIGEST.findall(content)})
        if name.startswith(PRIVATE):
            private |= {digest.hex() for digest in digests}
            continue
        fact = decode(name, content)
        put = _iso(datetime.fromtimestamp(held[name].changed, UTC)) if name in held else "9"
        known[name] = _Entry(None if isinstance(fact, Damaged) else noted(fact, put), digests)
        _, _, job = name.partition("/attempts/")
        key, _, end = job.partition("/")
        if job:
            keys[key] = keys.get(key, False) or end == "finished"
    return known, keys, frozenset(private)


def _since(upkeep: Upkeep, names: frozenset[str]) -> set[bytes]:
    """Return the digests in records that came after the store was looked at."""
    later = (name for name, _ in upkeep.records.names("") if name not in names)
    contents = (upkeep.records.get(name) or b"" for name in later)
    return {bytes.fromhex(digest.decode()) for content in contents for digest in _DIGEST.findall(content)}


def _is_idle(site: Site, old: datetime, keys: dict[str, bool]) -> bool:
    """Return whether a folder was not used for so long; a job's end must be on record, or nothing of it at all."""
    return site.changed < old.timestamp() and (site.kind is not SiteKind.JOB or keys.get(site.name, True))


def _is_draft(stray: Held) -> bool:
    return stray.name.startswith(".tmp/") and not stray.name.startswith(".tmp/gc-") and not stray.name.endswith(".lock")


def _why(asked: Asked) -> str:
    parts = [f"older than {asked.older_than.days} days"] if asked.older_than is not None else []
    parts += [f"not among the {asked.keep} newest of its candidate"] if asked.keep is not None else []
    return " and ".join(parts)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
