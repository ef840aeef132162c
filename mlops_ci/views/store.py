"""What was found of a store, merged into it or taken out of it, told three ways."""

from __future__ import annotations

from collections import Counter

from mlops_ci.executor.keeping.check import Checked, Trouble
from mlops_ci.executor.keeping.collect import Found, Kind, Removal
from mlops_ci.executor.keeping.merge import Doing, Merged
from mlops_ci.model import Json
from mlops_ci.views import markdown
from mlops_ci.views.document import document
from mlops_ci.views.terminal import Ink, Tone, clean, columns, counted, lines

SHOWN = 50
"""Things of one kind that a terminal lists; JSON has all."""


def size(count: int) -> str:
    """Return a number of bytes for people: `512 B`, `1.5 kB`, `2.0 GB`."""
    value, units = float(count), ["B", "kB", "MB", "GB", "TB"]
    while value >= 1000 and len(units) > 1:
        value, units = value / 1000, units[1:]
    return f"{value:.0f} B" if units[0] == "B" else f"{value:.1f} {units[0]}"


def checked_text(checked: Checked, *, ink: Ink = Ink.PLAIN) -> str:
    """Return what a check found for a terminal: each trouble with its hint, then the counts."""
    return lines([*_troubles(checked.troubles, checked.more, ink), *_checked(checked)])


def checked_markdown(checked: Checked) -> str:
    """Return what a check found as Markdown."""
    return lines([*_table(checked.troubles, checked.more), *map(markdown.prose, _checked(checked))])


def checked_json(checked: Checked) -> str:
    """Return what a check found as JSON."""
    return document(
        {
            "clean": checked.is_clean,
            "records": checked.records,
            "artifacts": checked.artifacts,
            "bytes": checked.size,
            "orphans": {"artifacts": checked.orphans, "bytes": checked.orphan_size},
            "strays": checked.strays,
            "pull_requests": checked.pull_requests,
            "problems": _json(checked.troubles),
            "more_problems": checked.more,
        }
    )


def _checked(checked: Checked) -> list[str]:
    about = f"{counted(checked.records, 'record')}, {counted(checked.artifacts, 'artifact')} ({size(checked.size)})"
    beside = []
    if checked.orphans:
        named = f"{counted(checked.orphans, 'artifact')} ({size(checked.orphan_size)})"
        beside.append(f"no record names {named}; `mlops-ci store gc` lists them")
    if checked.strays:
        beside.append(f"{counted(checked.strays, 'file')} in it belong to nothing")
    if checked.pull_requests:
        beside.append(f"{counted(checked.pull_requests, 'pull request')} keep their own, which was not checked")
    told = len(checked.troubles) + checked.more
    end = f"store: {about}: {'clean' if checked.is_clean else counted(told, 'problem')}."
    return [*(f"note: {sentence}" for sentence in beside), end]


def merged_text(merged: Merged, *, ink: Ink = Ink.PLAIN) -> str:
    """Return what a merge did for a terminal."""
    return lines([*_troubles(merged.left, merged.more, ink), _merged(merged)])


def merged_markdown(merged: Merged) -> str:
    """Return what a merge did as Markdown."""
    return lines([*_table(merged.left, merged.more), markdown.prose(_merged(merged))])


def merged_json(merged: Merged) -> str:
    """Return what a merge did as JSON."""
    return document(
        {
            "dry_run": merged.doing is Doing.DRY,
            "records": merged.records,
            "artifacts": merged.artifacts,
            "bytes": merged.size,
            "same": merged.same,
            "left": _json(merged.left),
            "more_left": merged.more,
        }
    )


def _merged(merged: Merged) -> str:
    said = "merge" if merged.doing is Doing.REAL else "merge (dry run)"
    copied = f"{counted(merged.records, 'record')} and {counted(merged.artifacts, 'artifact')} ({size(merged.size)})"
    verb = "copied" if merged.doing is Doing.REAL else "to copy"
    left = len(merged.left) + merged.more
    return f"{said}: {copied} {verb}, {counted(merged.same, 'record')} there already, {left} left."


def found_text(found: Found, *, ink: Ink = Ink.PLAIN) -> str:
    """Return what may go for a terminal: each kind with its things, then the sums."""
    out: list[str] = []
    for kind in Kind:
        some = [removal for removal in found.removals if removal.kind is kind]
        if some:
            out.append(ink.paint(f"{kind.value}: {len(some)}, {size(sum(r.size for r in some))}", Tone.STRONG))
            out += columns([(r.name, size(r.size), r.why) for r in some[:SHOWN]], right=frozenset({1}), indent="  ")
            out += [f"  ... and {len(some) - SHOWN} more"] if len(some) > SHOWN else []
    return lines([*out, *map(clean, _found(found))])


def found_markdown(found: Found) -> str:
    """Return what may go as a table of sums by kind."""
    counts, sizes = Counter(r.kind for r in found.removals), Counter[Kind]()
    for removal in found.removals:
        sizes[removal.kind] += removal.size
    rows = [(kind.value, str(counts[kind]), size(sizes[kind])) for kind in Kind if counts[kind]]
    table = markdown.table(("what", "count", "size"), rows, right=frozenset({1, 2})) if rows else []
    return lines([*table, *([""] if table else []), *map(markdown.prose, _found(found))])


def found_json(found: Found) -> str:
    """Return what may go as JSON, every thing of it."""
    return document(
        {
            "removals": [_removal(removal) for removal in found.removals],
            "bytes": found.size,
            "kept_records": found.kept,
            "other_models": [*found.strangers],
        }
    )


def _removal(removal: Removal) -> dict[str, Json]:
    return {"kind": removal.kind.value, "name": removal.name, "bytes": removal.size, "why": removal.why}


def _found(found: Found) -> list[str]:
    left = ", ".join(f"`{name}`" for name in found.strangers)
    notes = [f"note: no branch here has {left}: their records are left alone"] if left else []
    return [
        *notes,
        f"gc: {counted(len(found.removals), 'thing')} may go, {size(found.size)}; {found.kept} records stay.",
    ]


def _troubles(troubles: tuple[Trouble, ...], more: int, ink: Ink) -> list[str]:
    out: list[str] = []
    for trouble in troubles:
        out.append(f"{ink.paint(trouble.code, Tone.BAD)}: {clean(trouble.sentence)}")
        out.append(f"  hint: {clean(trouble.hint)}")
    return [*out, *([f"... and {more} more"] if more else [])]


def _table(troubles: tuple[Trouble, ...], more: int) -> list[str]:
    rows = [(markdown.code(t.code), markdown.prose(t.sentence), markdown.prose(t.hint)) for t in troubles]
    table = [*markdown.table(("problem", "what", "hint"), rows), ""] if rows else []
    return [*table, *([f"... and {more} more", ""] if more else [])]


def _json(troubles: tuple[Trouble, ...]) -> list[Json]:
    return [{"code": t.code, "subject": t.subject, "summary": t.sentence, "hint": t.hint} for t in troubles]
