"""A plan as jobs: nothing lost, nothing twice, never more than a matrix may have."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_ci.plan.change import Basis, Plan
from mlops_ci.plan.matrix import MOST, busy_models, environments, matrix, trainings
from mlops_ci.plan.steps import Deploy, Evaluate, Gate, Promote, Scheduled, Step, Test, Train

BASIS = Basis("c" * 40, "t" * 40, "main", "local")


def plan(*steps: Step) -> Plan:
    return Plan(BASIS, ("m",), (), tuple(Scheduled(step, ()) for step in steps), ())


def many(count: int) -> Plan:
    return plan(*(step for n in range(count) for step in (Train(f"m{n // 4:04}", f"c{n % 4}"), Evaluate("m", "c"))))


def test_a_training_is_a_job_that_bears_its_name() -> None:
    jobs = matrix(plan(Train("churn", "boosting"), Evaluate("churn", "boosting"), Train("fraud", "boosting")))
    assert [(job.name, job.candidates) for job in jobs] == [
        ("churn/boosting", ("churn/boosting",)),
        ("fraud/boosting", ("fraud/boosting",)),
    ]


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2100), st.integers(1, MOST))
def test_every_training_is_in_one_job_and_jobs_are_even_and_never_too_many(count: int, most: int) -> None:
    found = many(count)
    jobs = matrix(found, most)
    assert len(jobs) == min(count, most)
    assert tuple(name for job in jobs for name in job.candidates) == trainings(found)
    assert len({job.name for job in jobs}) == len(jobs)
    sizes = [len(job.candidates) for job in jobs]
    assert not sizes or max(sizes) - min(sizes) <= 1
    assert sizes == sorted(sizes, reverse=True)
    assert matrix(found, most) == jobs


def test_a_matrix_of_all_that_github_takes_is_not_grouped_and_one_more_is() -> None:
    assert {len(job.candidates) for job in matrix(many(MOST))} == {1}
    jobs = matrix(many(MOST + 1))
    assert len(jobs) == MOST
    assert (jobs[0].name, jobs[0].candidates) == ("m0000/c0 and 1 more", ("m0000/c0", "m0000/c1"))


def test_the_models_are_those_with_steps_and_no_others() -> None:
    found = plan(Promote("a"), Train("b", "x"), Evaluate("b", "x"))
    assert busy_models(found) == ("a", "b")
    assert trainings(found) == ("b/x",)
    assert busy_models(plan()) == ()


def test_environments_follow_the_order_of_every_model() -> None:
    found = plan(
        Deploy("a", "production"),
        *(Deploy("b", "staging"), Test("b", "staging"), Gate("b", "production"), Deploy("b", "production")),
        *(Deploy("c", "canary"), Gate("c", "staging"), Deploy("c", "staging")),
    )
    assert environments(found) == ("canary", "staging", "production")


@given(st.lists(st.lists(st.sampled_from("abcdef"), unique=True), max_size=6))
def test_every_environment_is_named_once_even_where_models_disagree(orders: list[list[str]]) -> None:
    steps = (Deploy(f"m{at}", name) for at, order in enumerate(orders) for name in order)
    found = environments(plan(*steps))
    assert sorted(found) == sorted({name for order in orders for name in order})


@given(st.permutations("abcdef"), st.lists(st.sets(st.sampled_from("abcdef")), max_size=6))
def test_where_models_agree_the_order_is_kept(order: list[str], parts: list[set[str]]) -> None:
    steps = (Deploy(f"m{at}", name) for at, part in enumerate(parts) for name in order if name in part)
    found = environments(plan(*steps))
    for part in parts:
        assert [name for name in found if name in part] == [name for name in order if name in part]
