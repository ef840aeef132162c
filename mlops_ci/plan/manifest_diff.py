"""What lies between two commits: of every model, each field and file that differs, and what that does.

Pure: two trees were read already. The effects of fields are those that they declare (`mlops_ci.model.effects`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from mlops_ci.fingerprint.recipes import Blobs, differences
from mlops_ci.model import Effect, Json, Project
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.plan.fields import Difference, field_differences, project_differences
from mlops_ci.plan.hidden import HIDDEN, is_hidden
from mlops_ci.plan.impacts import Consequence, Impact, Part, arrival, consequences, merged
from mlops_ci.plan.reasons import told


class State(Enum):
    """Whether a model is on both sides."""

    NEW = "new"
    GONE = "gone"
    CHANGED = "changed"
    UNREADABLE = "new, since its manifest was not valid there"


@dataclass(frozen=True, slots=True)
class Line:
    """One difference. `kind` is `field`, `code`, `data`, `software` or `tests`; `file` a manifest's path, or empty.

    `old` and `new` are JSON text for people (`(default)` where nothing is given), or the start of a digest.
    """

    kind: str
    file: str
    field: str
    sentence: str
    old: str
    new: str
    consequences: tuple[Consequence, ...]


@dataclass(frozen=True, slots=True)
class ModelDifference:
    """What differs of one model; `quiet` are manifests that changed, and nothing in them that counts."""

    model: str
    state: State
    lines: tuple[Line, ...] = ()
    quiet: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Since:
    """Everything between a commit (`base`, empty: before the first one) and what is here.

    `asked` says which one in words that follow `since`; `project` are the fields of the project file, of which no model
    is made.
    """

    base: str
    asked: str
    models: tuple[ModelDifference, ...]
    project: tuple[Line, ...] = ()
    quiet: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Return whether nothing that counts differs."""
        return not self.project and all(m.state is State.CHANGED and not m.lines for m in self.models)


@dataclass(frozen=True, slots=True)
class Side:
    """A model on one side: as desired, or None where its manifest is not valid; `manifests` are (path, blob id)."""

    desired: DesiredModel | None
    manifests: Blobs


def model_difference(name: str, old: Side | None, new: Side | None) -> ModelDifference | None:
    """Return what differs of a model, None where nothing does; a side is None where it has no such model."""
    if new is None or new.desired is None:
        return ModelDifference(name, State.GONE) if old is not None and new is None else None
    if old is None or old.desired is None:
        return ModelDifference(name, State.NEW if old is None else State.UNREADABLE)
    came = {c.name for c in new.desired.candidates} - {c.name for c in old.desired.candidates}
    places = {e.name for e in new.desired.model.environments} - {e.name for e in old.desired.model.environments}
    lines = tuple(_without(line, came, places) for line in _lines(old.desired, new.desired))
    before, after = dict(old.manifests), dict(new.manifests)
    touched = [path for path in sorted({*before, *after}) if before.get(path) != after.get(path)]
    quiet = tuple(path for path in touched if path not in {line.file for line in lines})
    return ModelDifference(name, State.CHANGED, lines, quiet) if lines or quiet else None


def _without(line: Line, candidates: set[str], places: set[str]) -> Line:
    """Return a line without what it does to parts that are new: another line tells them."""
    kept = tuple(
        c
        for c in line.consequences
        if c.impact is Impact.NEW or c.name not in (candidates if c.part is Part.CANDIDATE else places)
    )
    return replace(line, consequences=kept)


def project_lines(old: Project, new: Project, file: str) -> tuple[Line, ...]:
    """Return the fields in which two project files differ; they say where work runs, and change no model."""
    return tuple(_field(found, file, found.path, ()) for found in project_differences(old, new))


def _lines(old: DesiredModel, new: DesiredModel) -> Iterator[Line]:
    for found in field_differences(old.model, new.model):
        yield _manifest_line(found, old, new)
    by_sentence: dict[str, Line] = {}
    gathered: defaultdict[str, list[Consequence]] = defaultdict(list)
    for line in _files(old, new):
        by_sentence.setdefault(line.sentence, line)
        gathered[line.sentence] += line.consequences
    for sentence, line in by_sentence.items():
        yield replace(line, consequences=merged(gathered[sentence]))


def _manifest_line(found: Difference, old: DesiredModel, new: DesiredModel) -> Line:
    section, owner = found.at[0], found.at[1] if len(found.at) > 1 else ""
    file, field = f"{new.model.folder}/model.yaml", found.path.replace("processing.pre.", "processing.", 1)
    if section == "candidates":
        file, field = f"{new.model.folder}/candidates/{owner}.yaml", ".".join(found.at[2:])
    if found.effects != {Effect.IDENTITY}:
        does = consequences(found.effects, found.at, new)
        return _field(found, file, field, merged((*_searches(old, new), *does)) if section == "evaluation" else does)
    side = old.model if _has(old, section, owner) else new.model
    impact = Impact.GONE if side is old.model else Impact.NEW
    what = "candidate" if section == "candidates" else "environment"
    sentence = f"{what} `{owner}` is {impact.value}"
    return Line("field", file, found.path, sentence, "", "", arrival(section, owner, impact, new))


