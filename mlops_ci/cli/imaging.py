"""The verb about images: build."""

from __future__ import annotations

from mlops_ci.cli.session import Session


def image_verb(session: Session) -> int:
    """Build the images of a model's Dockerfiles, or of one candidate's; one that is there is built no more."""
    from mlops_ci.commands.images import buildings
    from mlops_ci.executor.building import build, builder_of

    asked = session.arguments
    world = session.world()
    builder_of(world)
    for building in buildings(world, asked.model, asked.candidate or ""):
        session.talk(f"{building.model}/{building.candidate}: {building.name}")
        built = build(world, building, session.talk)
        how = "there already" if built.was_known else "built"
        session.say(f"{building.model}/{building.candidate}: {built.reference} ({how})")
    return 0
