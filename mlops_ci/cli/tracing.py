"""The verbs that look back: history, show, logs, pull."""

from __future__ import annotations

from pathlib import Path

from mlops_ci.cli.reading import situation_of
from mlops_ci.cli.session import Session


def logs_verb(session: Session) -> int:
    """Print the log of a job or an endpoint."""
    from mlops_ci.commands.logs import endpoint_follow, endpoint_log, job_log

    asked = session.arguments
    world = session.world()
    if asked.environment and asked.follow:
        lines = endpoint_follow(world, asked.model, asked.environment, asked.tail)
    elif asked.environment:
        lines = iter(endpoint_log(world, asked.model, asked.environment, asked.tail))
    else:
        lines = job_log(world, asked.model, asked.candidate or "", asked.tail, follow=asked.follow)
    from mlops_ci.cli.unheard import unheard

    is_heard = session.environment.get("GITHUB_ACTIONS") == "true"
    for line in lines:
        shown = unheard(line) if is_heard else line
        session.out.write(shown.rstrip("\n") + "\n")  # whoever reads no more ends it: a log may be long
        if asked.follow:
            session.out.flush()
    return 0


def pull_verb(session: Session) -> int:
    """Fetch a released package."""
    from mlops_ci.commands.pull import pull, version_of
    from mlops_ci.executor.assess import assess

    name, _, text = session.arguments.subject.partition("@")
    world = session.world()
    desired = assess(world, (name,), fetch=False).desired[0]
    version = version_of(desired, text)
    folder = Path(session.folder, session.arguments.output or f"{name}-v{version}")
    session.say(str(pull(world, desired, version, folder)))
    return 0


def history_verb(session: Session) -> int:
    """Show promotions, deployments, tests and gates in order."""
    from mlops_ci.executor.healing import whole_ledger
    from mlops_ci.records.history import history
    from mlops_ci.views.history import history_json, history_markdown, history_text

    world = session.world()
    situation = situation_of(session, world)
    ledger, limit = whole_ledger(world, situation), session.arguments.limit
    found = tuple(history(d.name, d.release, ledger).last(limit) for d in situation.desired)
    session.show(found, history_text, history_markdown, history_json)
    return 0


def show_verb(session: Session) -> int:
    """Trace a version back to its code and data, or a commit forward to what serves; or show a saved plan."""
    if session.arguments.subject.endswith(".json"):
        from mlops_ci.cli.saving import show_saved

        return show_saved(session, session.arguments.subject)
    from mlops_ci.errors import UsageError
    from mlops_ci.executor.assess import assess
    from mlops_ci.executor.healing import whole_ledger
    from mlops_ci.manifest.document import did_you_mean
    from mlops_ci.records.lineage import trace, uses, version_named
    from mlops_ci.views.lineage import trace_json, trace_markdown, trace_text, uses_json, uses_markdown, uses_text

    subject = session.arguments.subject
    name, _, text = subject.partition("@")
    world = session.world()
    situation = assess(world, (), fetch=False)
    ledger = whole_ledger(world, situation)
    desired = next((d for d in situation.desired if d.name == name), None)
    if desired is None:
        found = uses(subject, tuple((d.name, d.release) for d in situation.desired), ledger)
        if not found.commits:
            hint = did_you_mean(name, (d.name for d in situation.desired), "mlops-ci history")
            raise UsageError(f"`{subject}` is no model, and no commit that a record names", hint=hint)
        session.show(found, uses_text, uses_markdown, uses_json)
        return 0
    version = version_named(desired.release, text)
    traced = trace(name, version, desired.release, ledger) if version is not None else None
    if traced is None:
        if not desired.release.versions:
            raise UsageError(f"no version of `{name}` is released yet", hint=f"mlops-ci run {name}")
        known = ", ".join(f"v{number}" for number, _ in desired.release.versions)
        raise UsageError(f"`{name}` has no version `{text}` (versions: {known})", hint=f"mlops-ci history {name}")
    session.show(traced, trace_text, trace_markdown, trace_json)
    return 0
