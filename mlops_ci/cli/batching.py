"""The verb that sends files through what is released: batch."""

from __future__ import annotations

from time import monotonic

from mlops_ci.cli.session import Session

_SECONDS = 30.0
"""How often a long run says that it goes on."""


def batch_verb(session: Session) -> int:
    """Send a file's rows, or those of each file of a folder, through a released package."""
    from mlops_ci.commands.batch import answers, pairs, released
    from mlops_ci.executor.assess import assess
    from mlops_ci.wiring import batch_files

    asked = session.arguments
    world = session.world()
    files = batch_files(session.place(), world)
    which = pairs(files, asked.input, asked.output)
    situation = assess(world, (asked.model,), fetch=True)
    what = released(situation.desired[0], environment=asked.environment, version=asked.version, commit=situation.commit)
    session.talk(f"{what.model} v{what.version}, package {what.package[:12]}")
    last = began = monotonic()

    def tell(sentence: str) -> None:
        nonlocal last
        if monotonic() - last >= _SECONDS:
            last = monotonic()
            session.talk(f"{sentence} ({last - began:.0f} s)")

    for done in answers(world, files, what, which, tell, session.cancelled.set):
        how = "answered before" if done.was_known else f"{done.seconds:.1f} s"
        session.say(f"{done.source}: {done.rows} rows ({how}) in {done.output}")
    return 0
