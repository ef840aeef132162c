"""Surveying: the plan of all models, in proportion to what changed since it was made last.

What a plan says of a model follows from what was looked at: its files here and on the branch, its records, its
endpoints, our own code. A model for which all of that has the same token as last time is told from the snapshot.
Deleting the snapshot changes nothing but time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TypeVar

from mlops_ci.diagnostics import Diagnostic, ordered
from mlops_ci.errors import MlopsError
from mlops_ci.executor.found import Found
from mlops_ci.executor.glance import Glance
from mlops_ci.executor.remembered import Memory, kept, memories, names_of
from mlops_ci.executor.token import Grounds, outside, token
from mlops_ci.manifest.folders import Folder, folder_of, folders, path_of
from mlops_ci.plan.change import Basis, Change, Plan
from mlops_ci.plan.composing import composed, removed
from mlops_ci.records.damaged import Damaged

Item = TypeVar("Item")
_GLOB = frozenset("*?[")
_FEW = 100
"""Places up to which git finds them faster one by one than by listing everything; a command line has an end, too."""
_LONGEST = 255
"""Bytes in the name of a folder."""


@dataclass(frozen=True, slots=True)
class Survey:
    """A plan, and what was found of each model, by name."""

    plan: Plan
    found: tuple[tuple[str, Found], ...]

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """Return the warnings about the manifests."""
        return ordered(_each(item.warnings for _, item in self.found))

    @property
    def damaged(self) -> tuple[Damaged, ...]:
        """Return the records that were passed over."""
        return tuple(sorted(set(_each(item.damaged for _, item in self.found)), key=lambda damaged: damaged.name))

    def busy(self) -> Survey:
        """Return the survey of the models for which a run would do something, or has something to say."""
        busy = tuple((name, item) for name, item in self.found if not item.is_quiet)
        return Survey(replace(self.plan, models=tuple(name for name, item in busy if item.is_model)), busy)

    def quiet(self) -> Survey:
        """Return the survey of all other models."""
        quiet = tuple((name, item) for name, item in self.found if item.is_quiet)
        return Survey(replace(self.plan, models=tuple(name for name, item in quiet if item.is_model)), quiet)


def survey(glance: Glance, select: tuple[str, ...], *, fetch: bool = False) -> Survey | None:
    """Return the survey of the selected models; None where the selection finds nothing: `assess` tells what is wrong.

    With `fetch`, the remote is asked where the branch is.

    Raises:
        ManifestError: with every diagnostic of every selected model.

    """
    endpoints = glance.describe()
    # A few among many: only their folders are listed, and those that endpoints say are there.
    asked = tuple(dict.fromkeys((*select, *(e.model for e in endpoints))))
    is_exact = bool(select) and len(asked) <= _FEW and all(map(_is_folder, select))
    asked = asked if is_exact else ()
    scope = tuple(path_of(glance.pipelines, name) for name in asked)
    here = glance.repository.worktree(scope)
    head = glance.repository.head()
    tip = glance.repository.tip(fetch=fetch)
    base = glance.repository.tree(tip, scope) if tip else None
    if is_exact:
        looked = (folder_of(here, glance.pipelines, name) for name in asked)
        known = {folder.name: folder for folder in looked if folder is not None}
    else:
        known = {folder.name: folder for folder in folders(here, glance.pipelines)}
    chosen = _chosen(known, select)
    if not chosen:
        return None
    found = _all(glance, Grounds(here, base, tip, endpoints), chosen, None if is_exact else known)
    basis = Basis(head.commit, tip, glance.branch, glance.target)
    return _told(basis, found, removed(endpoints, known))


def _is_folder(name: str) -> bool:
    """Return whether a selection is the name of one folder: no glob, and no path that may lead anywhere."""
    return not _GLOB & set(name) and "/" not in name and len(name.encode(errors="surrogateescape")) <= _LONGEST


def _chosen(known: Mapping[str, Folder], select: tuple[str, ...]) -> tuple[Folder, ...]:
    """Return the selected folders, sorted by name; none where a name or glob finds nothing."""
    if not select:
        return tuple(known[name] for name in sorted(known))
    chosen: set[str] = set()
    for pattern in select:
        matched = {pattern} if pattern in known else {name for name in known if fnmatchcase(name, pattern)}
        if not matched:
            return ()
        chosen |= matched
    return tuple(known[name] for name in sorted(chosen))


def _all(
    glance: Glance, grounds: Grounds, chosen: tuple[Folder, ...], known: Mapping[str, Folder] | None
) -> dict[str, Found]:
    """Return what is found of each model, from the snapshot where it is there; `known` are all folders there are."""
    content = glance.snapshots.load(glance.snapshot)
    names = tuple(folder.name for folder in chosen)
    remembered = memories(content, names)
    glance = replace(glance, records=glance.records.listing(names))  # one look at the store, for all of them
    tags = tuple(sorted({tag for memory in remembered.values() for tag in memory.beside.tags}))
    if tags:
        glance.images(tags)  # all at once: one request a repository, and none for what a model asks for after that
    found = {
        folder.name: Found.of(memory.found)
        for folder in chosen
        if (memory := remembered.get(folder.name)) is not None and _is_true(glance, grounds, folder, memory)
    }
    missing = tuple(folder for folder in chosen if folder.name not in found)
    if missing:
        from mlops_ci.executor.examining import examined

        fresh = examined(glance, grounds, missing, tuple(found.values()))
        gone = () if known is None else {*names_of(content)} - {*known}
        glance.snapshots.save(glance.snapshot, kept(content, fresh, gone))
        found |= {name: Found.of(memory.found) for name, memory in fresh.items()}
    return {folder.name: found[folder.name] for folder in chosen}


def _is_true(glance: Glance, grounds: Grounds, folder: Folder, memory: Memory) -> bool:
    try:
        found = outside(glance, grounds, folder, memory.beside)
    except MlopsError:
        return False  # data that is gone: the examination tells it as it should be told
    names = glance.records.names(f"{folder.name}/")
    return token(glance, grounds, folder, memory.beside, names, found) == memory.token


def _told(basis: Basis, found: Mapping[str, Found], gone: tuple[Change, ...]) -> Survey:
    parts = tuple((name, item.part) for name, item in found.items() if item.is_model)
    return Survey(composed(basis, parts, gone), tuple(found.items()))


def _each(groups: Iterable[Iterable[Item]]) -> Iterable[Item]:
    return (item for group in groups for item in group)
