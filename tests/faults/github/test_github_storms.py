"""Several things go wrong in one command: whatever it says, once more without faults leaves everything there once."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress

import pytest

from mlops_ci.diagnostics import Diagnostic, Span
from mlops_ci.errors import MlopsError
from mlops_ci.ports.reviews import Check, Conclusion, Proposal, Reviews
from mlops_ci.testing.github.faults import Answered, Behind, Broken, Deleted, Fault, Limited, Nothing
from tests.github import GitHubPlace

MARKER = "<!-- mlops-ci:churn -->"
MANY = tuple(Diagnostic("unknown-key", Span("model.yaml", line), f"problem {line}") for line in range(1, 121))
KINDS: tuple[Callable[[], Fault], ...] = (
    lambda: Broken(is_done=True), lambda: Broken(is_done=False), lambda: Answered(502, is_done=True),
    lambda: Answered(503), lambda: Limited(after=2), lambda: Behind(fits="GET /repos/octo"), Deleted, Nothing, Nothing,
)  # fmt: skip


def deeds(reviews: Reviews, number: int, commit: str, word: str) -> None:
    """Do what a command does, each part for itself, as one that is typed again does what the last one did not."""
    body = f"{MARKER}\n{word}"
    for deed in (
        lambda: reviews.comment(number, MARKER, body),
        lambda: reviews.check(Check("plan", commit, Conclusion.FAILURE, word, word, MANY)),
        lambda: reviews.propose(Proposal("promote", "main", word, word)),
    ):
        with suppress(MlopsError):
            deed()


@pytest.mark.parametrize("seed", range(24))
def test_after_a_storm_everything_is_there_once(github_place: GitHubPlace, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - dice, that fall the same each time
    found = github_place.open("feature")
    github_place.push("promote")
    number, commit = found.number, found.commit
    for word in ("one", "two"):
        storm = [chance.choice(KINDS)() for _ in range(chance.randint(3, 12))]
        github_place.github.faults.inject(*storm)
        deeds(github_place.reviews(), number, commit, word)
        github_place.github.faults.clear()
    deeds(github_place.reviews(), number, commit, "three")
    assert github_place.comments(number) == [f"{MARKER}\nthree"]
    assert github_place.checks(commit) == [("plan", "failure", "three", 120)]
    (proposed,) = [pull for pull in github_place.repository.pulls.values() if pull.branch == "promote"]
    assert (proposed.title, proposed.state) == ("three", "open")


@pytest.mark.parametrize("fault", [Broken(is_done=False), Answered(502), Limited(after=1)])
def test_every_question_is_asked_again(github_place: GitHubPlace, fault: Fault) -> None:
    found = github_place.open("theirs", is_fork=True)
    github_place.approve("7", "ada")
    reviews = github_place.reviews()
    asking: list[tuple[Callable[[], object], object]] = [
        (lambda: reviews.request(found.number), found),
        (lambda: reviews.requests_of(found.commit), (found,)),
        (lambda: reviews.approvers("7"), ("ada",)),
    ]
    for question, answer in asking:
        github_place.github.faults.inject(fault)
        assert question() == answer
    assert github_place.time.slept == [1, 1, 1]
