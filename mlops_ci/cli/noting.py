"""The verb for looking by hand: notebook."""

from __future__ import annotations

from time import monotonic

from mlops_ci.cli.session import Session
from mlops_ci.commands.notebook import candidate_of, started, told

_SECONDS = 30.0
"""How often it says that it still waits."""


def notebook_verb(session: Session) -> int:
    """Start, stop or look at the notebook of a model."""
    from mlops_ci.executor.notebook import delete, stop
    from mlops_ci.wiring import desk_of

    asked = session.arguments
    world, desk = desk_of(session.place(), asked.target, session.cancelled.is_set)
    last = began = monotonic()

    def tell(sentence: str) -> None:
        nonlocal last
        if monotonic() - last >= _SECONDS:
            last = monotonic()
            session.talk(f"{sentence} ({last - began:.0f} s)")

    match asked.action:
        case "start":
            from mlops_ci.executor.assess import assess

            situation = assess(world, (asked.model,), fetch=False)
            desired = situation.desired[0]
            candidate = candidate_of(desired, asked.candidate)
            found = started(world, desk, situation, desired, candidate, asked.instance, asked.idle, tell)
            session.say(told(found))
            if asked.candidate and found.candidate != candidate:
                session.talk(f"it ran already, for `{found.candidate}`")
                session.talk(f"hint: mlops-ci notebook {asked.model} stop, then start it for `{candidate}`")
            elif found.instance:
                session.talk(
                    f"`{found.instance}` costs money as long as it runs; its price: "
                    "https://aws.amazon.com/sagemaker/ai/pricing/"
                )
                session.talk(
                    f"hint: mlops-ci notebook {asked.model} stop; idle for {asked.idle} minutes it stops itself"
                )
        case "stop" if asked.delete:
            there = delete(world, desk, asked.model, tell)
            session.say(f"{asked.model}: its notebook is gone" if there else f"{asked.model}: there is no notebook")
        case "stop":
            ended = stop(world, desk, asked.model, tell)
            session.say(told(ended) if ended else f"{asked.model}: there is no notebook")
            if ended is not None and ended.instance:
                session.talk(f"hint: its disk is kept, and billed; mlops-ci notebook {asked.model} stop --delete")
        case _:
            now = desk.notebooks.status(asked.model)
            session.say(told(now) if now else f"{asked.model}: there is no notebook")
    return 0
