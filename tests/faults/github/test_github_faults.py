"""GitHub fails, limits, forgets or lags at each request of a comment, a check, a proposal: nothing lost or double."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from mlops_ci.diagnostics import Diagnostic, Span
from mlops_ci.errors import MlopsError, ProviderError, TryAgain
from mlops_ci.ports.reviews import Check, Conclusion, Proposal
from mlops_ci.testing.github.faults import Answered, Behind, Broken, Deleted, Fault, Limited, Nothing
from tests.github import GitHubPlace

MARKER = "<!-- mlops-ci:churn -->"
ONE, TWO = f"{MARKER}\none", f"{MARKER}\ntwo"
MANY = tuple(Diagnostic("unknown-key", Span("model.yaml", line), f"problem {line}") for line in range(1, 121))

BREAKS: list[Fault] = [Broken(is_done=True), Broken(is_done=False), Answered(502, is_done=True), Limited(after=7)]


def comment_twice(place: GitHubPlace, number: int) -> None:
    place.reviews().comment(number, MARKER, ONE)
    place.reviews().comment(number, MARKER, TWO)


def nth(fault: Fault, position: int) -> tuple[Fault, ...]:
    """Return faults that let so many requests pass before this one happens."""
    return (Nothing(times=position), fault) if position else (fault,)


@pytest.mark.parametrize("fault", BREAKS, ids=repr)
@pytest.mark.parametrize("position", range(6))
def test_whichever_request_of_two_comments_fails_there_is_one_comment_in_the_end(
    github_place: GitHubPlace, fault: Fault, position: int
) -> None:
    number = github_place.open("feature").number
    github_place.github.faults.inject(*nth(fault, position))
    comment_twice(github_place, number)
    assert github_place.comments(number) == [TWO]
    assert not github_place.github.faults.left
    assert 1 <= sum(github_place.time.slept) <= 7


@pytest.mark.parametrize("fault", BREAKS, ids=repr)
@pytest.mark.parametrize("position", range(4))
def test_whichever_request_of_a_check_fails_every_annotation_is_there_once(
    github_place: GitHubPlace, fault: Fault, position: int
) -> None:
    commit = github_place.open("feature").commit
    github_place.github.faults.inject(*nth(fault, position))
    github_place.reviews().check(Check("plan", commit, Conclusion.FAILURE, "120 problems", "many", MANY))
    (run,) = github_place.github.checks(commit, github_place.name)
    assert [a["message"] for a in run["annotations"]] == [d.summary for d in MANY]
    assert not github_place.github.faults.left


@pytest.mark.parametrize("fault", BREAKS, ids=repr)
@pytest.mark.parametrize("position", range(4))
def test_whichever_request_of_two_proposals_fails_there_is_one_pull_request(
    github_place: GitHubPlace, fault: Fault, position: int
) -> None:
    github_place.push("main")
    github_place.push("promote")
    github_place.github.faults.inject(*nth(fault, position))
    github_place.reviews().propose(Proposal("promote", "main", "Promote v1", "x"))
    found = github_place.reviews().propose(Proposal("promote", "main", "Promote v2", "y"))
    assert list(github_place.repository.pulls) == [found.number]
    assert github_place.proposed(found.number) == ("Promote v2", "y")
    assert not github_place.github.faults.left


@pytest.mark.parametrize("fault", [Answered(500), Answered(503), Answered(504, is_done=True), Limited(7, status=429)])
def test_each_answer_that_passes_is_waited_for(github_place: GitHubPlace, fault: Fault) -> None:
    number = github_place.open("feature").number
    github_place.github.faults.inject(Nothing(), fault)
    github_place.reviews().comment(number, MARKER, ONE)
    assert github_place.comments(number) == [ONE]
    assert github_place.time.slept in ([1], [7])


def test_a_comment_deleted_between_look_and_change_is_made_anew(github_place: GitHubPlace) -> None:
    number = github_place.open("feature").number
    github_place.reviews().comment(number, MARKER, ONE)
    github_place.github.faults.inject(Deleted())
    assert github_place.reviews().comment(number, MARKER, TWO).action == "created"
    assert github_place.comments(number) == [TWO]


def test_a_list_that_does_not_show_what_was_just_made_causes_no_second_one(github_place: GitHubPlace) -> None:
    number = github_place.open("feature").number
    github_place.github.faults.inject(Nothing(), Nothing(), Behind())
    github_place.reviews().comment(number, MARKER, ONE)
    assert github_place.comments(number) == [ONE]


def at_once(*deeds: Callable[[], object]) -> None:
    """Have every deed done in a thread of its own, all beginning at the same moment."""
    gate = threading.Barrier(len(deeds))

    def do(deed: Callable[[], object]) -> None:
        gate.wait()
        deed()

    threads = [threading.Thread(target=do, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_of_several_commands_that_comment_at_once_one_comment_stays(github_place: GitHubPlace) -> None:
    number = github_place.open("feature").number
    texts = [f"{MARKER}\n{word}" for word in ("one", "two", "three", "four")]

    def saying(text: str) -> Callable[[], object]:
        reviews = github_place.reviews()
        return lambda: reviews.comment(number, MARKER, text)

    for _ in range(5):
        github_place.delete_comments(number)
        at_once(*(saying(text) for text in texts))
        (left,) = github_place.comments(number)
        assert left in texts


def test_of_several_commands_that_propose_at_once_one_pull_request_is_opened(github_place: GitHubPlace) -> None:
    github_place.push("main")
    github_place.push("promote")
    every = [github_place.reviews() for _ in range(4)]
    at_once(*((lambda r=r: r.propose(Proposal("promote", "main", "Promote", "x"))) for r in every))
    assert len(github_place.repository.pulls) == 1


def test_five_failures_in_a_row_are_told_with_what_to_do(github_place: GitHubPlace) -> None:
    number = github_place.open("feature").number
    github_place.github.faults.inject(Answered(502, times=99, fits="POST"))
    with pytest.raises(ProviderError) as refused:
        github_place.reviews().comment(number, MARKER, ONE)
    assert github_place.time.slept == [1, 2, 4, 8]
    assert "comment on pull request" in refused.value.summary
    assert "type the command again" in refused.value.hint
    assert github_place.comments(number) == []


def test_a_limit_that_ends_soon_is_waited_for_and_one_that_does_not_is_told(
    github_place: GitHubPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = github_place.open("feature").number
    github, time = github_place.github, github_place.time
    monkeypatch.setattr(github, "now", lambda: time.now)
    token = github.token(github_place.name)
    github.limits.leave(token, 1, until=time.now + 40)
    github_place.with_token(token).comment(number, MARKER, ONE)
    assert [round(seconds) for seconds in time.slept] == [41]
    github.limits.leave(token, 0, until=time.now + 1800)
    with pytest.raises(TryAgain, match=r"come back in 30 minutes: API rate limit exceeded"):
        github_place.with_token(token).comment(number, MARKER, TWO)
    assert github_place.comments(number) == [ONE]


def test_one_command_waits_a_minute_at_most_in_sum(github_place: GitHubPlace) -> None:
    number = github_place.open("feature").number
    github_place.github.faults.inject(Limited(after=35, times=2))
    with pytest.raises(TryAgain, match="come back in 1 minute"):
        github_place.reviews().comment(number, MARKER, ONE)
    assert github_place.time.slept == [35]


def test_a_limit_that_says_no_time_is_waited_for_a_minute(github_place: GitHubPlace) -> None:
    number = github_place.open("feature").number
    github_place.github.faults.inject(Limited(fits="POST"))
    github_place.reviews().comment(number, MARKER, ONE)
    assert github_place.time.slept == [60]


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Answered(401, "Bad credentials"), "does not know the token"),
        (Answered(403, "Resource not accessible by integration"), "lacks `pull-requests: "),
        (Answered(403, "Resource protected by organization SAML enforcement."), "SAML enforcement"),
        (Answered(403, "Unable to create comment because issue is locked."), "the conversation is locked"),
        (Answered(404, "Not Found"), "may not see it"),
        (Answered(410, "This issue was deleted"), "may not see it"),
        (Answered(422, "Validation Failed"), "Validation Failed"),
        (Answered(451, "Repository access blocked"), "451: Repository access blocked"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_refusal_is_told_with_a_hint_at_once_and_never_with_the_token(
    github_place: GitHubPlace, fault: Answered, says: str, method: str
) -> None:
    number = github_place.open("feature").number
    github_place.github.faults.inject(Answered(fault.status, fault.message, fits=method))
    token = github_place.github.token(github_place.name)
    with pytest.raises(ProviderError) as refused:
        github_place.with_token(token).comment(number, MARKER, ONE)
    assert says in refused.value.summary
    assert refused.value.hint
    assert github_place.time.slept == []
    assert token not in told(refused.value)


def told(error: MlopsError) -> str:
    """Return all that could be printed of an error, its causes too."""
    every: list[str] = []
    one: BaseException | None = error
    while one is not None:
        every += [str(one), repr(one), repr(getattr(one, "__dict__", ""))]
        one = one.__cause__ or one.__context__
    return "\n".join(every)
