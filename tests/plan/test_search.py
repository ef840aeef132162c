"""What a search's fingerprint depends on, which trial is best, and what a plan says of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlops_ci.fingerprint.canonical import digest
from mlops_ci.model import Budget, CustomMetric, Evaluation, Goal, Range, Search, Strategy
from mlops_ci.plan.impacts import Part
from mlops_ci.plan.leaderboard import leaderboard
from mlops_ci.plan.manifest_diff import Side, model_difference
from mlops_ci.plan.search import Objective, trials_of
from tests.factories import Files, a_model, desire, finished, intent
from tests.searches import CHOSEN, SEARCH, a_search, searching, tried
from tests.worlds import World, with_candidate


def fingerprint(world: World) -> str:
    return next(c.fingerprint for c in world.desired.candidates if c.name == "boosting")


@pytest.mark.parametrize(
    "changed",
    [
        replace(SEARCH, seed=1),
        replace(SEARCH, strategy=Strategy.RANDOM),
        replace(SEARCH, budget=Budget(trials=5)),
        replace(SEARCH, metric="recall"),
        replace(SEARCH, ranges=SEARCH.ranges[:2]),
    ],
)
def test_whatever_decides_which_trials_there_are_is_in_the_fingerprint(changed: Search) -> None:
    assert fingerprint(a_search(changed)) != fingerprint(a_search())


def test_how_many_go_on_at_a_time_and_for_how_long_is_not_in_the_fingerprint() -> None:
    assert fingerprint(a_search(replace(SEARCH, budget=Budget(4, 3, 600)))) == fingerprint(a_search())


def test_the_deciding_metric_is_in_the_fingerprint_only_where_the_search_names_none() -> None:
    other = replace(a_model(), evaluation=Evaluation("recall"))
    plain = World(desire(with_candidate(other, "boosting", search=SEARCH)))
    named = World(desire(with_candidate(other, "boosting", search=replace(SEARCH, metric="f1"))))

    assert fingerprint(plain) != fingerprint(a_search())
    assert fingerprint(named) == fingerprint(a_search(replace(SEARCH, metric="f1")))


def test_the_direction_of_a_metric_of_the_users_is_in_the_fingerprint() -> None:
    found = set()
    for goal in Goal:
        model = replace(a_model(), evaluation=Evaluation("cost", custom=(CustomMetric("cost", "m:f", goal),)))
        found.add(fingerprint(World(desire(with_candidate(model, "boosting", search=SEARCH)))))

    assert len(found) == 2


def test_a_candidate_without_a_search_keeps_its_fingerprint() -> None:
    recipe = next(c.recipe for c in desire(a_model()).candidates if c.name == "boosting")

    assert "objective" not in recipe
    assert "search" not in recipe


def test_a_trial_is_the_candidate_that_has_its_hyperparameters_by_hand() -> None:
    given = CHOSEN[0][0]
    searched = next(c for c in a_search().desired.candidates if c.name == "boosting")
    fixed = next(c for c in a_model().candidates if c.name == "boosting").hyperparameters
    by_hand = desire(with_candidate(a_model(), "boosting", hyperparameters=tuple(sorted((*fixed, *given)))))

    assert searched.trial(given) == next(c for c in by_hand.candidates if c.name == "boosting")


def test_scoring_depends_on_rules_rows_and_serving_code_and_on_no_package() -> None:
    base = a_search().desired
    assert base.scoring(SEARCH) == a_search().desired.scoring(SEARCH)
    others = [
        replace(base, serving=(("inference.py", "9" * 40),)),
        replace(base, data=(("data", "9" * 40),)),
        replace(base, metric_code=(("m.py", "9" * 40),)),
        replace(base, model=replace(base.model, evaluation=Evaluation("accuracy", threshold=0.4))),
    ]

    assert len({one.scoring(SEARCH) for one in (base, *others)}) == 5
    assert base.validation("a") != base.evaluation("a")
    by_log = replace(SEARCH, objective="loss", goal=Goal.MINIMIZE)
    assert len({one.scoring(by_log) for one in (base, *others)}) == 1
    assert base.scoring(by_log) not in {base.scoring(SEARCH), base.scoring(replace(by_log, objective="gain"))}


def test_an_objective_is_what_a_search_is_after_in_its_direction_or_in_that_of_its_name() -> None:
    def aim(**more: object) -> Objective:
        return Objective.of(a_model(), replace(SEARCH, **more))  # type: ignore[arg-type]

    assert aim(objective="loss", goal=Goal.MINIMIZE) == Objective("loss", Goal.MINIMIZE, is_logged=True)
    assert aim(objective="log_loss") == Objective("log_loss", Goal.MINIMIZE, is_logged=True)
    assert aim(metric="log_loss") == Objective("log_loss", Goal.MINIMIZE)


def test_test_rows_of_their_own_channel_change_no_score_on_validation() -> None:
    def validation(**rows: str) -> str:
        files = Files(data=tuple(sorted((name, digest(value)) for name, value in rows.items())))
        return desire(a_model(), files=files).validation("p")

    same = validation(train="1", validation="2", test="3")
    assert same == validation(train="1", validation="2", test="9")
    assert same != validation(train="1", validation="9", test="3")


@pytest.mark.parametrize(("goal", "best"), [(Goal.MAXIMIZE, 2), (Goal.MINIMIZE, 1)])
def test_of_equal_scores_the_first_is_best_and_failed_ones_are_last(goal: Goal, best: int) -> None:
    world = searching()
    objective = Objective("accuracy", goal)
    ranked = objective.ranked(trials_of(world.ledger, fingerprint(world)))

    assert (ranked[0].number, ranked[-1].number) == (best, 3)
    assert objective.best(ranked) == ranked[0]
    assert objective.best((ranked[-1],)) is None


def test_a_trial_that_was_scored_again_counts_once_with_its_last_score() -> None:
    world = searching()
    again = replace(tried(world.desired, 1, scoring="f" * 64), score=0.99, at="2026-01-02T00:00:00.000Z")
    found = trials_of(world.recording(again).ledger, fingerprint(world))

    assert [trial.number for trial in found] == [1, 2, 3, 4]
    assert found[0].score == 0.99


def test_only_the_last_attempts_trials_are_todays() -> None:
    world = searching()
    second = world.recording(intent(world.desired, "boosting", attempt=2, minute=9))

    assert trials_of(second.ledger, fingerprint(world)) == ()


def test_a_search_that_stopped_says_where_and_how_long_the_rest_takes() -> None:
    change = next(c for c in searching(2).plan().changes if c.subject == "boosting")

    assert change.summary == (
        "search `boosting` again, 4 trials (bayesian): attempt 1 has not ended; it is taken up again after 2 trials"
    )
    assert change.seconds == 18.0 * 2
    (other,) = (c for c in searching(1).plan().changes if c.subject == "boosting")
    assert other.summary.endswith("it is taken up again after 1 trial")


def test_parallel_trials_and_the_time_limit_shorten_what_is_expected() -> None:
    world = searching(2)
    for budget, seconds in ((Budget(4, 2), 18.0), (Budget(4, 1, 30), 30.0)):
        model = with_candidate(a_model(), "boosting", search=replace(SEARCH, budget=budget))
        plan = world.desiring(model).plan()
        assert next(c for c in plan.changes if c.subject == "boosting").seconds == seconds


def test_before_a_first_search_the_trainings_by_hand_say_how_long_a_trial_takes() -> None:
    before = World(desire(a_model()))
    start = intent(before.desired, "boosting")
    world = before.recording(start, finished(start, seconds=10.0)).desiring(a_search().desired.model)
    change = next(c for c in world.plan().changes if c.subject == "boosting")

    assert change.seconds == 40.0
    assert change.summary.startswith("search `boosting` again, 4 trials (bayesian): ")


def test_one_changed_bound_is_told_by_the_name_of_its_range() -> None:
    ranges = (replace(SEARCH.ranges[0], max=16), *SEARCH.ranges[1:])
    world = searching().desiring(a_search(replace(SEARCH, ranges=ranges)).desired.model)
    change = next(c for c in world.plan().changes if c.subject == "boosting")

    assert [(r.field, r.old, r.new) for r in change.reasons] == [("candidate.search.ranges.depth.max", "8", "16")]


def test_the_leaderboard_shows_what_the_search_chose() -> None:
    (board,) = leaderboard((searching().desired,), searching().ledger).boards
    entry = next(e for e in board.entries if e.candidate == "boosting")

    assert dict(entry.hyperparameters) == {
        "depth": 8, "learning_rate": 0.1, "loss": "hinge|`x`", "max_iter": 150, "rate": 0.0123456789,
    }  # fmt: skip


def test_a_grid_counts_in_the_order_of_its_names() -> None:
    grid = Search((Range("a", values=(1, 2)), Range("b", values=("x", "y", "z"))), Strategy.GRID)

    assert grid.trials == 6
    assert [grid.combination(n) for n in (1, 2, 6)] == [
        (("a", 1), ("b", "x")), (("a", 1), ("b", "y")), (("a", 2), ("b", "z")),
    ]  # fmt: skip


def test_a_search_that_is_metadata_apart_unchanged_is_never_made_again() -> None:
    done = searching()
    model = with_candidate(a_model(), "boosting", search=replace(SEARCH, budget=Budget(4, 3)))
    subjects = {c.subject: c.action.value for c in done.desiring(model).plan().changes}

    assert subjects["boosting"] == "re-evaluate"


def between(old: World, new: World) -> list[tuple[str, set[tuple[str, str]]]]:
    """Return each field that differs between two worlds, with what it does to which candidates."""
    found = model_difference("churn", Side(old.desired, ()), Side(new.desired, ()))
    lines = found.lines if found else ()
    return [
        (line.field, {(c.name, c.impact.value) for c in line.consequences if c.part is Part.CANDIDATE})
        for line in lines
    ]


def test_between_two_commits_a_range_that_came_or_changed_searches_again() -> None:
    fewer = a_search(replace(SEARCH, ranges=SEARCH.ranges[:2]))
    wider = a_search(replace(SEARCH, ranges=(replace(SEARCH.ranges[0], max=16), *SEARCH.ranges[1:])))

    assert between(fewer, a_search()) == [("search.ranges.rate", {("boosting", "retrain")})]
    assert between(a_search(), wider) == [("search.ranges.depth.max", {("boosting", "retrain")})]
    assert between(a_search(), a_search(replace(SEARCH, budget=Budget(4, 3)))) == [("search.budget.parallel", set())]


def test_between_two_commits_another_deciding_metric_searches_again_only_where_the_search_is_after_it() -> None:
    other = replace(a_model(), evaluation=Evaluation("recall", metrics=("log_loss",)))
    new = World(desire(with_candidate(other, "boosting", search=SEARCH)))
    fixed = replace(SEARCH, metric="f1")
    kept = World(desire(with_candidate(other, "boosting", search=fixed)))

    assert between(a_search(), new) == [("evaluation.metric", {("boosting", "retrain"), ("linear", "re-evaluate")})]
    assert between(a_search(fixed), kept) == [
        ("evaluation.metric", {("boosting", "re-evaluate"), ("linear", "re-evaluate")})
    ]
