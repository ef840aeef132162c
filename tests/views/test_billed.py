"""Seconds that a provider asks to be paid for: recorded where it says so, and told where they are known."""

from __future__ import annotations

import json
from dataclasses import replace

from mlops_ci.plan.leaderboard import Leaderboard, leaderboard
from mlops_ci.records.codec import decode, encode
from mlops_ci.records.facts import Finished
from mlops_ci.views.leaderboard import leaderboard_json, leaderboard_text
from tests.factories import finished, intent
from tests.worlds import World, done_world


def board(world: World) -> Leaderboard:
    return leaderboard((world.desired,), world.ledger)


def paid() -> World:
    """Return a world in which SageMaker says what the training of one candidate costs."""
    world = done_world()
    fingerprint = intent(world.desired, "boosting").fingerprint
    facts = (
        replace(fact, billed_seconds=27.0) if isinstance(fact, Finished) and fact.fingerprint == fingerprint else fact
        for fact in world.facts
    )
    return replace(world, facts=tuple(facts))


def test_billed_seconds_are_read_as_they_were_written_and_written_only_where_known() -> None:
    end = finished(intent(done_world().desired, "boosting"))
    assert b"billed_seconds" not in encode(end)
    spot = replace(end, billed_seconds=27.0)
    assert decode(spot.name, encode(spot)) == spot
    assert decode(end.name, encode(end)) == end


def test_the_leaderboard_has_a_column_of_them_only_where_one_is_known() -> None:
    assert "billed" not in leaderboard_text(board(done_world()))
    header, *rows = leaderboard_text(board(paid())).splitlines()[1:]
    at = header.index("billed")
    assert rows[0][at : at + 6].strip() == "27 s"
    assert not rows[1][at : at + 6].strip()


def test_the_json_says_them_of_whom_they_are_known() -> None:
    entries = json.loads(leaderboard_json(board(paid())))["models"][0]["entries"]
    assert [entry.get("billed_seconds") for entry in entries] == [27.0, None]
