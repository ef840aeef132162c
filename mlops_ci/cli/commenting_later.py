"""`comment --from FILE`: a review that an untrusted run left, commented by one that has the right to.

The file decides neither where the comment goes nor what the commit is; nothing of a repository is read.
"""

from __future__ import annotations

from dataclasses import replace

from mlops_ci.cli.actions import write_summary
from mlops_ci.cli.github_event import Event, event_of
from mlops_ci.cli.posting import Post, label_of, post, show
from mlops_ci.cli.session import Session
from mlops_ci.commands.reviews import load_review
from mlops_ci.errors import UsageError
from mlops_ci.ports.reviews import Request, Reviews
from mlops_ci.views.review_comment import summary_markdown

_UNKNOWN = "nothing in this is vouched for: the pull request's own run wrote it"


def comment_later(session: Session) -> int:
    """Comment what a file says on the pull requests that the command line or the event names."""
    from mlops_ci.wiring import schemas
    from mlops_ci.wiring.reviewing import reviews

    asked = session.arguments
    read = load_review(asked.source, session.folder, schemas()["review"])
    label = label_of(session) if asked.label else read.label
    event = event_of(session.environment)
    place = reviews(session.environment)
    found = _requests(session, place, event)
    if not found:
        session.talk(f"no open pull request has {event.commit[:12]} as its head: nothing is commented")
        return 0
    commit = found[0].commit
    review = replace(read, label=label, commit=commit, remarks=(*read.remarks, _UNKNOWN))
    show(session, review)
    write_summary(session.environment, summary_markdown(review, label))
    for request in found:
        its = replace(review, pull_request=str(request.number))
        post(session, place, its, Post(label, commit, (request.number,), is_foreign=True))
    return 0


def _requests(session: Session, place: Reviews, event: Event) -> tuple[Request, ...]:
    """Return the pull requests to comment on.

    Of those with the commit of the event only what comes from its very branch and repository is meant: somebody who
    pushed a stranger's commit under the same name, to look at it, opened another pull request.

    Raises:
        UsageError: neither the command line nor the event names one.

    """
    number = session.arguments.pull_request
    if number:
        if not (number.isascii() and number.isdecimal()):
            raise UsageError(f"`{number}` is no number of a pull request", hint="mlops-ci comment --pull-request 12")
        return (place.request(int(number)),)
    if not event.is_later or not event.commit:
        summary = "nothing says which pull request this is about: the file is not asked"
        raise UsageError(summary, hint=f"mlops-ci comment --from {session.arguments.source} --pull-request 12")
    every = place.requests_of(event.commit)
    return tuple(found for found in every if (found.branch, found.home) == (event.branch, event.home))
