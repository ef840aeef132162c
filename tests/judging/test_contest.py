"""The contest: its rules one by one, and what holds whatever the scores are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.judging.contest import Contender, Decision, Outcome, Rules, Why, decide
from mlops_ci.judging.scores import Measurement, Scores
from mlops_ci.model import BeatChampion, Criterion, CustomMetric, Evaluation, Goal, Promotion

ACCURACY = Evaluation("accuracy", ("roc_auc",))


def contender(name: str, accuracy: float | None, roc_auc: float | None = 0.5, package: str = "") -> Contender:
    scores = Scores(
        "accuracy",
        100,
        (Measurement("accuracy", accuracy, 100, reason="because"), Measurement("roc_auc", roc_auc, 100)),
    )
    return Contender(name, f"f-{name}", package or f"p-{name}", f"e-{package or name}", scores)


def rules(
    *require: Criterion,
    tie_break: tuple[str, ...] = (),
    margin: float = 0.0,
    confidence: float | None = None,
    rolled_back: tuple[str, ...] = (),
) -> Rules:
    return Rules(Promotion(require, BeatChampion(margin, confidence), tie_break), ACCURACY, rolled_back)


def why(decision: Decision) -> dict[str, Why]:
    return {place.candidate: place.why for place in decision.places}


def test_the_best_wins_where_there_is_no_champion() -> None:
    made = decide((contender("linear", 0.87), contender("boosting", 0.96)), None, rules(), {})
    assert (made.outcome, made.candidate, made.package) == (Outcome.PROMOTE, "boosting", "p-boosting")
    assert why(made) == {"boosting": Why.WON, "linear": Why.WORSE}
    assert made.sentence == "`boosting` wins with `accuracy` 0.96; next is `linear` with 0.87"
    assert made.places[1].sentence == "has `accuracy` 0.87 against 0.96 of `boosting`"


def test_a_requirement_that_is_not_met_takes_the_best_out() -> None:
    demand = Criterion("roc_auc", min=0.9)
    made = decide((contender("a", 0.99, 0.8), contender("b", 0.9, 0.95)), None, rules(demand), {})
    assert made.candidate == "b"
    assert [(p.candidate, p.why) for p in made.places] == [("b", Why.WON), ("a", Why.REQUIREMENT)]
    assert made.places[1].sentence == "`roc_auc` is 0.8 over 100 rows, and must be at least 0.9"


def test_nobody_wins_where_nobody_meets_what_is_required() -> None:
    made = decide((contender("a", 0.5), contender("b", None)), None, rules(Criterion("accuracy", min=0.9)), {})
    assert (made.outcome, made.candidate, made.package) == (Outcome.NOBODY, "", "")
    assert why(made) == {"a": Why.REQUIREMENT, "b": Why.NO_SCORE}
    assert decide((), None, rules(), {}).outcome is Outcome.NOBODY


def test_the_champion_stays_where_it_is_the_best_or_nobody_else_may() -> None:
    champion = contender("b", 0.96)
    made = decide((contender("a", 0.95), champion), champion, rules(), {})
    assert (made.outcome, made.package) == (Outcome.STAY, "p-b")
    assert made.sentence == "the champion `b` stays, with `accuracy` 0.96; next is `a` with 0.95"
    alone = decide((contender("a", None),), champion, rules(), {})
    assert (alone.outcome, alone.package) == (Outcome.STAY, "p-b")


def test_a_champion_that_is_no_candidate_any_more_is_replaced_by_an_equal_one_and_not_by_a_worse() -> None:
    champion = contender("gone", 0.9)
    assert decide((contender("a", 0.9),), champion, rules(), {}).candidate == "a"
    made = decide((contender("a", 0.899),), champion, rules(), {})
    assert (made.outcome, made.candidate) == (Outcome.STAY, "gone")
    assert why(made) == {"a": Why.WORSE}
    assert made.sentence.endswith("`a` has `accuracy` 0.899 against 0.9 of `gone`: worse than the champion")


def test_among_equals_the_tie_break_decides_then_the_champion_stays_then_its_candidate_then_the_name() -> None:
    a, b = contender("a", 0.9, 0.7), contender("b", 0.9, 0.8)
    assert decide((a, b), None, rules(tie_break=("roc_auc",)), {}).candidate == "b"
    assert decide((a, b), a, rules(tie_break=("roc_auc",)), {}).candidate == "b"
    assert decide((a, b), b, rules(), {}).outcome is Outcome.STAY
    assert decide((a, b), b, rules(tie_break=("name",)), {}).outcome is Outcome.STAY
    assert decide((a, b), contender("b", 0.9, package="old"), rules(), {}).candidate == "b"
    made = decide((a, b), None, rules(), {})
    assert made.candidate == "a"
    assert why(made)["b"] is Why.TIED
    told = decide((a, b), None, rules(tie_break=("roc_auc",)), {}).places[1].sentence
    assert told == "has the same `accuracy` as `b`, and `roc_auc` decides: 0.7 against 0.8"


def test_an_equal_package_stays_champion_also_where_its_candidate_has_another_name_now() -> None:
    champion = contender("old-name", 0.9, package="p-b")
    assert decide((contender("a", 0.9), contender("b", 0.9)), champion, rules(), {}).outcome is Outcome.STAY


def test_a_margin_must_be_reached() -> None:
    champion = contender("b", 0.2)
    near, far = contender("a", 0.29), contender("a", 0.3)
    assert why(decide((near, champion), champion, rules(margin=0.1), {})) == {"a": Why.MARGIN, "b": Why.IS_CHAMPION}
    assert decide((far, champion), champion, rules(margin=0.1), {}).candidate == "a"
    assert decide((near,), None, rules(margin=0.1), {}).candidate == "a"


@pytest.mark.parametrize(("p_value", "wins"), [(0.04, True), (0.05, True), (0.06, False)])
def test_a_confidence_must_be_reached_and_p_values_are_told_in_any_case(p_value: float, *, wins: bool) -> None:
    champion = contender("b", 0.9)
    made = decide((contender("a", 0.91), champion), champion, rules(confidence=0.95), {"a": p_value})
    assert (made.outcome is Outcome.PROMOTE) == wins
    assert made.p_values == (("a", p_value),)
    assert made.sentence.endswith(f"the champion was `b` with 0.9 (p = {p_value:.2g})") == wins
    assert decide((contender("a", 0.91),), champion, rules(), {"a": 0.9}).p_values == (("a", 0.9),)


def test_without_a_p_value_no_confidence_is_reached() -> None:
    champion = contender("b", 0.9)
    made = decide((contender("a", 0.99),), champion, rules(confidence=0.95), {})
    assert why(made) == {"a": Why.CONFIDENCE}


def test_what_was_rolled_back_is_not_promoted_again_by_itself() -> None:
    champion = contender("b", 0.9)
    made = decide((contender("a", 0.95), champion), champion, rules(rolled_back=("p-a",)), {})
    assert made.outcome is Outcome.STAY
    assert why(made)["a"] is Why.ROLLED_BACK


def test_a_champion_without_a_score_is_replaced() -> None:
    assert decide((contender("a", 0.5),), contender("b", None), rules(), {}).candidate == "a"


def test_a_loss_is_better_when_it_is_smaller() -> None:
    own = Evaluation("cost", custom=(CustomMetric("cost", "m:f", Goal.MINIMIZE),))

    def costing(name: str, cost: float) -> Contender:
        return Contender(name, name, name, name, Scores("cost", 9, (Measurement("cost", cost, 9),)))

    made = decide((costing("a", 3), costing("b", 2)), costing("a", 3), Rules(Promotion(), own), {})
    assert made.candidate == "b"
    wanting = Rules(Promotion(beat_champion=BeatChampion(1.5)), own)
    assert decide((costing("b", 2),), costing("a", 3), wanting, {}).outcome is Outcome.STAY


scored = st.sampled_from([None, 0.5, 0.7, 0.7000001, 0.9])
names = st.lists(st.sampled_from("abcdef"), unique=True, min_size=1, max_size=5)


@st.composite
def contests(draw: st.DrawFn) -> tuple[tuple[Contender, ...], Contender | None, Rules, dict[str, float]]:
    entries = tuple(contender(n, draw(scored), draw(scored), draw(st.sampled_from(["", "same"]))) for n in draw(names))
    # One package has one evaluation, whoever trained it.
    first = {entry.package: entry.scores for entry in reversed(entries)}
    entries = tuple(Contender(e.candidate, e.fingerprint, e.package, e.evaluation, first[e.package]) for e in entries)
    outsider = contender(draw(st.sampled_from("abcxyz")), draw(scored), draw(scored), "outside")
    champion = draw(st.sampled_from([None, outsider, *entries]))
    chosen = rules(
        *draw(st.sampled_from([(), (Criterion("roc_auc", min=0.6),)])),
        tie_break=draw(st.sampled_from([(), ("roc_auc",), ("roc_auc", "name"), ("name",)])),
        margin=draw(st.sampled_from([0.0, 0.1])),
        confidence=draw(st.sampled_from([None, 0.9])),
        rolled_back=draw(st.sampled_from([(), (entries[0].package,)])),
    )
    return entries, champion, chosen, {entry.candidate: draw(st.sampled_from([0.01, 0.5])) for entry in entries}


@given(contests(), st.randoms(use_true_random=False))
def test_the_order_of_the_contenders_never_matters(
    contest: tuple[tuple[Contender, ...], Contender | None, Rules, dict[str, float]], random: object
) -> None:
    entries, champion, chosen, p_values = contest
    shuffled = list(entries)
    getattr(random, "shuffle")(shuffled)  # noqa: B009 - hypothesis gives a `random.Random`
    assert decide(tuple(shuffled), champion, chosen, p_values) == decide(entries, champion, chosen, p_values)


@given(contests())
def test_a_champion_is_never_replaced_by_a_worse_one(
    contest: tuple[tuple[Contender, ...], Contender | None, Rules, dict[str, float]],
) -> None:
    entries, champion, chosen, p_values = contest
    made = decide(entries, champion, chosen, p_values)
    if champion is None or made.outcome is not Outcome.PROMOTE:
        return
    (winner,) = {e.scores.value("accuracy") for e in entries if e.package == made.package}
    before = champion.scores.value("accuracy")
    assert winner is not None
    assert before is None or winner >= before
    assert made.package != champion.package


@given(contests())
def test_deciding_again_after_a_promotion_changes_nothing(
    contest: tuple[tuple[Contender, ...], Contender | None, Rules, dict[str, float]],
) -> None:
    entries, champion, chosen, p_values = contest
    made = decide(entries, champion, chosen, p_values)
    if made.outcome is Outcome.PROMOTE:
        winner = next(e for e in entries if (e.candidate, e.package) == (made.candidate, made.package))
        again = decide(entries, winner, chosen, p_values)
        assert (again.outcome, again.package) == (Outcome.STAY, made.package)


@given(contests())
def test_every_candidate_is_told_why_once(
    contest: tuple[tuple[Contender, ...], Contender | None, Rules, dict[str, float]],
) -> None:
    entries, champion, chosen, p_values = contest
    made = decide(entries, champion, chosen, p_values)
    assert sorted(place.candidate for place in made.places) == sorted(entry.candidate for entry in entries)
    assert all(place.sentence for place in made.places)
    assert [place.why for place in made.places].count(Why.WON) == (made.outcome is Outcome.PROMOTE)
