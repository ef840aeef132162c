"""`ci check`: whether the files of a CI system are as `init --ci` would write them today."""

from __future__ import annotations

from collections import Counter
from typing import assert_never

from mlops_ci.cli.session import Session
from mlops_ci.commands import ci_package
from mlops_ci.commands.ci_files import SYSTEMS, Found, examined, is_to_be_written, renew, settings_of, wanted
from mlops_ci.commands.ci_text import Standing
from mlops_ci.commands.ci_workflows import ACTION, refuse_what_no_file_can_hold
from mlops_ci.commands.laying import refuse_files_above
from mlops_ci.manifest import load_project
from mlops_ci.wiring import find, schemas
from mlops_ci.wiring.place import PROJECT_FILE
from mlops_ci.wiring.starting import ground


def check_action(session: Session) -> int:
    """Say how each file stands; with `--update` write what has fallen behind or is missing."""
    folder = find(session.folder)
    place = ground(folder, session.environment)
    settings = settings_of(load_project((folder / PROJECT_FILE).read_bytes(), schemas()), place.place)
    refuse_what_no_file_can_hold(settings)
    systems = {name: examined(place.top, wanted(name, settings)) for name in SYSTEMS}
    used = [found for name in SYSTEMS if _is_used(systems[name]) for found in systems[name]]
    if not used:
        session.say("ci check: no file of `mlops-ci init --ci` is here")
        session.talk("hint: mlops-ci init --ci github, or mlops-ci init --ci codebuild")
        return 1
    late = [found for found in used if is_to_be_written(found)]
    if session.arguments.update and late:
        refuse_files_above(place.top, (found.wanted.path for found in late))
        for found in late:
            renew(place.top, found.wanted)
    for found in used:
        is_renewed = session.arguments.update and found in late
        session.say(f"{'renewed' if is_renewed else found.standing.value:<8} {found.wanted.path}{_aside(found)}")
    requirements = folder / ci_package.FILE
    if not requirements.is_file() or not ci_package.names_us(
        requirements.read_text(encoding="utf-8", errors="replace")
    ):
        session.talk(f"warning: {ci_package.FILE} names no mlops-ci, so CI cannot install it")
    return _end(session, used, late)


def _is_used(found: tuple[Found, ...]) -> bool:
    """Return whether a project uses a CI system: a file that is for this project alone was once ours."""
    nobodys = {Standing.MISSING, Standing.FOREIGN}
    return any(f.standing not in nobodys for f in found if not f.wanted.path.startswith(ACTION))


def _aside(found: Found) -> str:
    match found.standing:
        case Standing.EDITED if found.has_moved_on:
            return "  yours since you edited it; what we would write has changed since then"
        case Standing.EDITED:
            return "  yours since you edited it"
        case Standing.FOREIGN:
            return "  not ours; it has the name of a file of ours"
        case Standing.AHEAD:
            return "  written by a later mlops-ci than this one"
        case Standing.CURRENT | Standing.BEHIND | Standing.MISSING:
            return ""
    assert_never(found.standing)


def _end(session: Session, used: list[Found], late: list[Found]) -> int:
    counts = Counter(found.standing for found in late)
    told = [f"{counts[Standing.BEHIND]} behind"] if counts[Standing.BEHIND] else []
    told += [f"{counts[Standing.MISSING]} missing"] if counts[Standing.MISSING] else []
    if session.arguments.update and late:
        session.say(f"ci check: {len(late)} of {len(used)} files written; commit them")
        session.talk("hint: git diff, then git add and git commit")
        return 0
    if late:
        session.say(f"ci check: {' and '.join(told)} of {len(used)} files")
        session.talk("hint: mlops-ci ci check --update")
        return 1
    if any(found.standing is Standing.EDITED and found.has_moved_on for found in used):
        session.talk("hint: to take ours again, delete the file and type `mlops-ci ci check --update`, then `git diff`")
    session.say(f"ci check: nothing has fallen behind ({len(used)} files)")
    return 0
