"""What every `ports.Reviews` promises. An implementation subclasses it and gives `place`: where people review."""

from __future__ import annotations

from typing import Protocol

import pytest

from mlops_ci.diagnostics import Diagnostic, Severity, Span
from mlops_ci.errors import ProviderError
from mlops_ci.ports.reviews import Check, Conclusion, Proposal, Request, Reviews

MARKER = "<!-- mlops-ci:churn -->"
OTHER = "<!-- mlops-ci:fraud -->"


class Place(Protocol):
    """A place of reviews from outside: what other people do there, and what they see."""

    def reviews(self) -> Reviews: ...

    def open(self, branch: str, *, labels: tuple[str, ...] = (), is_fork: bool = False) -> Request:
        """Have somebody open a pull request from a new branch."""
        ...

    def close(self, number: int) -> None: ...

    def say(self, number: int, body: str, *, as_us: bool = False) -> None:
        """Have somebody, or another command of ours, comment."""
        ...

    def comments(self, number: int) -> list[str]: ...

    def delete_comments(self, number: int) -> None: ...

    def checks(self, commit: str) -> list[tuple[str, str, str, int]]:
        """Return name, conclusion, title and number of annotations of the checks that people see on a commit."""
        ...

    def push(self, branch: str) -> str:
        """Push a new commit on a branch of ours, and return it."""
        ...

    def proposed(self, number: int) -> tuple[str, str]:
        """Return title and body of a pull request."""
        ...

    def approve(self, run: str, *logins: str) -> None: ...


