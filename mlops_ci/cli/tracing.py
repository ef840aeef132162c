"""The verbs that look back: history, show, logs, pull."""

from __future__ import annotations

from pathlib import Path

from mlops_ci.cli.reading import situation_of
from mlops_ci.cli.session import Session


def logs_verb(session: Session) -> int:
    """Print the log of a job or an endpoint."""
    from mlops_ci.commands.logs import endpoint_log, job_log

    asked = session.arguments
    world = session.world()
    if asked.environment:
        lines = iter(endpoint_log(world, asked.model, asked.environment, asked.tail))
    else:
        lines = job_log(world, asked.model, asked.candidate or "", asked.tail)
    for line in lines:
        session.out.write(line.rstrip("\n") + "\n")
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
    return _trace(session, situation_of(session))
