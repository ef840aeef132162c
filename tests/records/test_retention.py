"""Which records nothing needs any more."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator

import pytest

from mlops_ci.fingerprint.canonical import digest
from mlops_ci.judging.scores import Measurement, Scores
from mlops_ci.model.effects import Json
from mlops_ci.records.facts import Approved, Evaluated, Fact, Finished, Intent, Packaged, Promoted, Seen
from mlops_ci.records.retention import Needed, Noted, Policy, given_up, noted

NOW = "2026-03-01T00:00:00.000Z"
YESTERDAY = "2026-02-28T00:00:00.000Z"
OLD = Policy("2026-02-01T00:00:00.000Z", None, YESTERDAY)
TWO = Policy(None, 2, YESTERDAY)
NOTHING = Needed(frozenset(), frozenset({"churn"}))
PROCESSING: dict[str, Json] = {"name": "churn", "script": "split.py"}


def fp(number: int) -> str:
    return f"{number:032x}" * 2


def package(number: int) -> str:
    return fp(number + 1000)


def evaluation(number: int) -> str:
    return fp(number + 2000)


def at(day: int) -> str:
    return f"2026-01-{day:02d}T00:00:00.000Z"


def trained(number: int, *, day: int = 1, candidate: str = "linear", outcome: str = "succeeded") -> tuple[Fact, ...]:
    recipe = json.dumps({"name": "churn", "processing": PROCESSING})
    return (
        Intent("churn", "training", candidate, fp(number), 1, "c", recipe, at(day)),
        Finished(
            "churn", "training", fp(number), 1, outcome, "", 1.0, at(day), at(day), (("model", fp(9000 + number)),)
        ),
    )


def evaluated(number: int, *, day: int = 1, candidate: str = "linear") -> tuple[Fact, ...]:
    scores = Scores("accuracy", 1, (Measurement("accuracy", 0.9, 1),))
    recipe = json.dumps({"package": package(number)})
    return (
        Packaged("churn", package(number), candidate, fp(number), fp(9000 + number), fp(1), "{}"),
        Intent("churn", "evaluation", candidate, evaluation(number), 1, "c", recipe, at(day)),
        Finished("churn", "evaluation", evaluation(number), 1, "succeeded", "", 1.0, at(day), at(day)),
        Evaluated(
            "churn",
            evaluation(number),
            candidate,
            fp(number),
            package(number),
            "c",
            scores,
            fp(3),
            1.0,
            at(day),
            recipe,
        ),
    )


def gone(*facts: Fact, needed: Needed = NOTHING, policy: Policy = OLD, put: str = at(2)) -> tuple[str, ...]:
    return given_up(notes(facts, put), needed, policy)


def notes(facts: tuple[Fact, ...], put: str = at(2)) -> Iterator[Noted]:
    return (note for fact in facts if (note := noted(fact, put)) is not None)


def names(*facts: Fact) -> set[str]:
    return {fact.name for fact in facts}


def test_what_is_old_goes_with_its_packages_evaluations_and_the_jobs_behind_them() -> None:
    old = (*trained(1), *evaluated(1))
    young = (*trained(2, day=31), *evaluated(2, day=31))
    policy = Policy("2026-01-15T00:00:00.000Z", None, YESTERDAY)
    assert {*gone(*old, *young, policy=policy)} == names(*old)


def test_nothing_goes_where_nobody_asks() -> None:
    assert gone(*trained(1), *evaluated(1), policy=Policy(None, None, YESTERDAY)) == ()


def test_history_itself_never_goes() -> None:
    history = (
        Approved("churn", "production", package(1), "ada", "", at(1)),
        Promoted("churn", 1, package(1), "linear", "a", "b", "it won", at(1)), Seen("churn", fp(1), "{}", at(1)),
    )  # fmt: skip
    assert {*gone(*trained(1), *history)} == names(*trained(1))


@pytest.mark.parametrize("held", [fp(1), package(1), evaluation(1)])
def test_what_a_release_names_stays_with_all_that_belongs_to_it(held: str) -> None:
    needed = Needed(frozenset({held}), frozenset({"churn"}))
    assert gone(*trained(1), *evaluated(1), needed=needed) == ()
    assert gone(*trained(1), *evaluated(1), needed=needed, policy=Policy(OLD.before, 1, YESTERDAY)) == ()


def test_models_of_another_repository_are_left_alone() -> None:
    assert gone(*trained(1), needed=Needed(frozenset(), frozenset({"parcels"}))) == ()


def test_an_attempt_that_did_not_end_keeps_all_that_it_may_need() -> None:
    intent, _ = trained(1)
    assert gone(intent, *evaluated(1)) == ()
    begun = evaluated(1)[1]
    assert gone(*trained(1), evaluated(1)[0], begun) == (), "an evaluation is at work on this package"
    again = Intent("churn", "training", "linear", fp(1), 2, "c", "{}", at(3))
    assert gone(*trained(1), again) == ()


def test_what_came_a_moment_ago_stays_with_all_that_belongs_to_it() -> None:
    assert gone(*trained(1), put=NOW) == ()
    young = {
        fact.name: noted(fact, NOW if isinstance(fact, Packaged) else at(2)) for fact in (*trained(1), *evaluated(1))
    }
    assert given_up((note for note in young.values() if note), NOTHING, OLD) == ()


def test_the_newest_of_a_candidate_stay_and_failures_do_not_count_among_them() -> None:
    facts = [trained(number, day=number) for number in range(1, 6)]
    failed = trained(6, day=6, outcome="failed")
    other = trained(7, day=1, candidate="boosting")
    everything = (*itertools.chain(*facts), *failed, *other)
    assert {*gone(*everything, policy=TWO)} == names(*facts[0], *facts[1], *facts[2])


def test_where_both_are_asked_both_must_hold() -> None:
    facts = [trained(number, day=number) for number in range(1, 6)]
    policy = Policy(at(3), 1, YESTERDAY)
    assert {*gone(*itertools.chain(*facts), policy=policy)} == names(*facts[0], *facts[1])


def test_processing_goes_when_nothing_that_stays_rests_on_it() -> None:
    made = digest(PROCESSING)
    processing: tuple[Fact, ...] = (
        Intent("churn", "processing", "", made, 1, "c", json.dumps(PROCESSING), at(1)),
        Finished("churn", "processing", made, 1, "succeeded", "", 1.0, at(1), at(1), (("train", fp(5)),)),
    )
    kept = Needed(frozenset({fp(1)}), frozenset({"churn"}))
    assert gone(*processing, *trained(1), needed=kept) == ()
    assert {*gone(*processing, *trained(1))} == names(*processing, *trained(1))
    asked = Needed(frozenset({made}), frozenset({"churn"}))
    assert {*gone(*processing, *trained(1), needed=asked)} == names(*trained(1))


def test_batch_runs_of_tests_go_by_age_alone() -> None:
    batch: tuple[Fact, ...] = (
        Intent("churn", "transform", "", fp(1), 1, "c", "{}", at(1)),
        Finished("churn", "transform", fp(1), 1, "succeeded", "", 1.0, at(1), at(1), (("predictions", fp(5)),)),
    )
    assert gone(*batch, policy=TWO) == ()
    assert {*gone(*batch)} == names(*batch)


def test_of_work_that_is_not_known_nothing_goes() -> None:
    strange: tuple[Fact, ...] = (
        Intent("churn", "dreaming", "", fp(1), 1, "c", "{}", at(1)),
        Finished("churn", "dreaming", fp(1), 1, "succeeded", "", 1.0, at(1), at(1), (("dream", fp(5)),)),
    )
    assert gone(*strange, policy=Policy(OLD.before, 1, YESTERDAY)) == gone(*strange) == ()


def test_an_intent_goes_before_its_end_and_a_package_before_both() -> None:
    order = [name.split("/")[1] + "/" + name.rpartition("/")[2][:8] for name in gone(*trained(1), *evaluated(1))]
    kinds = [entry.split("/")[0] if "attempts" not in entry else entry.split("/")[1] for entry in order]
    assert kinds == ["evaluations", "packages", "intent", "intent", "finished", "finished"]


def test_wherever_it_was_ended_before_the_next_time_gives_up_the_rest() -> None:
    facts = (*trained(1), *evaluated(1))
    order = gone(*facts)
    for done in range(1, len(order)):
        left = tuple(fact for fact in facts if fact.name not in order[:done])
        for policy in (OLD, Policy(None, 1, YESTERDAY)):
            rest = gone(*left, policy=policy)
            if policy is OLD:
                assert {*rest} == names(*left)
            assert not any(
                n.endswith("/finished") and n.replace("finished", "intent") in names(*left) - {*rest} for n in rest
            )


def test_recipes_that_are_no_recipes_keep_nothing_and_break_nothing() -> None:
    for recipe in ("", "[]", "{", '{"processing": {"x": NaN}}', "[" * 100_000, '{"package": [1]}'):
        intent = Intent("churn", "training", "linear", fp(1), 1, "c", recipe, at(1))
        assert {*gone(intent, trained(1)[1])} == names(*trained(1))
