"""The verbs one starts with: init and doctor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_ci.cli.session import Session
from mlops_ci.errors import UsageError
from mlops_ci.ports.findings import Finding

if TYPE_CHECKING:
    from mlops_ci.cli.starting_ci import Beginning


def init_verb(session: Session) -> int:
    """Make a project."""
    from mlops_ci.commands.init import write
    from mlops_ci.wiring import first_commit, release_branch

    folder = Path(session.folder, session.arguments.directory)
    found = release_branch(folder, session.environment)
    branch = found or "main"
    beginning = _beginning(session, folder, branch)
    written, kept = write(folder, session.arguments.example, branch)
    for name in written:
        session.talk(f"wrote {name}")
    for name in kept:
        session.talk(f"left alone {name}: it is there already")
    more = beginning.lay() if beginning else ()
    where = session.arguments.directory
    if found is None and written:
        commit = first_commit(folder, branch, (*written, *more), session.environment)
        session.say(f"a new git repository in {where}, branch {branch}, first commit {commit[:10]}")
    elif written or more:
        session.say(f"{len(written) + len(more)} files written in {where}; commit them to {branch}")
        if beginning is None:
            session.talk(f"hint: git add -A {where} && git commit -m 'Start with mlops-ci'")
    else:
        session.say(f"nothing to write in {where}: everything is there already")
    if beginning:
        ours = (
            (*written, *kept, ".gitignore") if written or more else ()
        )  # what an earlier `init` wrote may wait for its commit too
        beginning.tell_what_comes_next(ours, more, is_new=found is None)
        return 0
    at = "" if where == "." else f"-C {where} "
    if any(folder.glob("*/*/model.yaml")):
        session.talk(f"hint: mlops-ci {at}plan, then mlops-ci {at}run")
    else:
        session.talk(f"hint: add pipelines/NAME/model.yaml, or type `mlops-ci init {where} --example churn`")
    return 0


def _beginning(session: Session, folder: Path, branch: str) -> Beginning | None:
    """Return what writes the files of a CI system, where they are asked for; whatever it refuses, nothing is written.

    Raises:
        UsageError: they cannot be for this folder.

    """
    if session.arguments.ci is None:
        if session.arguments.package:
            raise UsageError(
                "`--package` says how CI installs mlops-ci", hint="mlops-ci init --ci github --package ..."
            )
        return None
    from mlops_ci.cli.starting_ci import beginning

    return beginning(session, folder, branch)


def _far(session: Session) -> tuple[Finding, ...]:
    from mlops_ci.wiring import far_findings

    return far_findings(session.place(), session.arguments.target)


def doctor_verb(session: Session) -> int:
    """Check that this machine has what is needed."""
    from mlops_ci.commands.doctor import examine, worst

    findings = (*examine(session.folder, session.environment), *_far(session))
    match session.arguments.format:
        case "json":
            rows = [{"check": f.check, "verdict": f.verdict, "found": f.found, "hint": f.hint} for f in findings]
            session.say(json.dumps({"format_version": 1, "checks": rows}, indent=2))
        case "md":
            rows_md = [f"| {f.check} | {f.verdict} | {f.found} | {f.hint} |" for f in findings]
            session.say("\n".join(["| check | verdict | found | hint |", "|---|---|---|---|", *rows_md]))
        case _:
            wide = max(len(f.check) for f in findings)
            for finding in findings:
                session.say(f"{finding.verdict:<7} {finding.check:<{wide}}  {finding.found}")
                if finding.hint:
                    session.say(f"        {'':<{wide}}  hint: {finding.hint}")
    return 69 if worst(findings) == "failed" else 0