class ReviewsContract:
    @pytest.fixture
    def place(self) -> Place:
        raise NotImplementedError

    def test_a_comment_is_made_once_and_changed_in_place_afterwards(self, place: Place) -> None:
        number = place.open("feature").number
        reviews = place.reviews()
        first = reviews.comment(number, MARKER, f"{MARKER}\none")
        second = place.reviews().comment(number, MARKER, f"{MARKER}\ntwo")
        third = reviews.comment(number, MARKER, f"{MARKER}\ntwo")
        assert [first.action, second.action, third.action] == ["created", "updated", "unchanged"]
        assert first.url == second.url == third.url
        assert place.comments(number) == [f"{MARKER}\ntwo"]

    def test_two_projects_have_a_comment_each(self, place: Place) -> None:
        number = place.open("feature").number
        place.reviews().comment(number, MARKER, f"{MARKER}\nchurn")
        place.reviews().comment(number, OTHER, f"{OTHER}\nfraud")
        place.reviews().comment(number, MARKER, f"{MARKER}\nchurn again")
        assert place.comments(number) == [f"{MARKER}\nchurn again", f"{OTHER}\nfraud"]

    def test_a_comment_of_somebody_else_that_begins_with_the_marker_is_left_alone(self, place: Place) -> None:
        number = place.open("feature").number
        place.say(number, f"{MARKER}\nfoe")
        assert place.reviews().comment(number, MARKER, f"{MARKER}\nours").action == "created"
        assert place.reviews().comment(number, MARKER, f"{MARKER}\nagain").action == "updated"
        assert place.comments(number) == [f"{MARKER}\nfoe", f"{MARKER}\nagain"]

    def test_a_comment_of_ours_that_only_quotes_the_marker_is_left_alone(self, place: Place) -> None:
        number = place.open("feature").number
        place.say(number, f"see {MARKER}", as_us=True)
        place.reviews().comment(number, MARKER, f"{MARKER}\nours")
        assert place.comments(number) == [f"see {MARKER}", f"{MARKER}\nours"]

    def test_of_several_of_ours_the_oldest_stays(self, place: Place) -> None:
        number = place.open("feature").number
        for text in ("one", "two", "three"):
            place.say(number, f"{MARKER}\n{text}", as_us=True)
        place.reviews().comment(number, MARKER, f"{MARKER}\nnow")
        assert place.comments(number) == [f"{MARKER}\nnow"]

    def test_a_comment_that_was_deleted_is_made_anew(self, place: Place) -> None:
        number = place.open("feature").number
        place.reviews().comment(number, MARKER, f"{MARKER}\none")
        place.delete_comments(number)
        assert place.reviews().comment(number, MARKER, f"{MARKER}\ntwo").action == "created"
        assert place.comments(number) == [f"{MARKER}\ntwo"]

    def test_to_comment_on_what_is_no_pull_request_is_refused(self, place: Place) -> None:
        with pytest.raises(ProviderError) as refused:
            place.reviews().comment(999, MARKER, f"{MARKER}\none")
        assert refused.value.hint

    def test_a_check_of_a_name_is_on_a_commit_once_as_it_was_said_last(self, place: Place) -> None:
        commit = place.open("feature").commit
        for conclusion, title in ((Conclusion.FAILURE, "1 problem"), (Conclusion.SUCCESS, "no changes")):
            place.reviews().check(Check("plan", commit, conclusion, title, "| a table |"))
        place.reviews().check(Check("other", commit, Conclusion.NEUTRAL, "no", "no"))
        assert sorted(place.checks(commit)) == [("other", "neutral", "no", 0), ("plan", "success", "no changes", 0)]

    def test_every_diagnostic_is_an_annotation_once_however_many_there_are(self, place: Place) -> None:
        commit = place.open("feature").commit
        found = tuple(
            Diagnostic("unknown-key", Span("pipelines/a/model.yaml", line), f"problem {line}", hint="type it right",
                       severity=Severity.WARNING if line % 2 else Severity.ERROR)
            for line in range(120)
        )  # fmt: skip
        for _ in range(2):
            place.reviews().check(Check("plan", commit, Conclusion.FAILURE, "120 problems", "many", found))
        assert place.checks(commit) == [("plan", "failure", "120 problems", 120)]
        place.reviews().check(Check("plan", commit, Conclusion.FAILURE, "1 problem", "one", found[:1]))
        assert place.checks(commit) == [("plan", "failure", "1 problem", 1)]

    def test_a_pull_request_is_read_with_its_labels_and_whether_it_is_a_fork_and_open(self, place: Place) -> None:
        own = place.open("feature", labels=("train", "big one"))
        fork = place.open("theirs", is_fork=True)
        reviews = place.reviews()
        assert reviews.request(own.number) == own
        assert (own.branch, own.labels, own.is_fork, own.is_open) == ("feature", ("train", "big one"), False, True)
        assert reviews.request(fork.number).is_fork
        place.close(own.number)
        assert not reviews.request(own.number).is_open

    def test_the_open_pull_requests_of_a_commit_are_found_those_of_forks_too(self, place: Place) -> None:
        own, fork, closed = place.open("feature"), place.open("theirs", is_fork=True), place.open("old")
        place.close(closed.number)
        reviews = place.reviews()
        assert reviews.requests_of(own.commit) == (own,)
        assert reviews.requests_of(fork.commit) == (fork,)
        assert reviews.requests_of(closed.commit) == ()
        assert reviews.requests_of("0" * 40) == ()

    def test_a_proposal_is_one_pull_request_that_is_changed_in_place(self, place: Place) -> None:
        commit = place.push("mlops-ci/promote/churn")
        first = place.reviews().propose(Proposal("mlops-ci/promote/churn", "main", "Promote v2", "because"))
        assert (first.commit, first.branch, first.is_open, first.is_fork) == (
            commit, "mlops-ci/promote/churn", True, False,
        )  # fmt: skip
        second = place.reviews().propose(Proposal("mlops-ci/promote/churn", "main", "Promote v3", "since then"))
        assert second.number == first.number
        assert place.proposed(first.number) == ("Promote v3", "since then")

    def test_a_proposal_after_the_last_one_was_closed_is_another(self, place: Place) -> None:
        place.push("promote")
        proposal = Proposal("promote", "main", "Promote v2", "because")
        first = place.reviews().propose(proposal)
        place.close(first.number)
        second = place.reviews().propose(proposal)
        assert second.number != first.number
        assert second.is_open

    def test_a_branch_that_was_not_pushed_cannot_be_proposed(self, place: Place) -> None:
        with pytest.raises(ProviderError) as refused:
            place.reviews().propose(Proposal("nowhere", "main", "Promote v2", "because"))
        assert refused.value.hint

    def test_who_approved_a_run_is_told_once_each_and_nobody_where_it_asked_nobody(self, place: Place) -> None:
        place.approve("7", "ada", "grace", "ada")
        place.approve("8")
        assert place.reviews().approvers("7") == ("ada", "grace")
        assert place.reviews().approvers("8") == ()