def _searches(old: DesiredModel, new: DesiredModel) -> Iterator[Consequence]:
    """Yield the searches whose aim is another one: they are after the metric that decides, where they name none."""
    aims = {c.name: json.loads(c.recipe).get("objective") for c in old.candidates}
    for candidate in new.candidates:
        aim = json.loads(candidate.recipe).get("objective")
        before = aims.get(candidate.name)
        if aim is not None and before is not None and aim != before:
            yield Consequence(Part.CANDIDATE, candidate.name, Impact.RETRAIN)


def _has(desired: DesiredModel, section: str, name: str) -> bool:
    there = desired.model.candidate(name) if section == "candidates" else desired.model.environment(name)
    return there is not None


def _field(found: Difference, file: str, field: str, does: tuple[Consequence, ...]) -> Line:
    if is_hidden(found.path, found.old) or is_hidden(found.path, found.new):
        return Line("field", file, field, f"`{field}` changed", HIDDEN, HIDDEN, does)
    old, new = told(found.old), told(found.new)
    return Line("field", file, field, f"`{field}`: {old} -> {new}", old, new, does)


def _files(old: DesiredModel, new: DesiredModel) -> Iterator[Line]:
    """Yield what differs behind the manifests' paths; fields are told already."""
    before = {c.name: c for c in old.candidates}
    for candidate in new.candidates:
        if candidate.name in before:
            was, now = (json.loads(side.recipe) for side in (before[candidate.name], candidate))
            mine = _Reach(frozenset({Effect.RETRAIN}), ("candidates", candidate.name), new)
            yield from _behind("code", "training code", was["code"], now["code"], mine)
            yield from _behind("data", "data", was["data"], now["data"], mine)
            yield from _software(was["image"], now["image"], mine)
    was, now = (json.loads(side.processing) if side.processing else {} for side in (old, new))
    if was and now:  # one that came or went is told by its fields
        reach = _Reach(frozenset({Effect.RETRAIN, Effect.REEVALUATE}), ("processing",), new)
        yield from _behind("code", "processing code", was["code"], now["code"], reach)
        yield from _behind("data", "data", was["data"], now["data"], reach)
        yield from _software(was["image"], now["image"], reach)
    served = _Reach(frozenset({Effect.REEVALUATE, Effect.REDEPLOY}), ("serving",), new)
    judged = _Reach(frozenset({Effect.REEVALUATE}), ("evaluation",), new)
    tested = _Reach(frozenset({Effect.RETEST}), ("tests",), new)
    yield from _behind("code", "serving code", dict(old.serving), dict(new.serving), served)
    yield from _behind("data", "data", _rows(old), _rows(new), judged)
    yield from _behind("code", "metric code", dict(old.metric_code), dict(new.metric_code), judged)
    yield from _behind("tests", "test file", dict(old.test_files), dict(new.test_files), tested)


@dataclass(frozen=True, slots=True)
class _Reach:
    """What a change of some files causes, and of which part of the model."""

    effects: frozenset[Effect]
    at: tuple[str, ...]
    model: DesiredModel

    def line(self, kind: str, field: str, sentence: str, old: str, new: str) -> Line:
        return Line(kind, "", field, sentence, old, new, consequences(self.effects, self.at, self.model))


def _rows(desired: DesiredModel) -> Json:
    """Return the digests of the data that evaluations see, by channel."""
    return desired.evaluation_recipe("")["data"]


def _behind(kind: str, what: str, old: Json, new: Json, reach: _Reach) -> Iterator[Line]:
    """Yield what differs of two mappings of names to digests."""
    before, after = (side if isinstance(side, dict) else {} for side in (old, new))
    for path in sorted({*before, *after}):
        was, now = before.get(path), after.get(path)
        if was != now:
            verb = "is new" if was is None else "is gone" if now is None else "changed"
            yield reach.line(kind, path, f"{what} `{path}` {verb}", str(was or "")[:12], str(now or "")[:12])


def _software(old: Json, new: Json, reach: _Reach) -> Iterator[Line]:
    """Yield what differs of the software; a framework is a field, and told as one.

    None is a software that this machine cannot have, of which no more than its field is known.
    """
    for path, was, now in differences(old, new) if old is not None and new is not None else ():
        if not path.startswith("framework"):
            yield reach.line("software", path, f"software `{path}`: {told(was)} -> {told(now)}", told(was), told(now))
