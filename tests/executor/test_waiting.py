"""Which steps may begin: the order of the plan, and each step looked at only when something it needs has ended."""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_ci.executor.events import Outcome, StepEnded
from mlops_ci.executor.waiting import Waiting
from mlops_ci.plan.steps import Evaluate, Promote, Scheduled, Step, Train


def ended(step: Step, outcome: Outcome = Outcome.DONE) -> StepEnded:
    return StepEnded(step, outcome, "", 0.0)


def ids(ends: list[StepEnded]) -> list[str]:
    return [end.step.id for end in ends]


@st.composite
def plans(draw: st.DrawFn) -> tuple[Scheduled, ...]:
    """Draw steps that need some of those before them, and of steps that are not there."""
    steps = [Train("m", f"c{number}") for number in range(draw(st.integers(1, 8)))]
    before = [[*(step.id for step in steps[:number]), "m/elsewhere"] for number in range(len(steps))]
    needs = [draw(st.lists(st.sampled_from(names), max_size=3)) for names in before]
    return tuple(Scheduled(step, tuple(needed)) for step, needed in zip(steps, needs, strict=True))


@settings(deadline=None)
@given(plans(), st.data())
def test_every_step_ends_once_and_begins_only_behind_what_it_needs(
    plan: tuple[Scheduled, ...], data: st.DataObject
) -> None:
    waiting, outcomes = Waiting(plan), dict[str, Outcome]()
    while (scheduled := waiting.next()) is not None:
        mine = [outcomes.get(need) for need in scheduled.needs if need != "m/elsewhere"]
        assert all(outcome is Outcome.DONE for outcome in mine)
        outcome = data.draw(st.sampled_from([Outcome.DONE, Outcome.FAILED]))
        outcomes[scheduled.step.id] = outcome
        for stopped in waiting.ended(ended(scheduled.step, outcome)):
            assert stopped.step.id not in outcomes
            outcomes[stopped.step.id] = stopped.outcome
    assert not waiting
    assert set(outcomes) == {scheduled.step.id for scheduled in plan}
    for scheduled in plan:
        blocked = any(outcomes[need] is not Outcome.DONE for need in scheduled.needs if need in outcomes)
        assert (outcomes[scheduled.step.id] is Outcome.STOPPED) == blocked


def test_steps_that_may_begin_do_so_in_the_order_of_the_plan() -> None:
    first, second, third = Train("m", "a"), Train("m", "b"), Train("m", "c")
    behind = Evaluate("m", "a")
    waiting = Waiting(
        (Scheduled(first, ()), Scheduled(behind, (first.id,)), Scheduled(second, ()), Scheduled(third, ()))
    )
    assert [s.step if (s := waiting.next()) else None for _ in range(2)] == [first, second]
    assert list(waiting.ended(ended(first))) == []
    assert [s.step if (s := waiting.next()) else None for _ in range(3)] == [behind, third, None]


def test_what_stands_behind_a_failure_is_told_with_the_step_that_failed() -> None:
    train, evaluate, promote = Train("m", "a"), Evaluate("m", "a"), Promote("m")
    waiting = Waiting((Scheduled(train, ()), Scheduled(evaluate, (train.id,)), Scheduled(promote, (evaluate.id,))))
    assert waiting.next() is not None
    told = list(waiting.ended(ended(train, Outcome.FAILED)))
    assert ids(told) == [evaluate.id, promote.id]
    assert [train.id in told[0].sentence, evaluate.id in told[1].sentence] == [True, True]
    assert not waiting


def test_the_time_for_a_step_does_not_grow_with_how_many_there_are() -> None:
    def seconds(count: int) -> float:
        trains = [Scheduled(Train("m", f"c{number}"), ()) for number in range(count)]
        last = Scheduled(Promote("m"), tuple(scheduled.step.id for scheduled in trains))
        waiting, began = Waiting((*trains, last)), time.process_time()
        while (scheduled := waiting.next()) is not None:
            list(waiting.ended(ended(scheduled.step)))
        assert not waiting
        return (time.process_time() - began) / count

    # 20 times as many: a look at all of them for each would cost 20 times as much; what is left are caches and noise.
    assert min(seconds(20_000) for _ in range(3)) < 6 * min(seconds(1_000) for _ in range(3))
