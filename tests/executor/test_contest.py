"""Holding a contest: differences to the champion on the same rows, recorded with it, and intervals with each score."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.commands.compare import compare
from mlops_ci.errors import UsageError
from mlops_ci.judging.scores import Difference
from mlops_ci.judging.significance import mcnemar
from mlops_ci.records.facts import Decided
from tests.executor.small import Small, candidate, small


def last(world: Small) -> Decided:
    return max(world.ledger.contests.values(), key=lambda decided: decided.at)


def test_the_losers_of_a_first_contest_are_compared_with_the_winner_and_nobody_had_to_be_beaten(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    made = last(world)
    assert (made.outcome, made.candidate, made.p_values) == ("promote", "good", ())
    ((name, apart),) = made.differences
    assert name == "bad"
    assert (apart.metric, apart.value, apart.p_value) == ("accuracy", -0.3, mcnemar(0, 3))
    assert apart.low is not None
    assert apart.high is not None
    assert apart.low < -0.3 < apart.high <= 0


def test_whoever_loses_to_a_champion_that_stays_is_compared_with_it(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    world.push("candidates/bad.yaml", candidate(3))
    world.run()
    made = last(world)
    assert (made.outcome, made.candidate) == ("stay", "good")
    assert made.p_values == (("bad", mcnemar(0, 1)),)
    ((name, apart),) = made.differences
    assert (name, apart.value, apart.p_value) == ("bad", -0.1, mcnemar(0, 1))


def test_a_former_champion_is_compared_with_the_one_that_beat_it(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    world.push("candidates/bad.yaml", candidate(5))
    world.run()
    made = last(world)
    assert (made.outcome, made.candidate) == ("promote", "bad")
    assert made.p_values == (("bad", mcnemar(1, 0)),)
    ((name, apart),) = made.differences
    assert (name, apart.value) == ("good", -0.1)


def test_predictions_that_are_gone_leave_the_difference_out_and_the_contest_as_it_is(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    world.records.kept = {name: text for name, text in world.records.kept.items() if "/contests/" not in name}
    lost = next(e for e in world.ledger.evaluations.values() if e.candidate == "bad")
    world.artifacts.fetch(lost.predictions).unlink()
    world.run()
    assert (last(world).outcome, last(world).candidate, last(world).differences) == ("stay", "good", ())


def test_every_evaluation_is_recorded_with_its_intervals(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    found = {e.candidate: e.scores.measurement("accuracy") for e in world.ledger.evaluations.values()}
    bad = found["bad"]
    assert bad is not None
    assert bad.low is not None
    assert bad.high is not None
    assert 0.2 <= bad.low < 0.6 < bad.high <= 1


def test_candidates_are_compared_from_their_recorded_predictions(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    found = compare(world.world, world.assess(), ("bad",))
    assert [side.asked for side in found.sides] == ["champion", "bad"]
    assert found.rows == 10
    (row,) = found.metrics
    assert row.values == (0.9, 0.6)
    assert row.differences == (dict(last(world).differences)["bad"],)
    assert [(field.path, field.values) for field in found.fields] == [("hyperparameters.cut", (4, 1))]
    turned = compare(world.world, world.assess(), ("bad", "good")).metrics[0]
    apart = turned.differences[0]
    assert isinstance(apart, Difference)
    assert (apart.value, turned.values) == (0.3, (0.6, 0.9))


def test_nobody_is_compared_with_itself_or_with_strangers(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    with pytest.raises(UsageError, match="`champion` and `good` are one and the same package"):
        compare(world.world, world.assess(), ("good",))
    with pytest.raises(UsageError, match="there is no name `god`") as raised:
        compare(world.world, world.assess(), ("god", "bad"))
    assert raised.value.hint == "did you mean `good`?"
    world.push("candidates/bad.yaml", candidate(3))
    with pytest.raises(UsageError, match="`bad` is not trained as it is now"):
        compare(world.world, world.assess(), ("bad",))
    with pytest.raises(UsageError, match="`--compare` wants one model, and 0 are selected"):
        compare(world.world, replace(world.assess(), desired=()), ("bad",))
