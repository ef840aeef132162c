"""The verbs about the store itself: check, merge, gc."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from mlops_ci.cli.session import Session
from mlops_ci.errors import UsageError
from mlops_ci.executor.keeping.upkeep import Upkeep

_SECONDS = 30.0
"""How often a long look says how far it is."""

_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def store_verb(session: Session) -> int:
    """Check the store, merge another into it, or take out what nothing needs."""
    from mlops_ci.commands.select import refuse_for_pull_request
    from mlops_ci.wiring import upkeep_of

    action = session.arguments.action
    upkeep = upkeep_of(session.place(), session.arguments.target, session.cancelled.is_set)
    refuse_for_pull_request(f"store {action}", upkeep.world)
    return _ACTIONS[action](session, upkeep)


def _check(session: Session, upkeep: Upkeep) -> int:
    from mlops_ci.executor.keeping.check import check
    from mlops_ci.views.store import checked_json, checked_markdown, checked_text

    found = check(upkeep, _now_and_then(session))
    session.show(found, checked_text, checked_markdown, checked_json)
    return 0 if found.is_clean else 1


def _merge(session: Session, upkeep: Upkeep) -> int:
    from mlops_ci.executor.keeping.merge import Doing, merge
    from mlops_ci.views.store import merged_json, merged_markdown, merged_text

    doing = Doing.DRY if session.arguments.dry_run else Doing.REAL
    with upkeep.turn():
        session.bring_up_to_date(upkeep.world)
        found = merge(upkeep, session.arguments.source, doing, _now_and_then(session))
        upkeep.records.settle()
    session.show(found, merged_text, merged_markdown, merged_json)
    return 0 if found.is_clean else 1


def _gc(session: Session, upkeep: Upkeep) -> int:
    from mlops_ci.executor.keeping.collect import Asked, find, take_out
    from mlops_ci.executor.keeping.needs import needs
    from mlops_ci.views.store import found_json, found_markdown, found_text, size

    if upkeep.address:
        upkeep.pruning.restore()  # which refuses: nothing is taken out of a store that is in no folder
    asked = Asked(_age(session.arguments.older_than), session.arguments.keep)
    if not session.arguments.yes:
        found = find(upkeep, needs(upkeep), asked)
        session.show(found, found_text, found_markdown, found_json)
        if found.removals:
            session.talk(f"hint: this was a dry run; mlops-ci {' '.join(_typed(session))} --yes takes it out")
        return 0
    with upkeep.turn():
        session.bring_up_to_date(upkeep.world)
        upkeep.pruning.restore()
        found = find(upkeep, needs(upkeep), asked)
        session.show(found, found_text, found_markdown, found_json)
        freed = [removal.size for removal in take_out(upkeep, found)]
    session.talk(f"{len(freed)} of {len(found.removals)} are gone: {size(sum(freed))}")
    return 0


_ACTIONS: dict[str, Callable[[Session, Upkeep], int]] = {"check": _check, "merge": _merge, "gc": _gc}


def _typed(session: Session) -> list[str]:
    """Return a `gc` as it was typed."""
    asked = session.arguments
    words = ["store", "gc"]
    words += ["--older-than", asked.older_than] if asked.older_than else []
    words += ["--keep", str(asked.keep)] if asked.keep is not None else []
    return words + (["--target", asked.target] if asked.target else [])


def _age(text: str) -> timedelta | None:
    """Return the age that `30d`, `12h` or `4w` means; None where nothing was asked for.

    Raises:
        UsageError: it means none.

    """
    if not text:
        return None
    found = re.fullmatch(r"([1-9][0-9]{0,4})([hdw])", text)
    if found is None:
        raise UsageError(f"`{text}` is no age", hint="mlops-ci store gc --older-than 30d, or hours (h) or weeks (w)")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _now_and_then(session: Session) -> Callable[[str], None]:
    """Return what tells how far it is: every half minute, and never where it takes less."""
    last = monotonic()

    def tell(sentence: str) -> None:
        nonlocal last
        if monotonic() - last >= _SECONDS:
            last = monotonic()
            session.talk(sentence)
            sys.stderr.flush()

    return tell
