"""`ci batch`: candidates are trained by CodeBuild, one build each."""

from __future__ import annotations

from mlops_ci.cli.reading import situation_of
from mlops_ci.cli.session import Session


def batch_action(session: Session) -> int:
    """Train what the plan names by a batch of builds, and wait for it."""
    from mlops_ci.commands.fleet import train_by_fleet
    from mlops_ci.wiring.fleets import fleets

    asked = session.arguments
    chosen = fleets(session.environment, asked.project, session.root().prefix.rstrip("/"))
    world = session.world()
    plan = situation_of(session, world).plan
    train_by_fleet(chosen, world.clock, plan.basis.commit, plan, session.say)
    return 0
