"""What a token may not do is told by the name of the right that it lacks."""

from __future__ import annotations

import pytest

from mlops_ci.diagnostics import Diagnostic, Span
from mlops_ci.errors import ProviderError
from mlops_ci.ports.reviews import Check, Conclusion, Proposal
from tests.github import GitHubPlace

MARKER = "<!-- mlops-ci:churn -->"


def refusal(deed: object, *given: object) -> ProviderError:
    with pytest.raises(ProviderError) as refused:
        deed(*given)  # type: ignore[operator]
    return refused.value


def test_the_token_of_a_fork_may_read_and_is_told_why_it_may_not_comment(github_place: GitHubPlace) -> None:
    found = github_place.open("theirs", is_fork=True)
    reviews = github_place.with_token(github_place.github.fork_token(github_place.name))
    assert reviews.requests_of(found.commit) == (found,)
    error = refusal(reviews.comment, found.number, MARKER, MARKER)
    assert "lacks `pull-requests: write`" in error.summary
    assert "fork" in error.hint


def test_a_token_without_checks_leaves_a_status_instead(github_place: GitHubPlace) -> None:
    commit = github_place.open("feature").commit
    found = (Diagnostic("unknown-key", Span("model.yaml", 1), "no"),)
    check = Check("plan", commit, Conclusion.FAILURE, "1 problem " + "x" * 200, "many words", found)
    assert github_place.reviews(statuses="write").check(check) == ""
    (status,) = github_place.repository.statuses
    assert (status["sha"], status["context"], status["state"]) == (commit, "plan", "failure")
    assert status["description"].startswith("1 problem x")
    assert len(status["description"]) == 140


def test_a_person_who_is_no_app_leaves_a_status_instead(github_place: GitHubPlace) -> None:
    commit = github_place.open("feature").commit
    github_place.login = "ada"
    assert github_place.reviews().check(Check("plan", commit, Conclusion.NEUTRAL, "wait", "words")) == ""
    assert [status["state"] for status in github_place.repository.statuses] == ["success"]


def test_a_token_with_neither_is_told_of_checks(github_place: GitHubPlace) -> None:
    commit = github_place.open("feature").commit
    check = Check("plan", commit, Conclusion.SUCCESS, "fine", "words")
    error = refusal(github_place.reviews(pull_requests="write").check, check)
    assert "lacks `checks: write`" in error.summary
    assert "`permissions`" in error.hint


def test_a_private_repository_says_what_is_lacking_and_nothing_to_strangers(github_place: GitHubPlace) -> None:
    number = github_place.open("feature").number
    github_place.approve("7", "ada")
    github_place.repository.is_private = True
    assert "`actions: read`" in refusal(github_place.reviews(checks="write").approvers, "7").summary
    assert "`pull-requests: read`" in refusal(github_place.reviews(checks="write").request, number).summary
    github_place.github.repository("octo/elsewhere")
    stranger = github_place.with_token(github_place.github.token("octo/elsewhere"))
    assert "may not see it" in refusal(stranger.request, number).summary


def test_a_repository_whose_actions_may_not_propose_is_told_where_to_allow_it(github_place: GitHubPlace) -> None:
    github_place.push("main")
    github_place.push("promote")
    github_place.repository.may_actions_propose = False
    error = refusal(github_place.reviews().propose, Proposal("promote", "main", "Promote", "x"))
    assert "Settings > Actions > General" in error.hint


def test_a_proposal_that_changes_nothing_is_refused_in_github_s_words(github_place: GitHubPlace) -> None:
    github_place.push("main")
    github_place.repository.bare.point("refs/heads/same", github_place.push("main"))
    error = refusal(github_place.reviews().propose, Proposal("same", "main", "Promote", "x"))
    assert "No commits between main and same" in error.summary


def test_a_comment_that_is_too_long_is_refused_in_github_s_words(github_place: GitHubPlace) -> None:
    number = github_place.open("feature").number
    error = refusal(github_place.reviews().comment, number, MARKER, f"{MARKER}\n" + "x" * 66_000)
    assert "Body is too long (maximum is 65536 characters)" in error.summary


ODD = ["ünïcode 🎉", "a\x00b", "<b>&amp;${{ github.token }}`x`", "half \ud83d of one", "\u2028"]


@pytest.mark.parametrize("text", ODD)
def test_a_comment_of_odd_characters_arrives(github_place: GitHubPlace, text: str) -> None:
    number = github_place.open("feature").number
    github_place.reviews().comment(number, MARKER, f"{MARKER}\n{text}.")
    assert github_place.comments(number) == [f"{MARKER}\n{text.replace(chr(0xD83D), '?')}."]


def test_a_summary_that_is_too_long_is_cut_and_one_that_is_just_short_enough_is_not(github_place: GitHubPlace) -> None:
    commit = github_place.open("feature").commit
    for name, size, is_cut in (("long", 70_000, True), ("short", 65_535, False)):
        github_place.reviews().check(Check(name, commit, Conclusion.SUCCESS, "fine", "ü" * size))
        (run,) = [r for r in github_place.github.checks(commit, github_place.name) if r["name"] == name]
        assert run["output"]["summary"].endswith("...") is is_cut


def test_a_check_on_a_commit_that_is_not_there_is_refused_in_github_s_words(github_place: GitHubPlace) -> None:
    github_place.push("main")
    error = refusal(github_place.reviews().check, Check("plan", "0" * 40, Conclusion.SUCCESS, "fine", "words"))
    assert "No commit found for SHA" in error.summary
