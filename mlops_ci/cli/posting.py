"""A review where people review: a comment on each pull request, and a check on the commit."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from mlops_ci.cli.session import Session
from mlops_ci.errors import ProviderError, UsageError
from mlops_ci.plan.review import Review
from mlops_ci.ports.reviews import Check, Conclusion, Reviews
from mlops_ci.views.review import headline, review_json, review_text
from mlops_ci.views.review_comment import (
    DEFAULT_LABEL,
    Rest,
    check_markdown,
    comment_markdown,
    marker,
    review_markdown,
)

_LABEL = re.compile(r"[A-Za-z0-9._-]{1,64}")
_URL = re.compile(r"https?://[A-Za-z0-9._~:/?#=&%+-]+")


@dataclass(frozen=True, slots=True)
class Post:
    """Where a review goes: the project's label, the commit of the check, the pull requests.

    `is_foreign` claims that the review comes from somewhere that nobody vouches for.
    """

    label: str
    commit: str
    numbers: tuple[int, ...]
    is_foreign: bool = False


def post(session: Session, place: Reviews, review: Review, to: Post) -> None:
    """Comment on the pull requests, and have the check; both are changed in place where they are there.

    Raises:
        ProviderError: one of them was refused, which keeps nobody from the others: what was refused first is raised.
        TryAgain: GitHub asks to come back later.

    """
    rest = rest_of(session.environment)
    body = comment_markdown(review, to.label, rest)
    check = Check(
        name="mlops-ci" if to.label == DEFAULT_LABEL else f"mlops-ci ({to.label})",
        commit=to.commit,
        conclusion=_conclusion(review, to),
        title=headline(review),
        summary=check_markdown(review, to.label, rest),
        diagnostics=review.diagnostics,
    )
    refused: list[ProviderError] = []
    for number in to.numbers:
        try:
            commented = place.comment(number, marker(to.label), body)
        except ProviderError as error:
            refused.append(error)
        else:
            session.talk(f"comment {commented.action}: {commented.url}")
    try:
        session.talk(f"check: {place.check(check) or 'done'}")
    except ProviderError as error:
        refused.append(error)
    for other in refused[1:]:
        session.talk(f"and {other.summary}")
    if refused:
        raise refused[0]


def _conclusion(review: Review, to: Post) -> Conclusion:
    if not review.is_valid:
        return Conclusion.FAILURE
    return Conclusion.NEUTRAL if to.is_foreign else Conclusion.SUCCESS


def rest_of(environment: Mapping[str, str]) -> Rest:
    """Return where the whole review is read, as the CI system says."""
    said = {name: environment.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")}
    if all(said.values()):
        words = "the job's summary"
        url = f"{said['GITHUB_SERVER_URL']}/{said['GITHUB_REPOSITORY']}/actions/runs/{said['GITHUB_RUN_ID']}"
    else:
        words, url = "the log", environment.get("CODEBUILD_PUBLIC_BUILD_URL", "")
    return Rest(words, url if _URL.fullmatch(url) else "")


def show(session: Session, review: Review) -> None:
    """Print the review in the format that was asked for."""
    match session.arguments.format:
        case "json":
            text = review_json(review)
        case "md":
            text = review_markdown(review)
        case _:
            text = review_text(review, ink=session.ink(session.out), width=session.columns)
    session.say(text)


def label_of(session: Session) -> str:
    """Return the label of the project: what was asked for, else its folder in the repository.

    Raises:
        UsageError: what was asked for cannot stand in a comment unseen.

    """
    asked: str = getattr(session.arguments, "label", "")
    if asked:
        if not _LABEL.fullmatch(asked):
            summary = f"a label has up to 64 letters, digits, `.`, `_` and `-`, and {asked!r} is none"
            raise UsageError(summary, hint="mlops-ci comment --label models")
        return asked
    folder = session.root().prefix.strip("/")
    if not folder or _LABEL.fullmatch(folder):
        return folder or DEFAULT_LABEL
    digest = hashlib.sha256(folder.encode(errors="surrogateescape")).hexdigest()[:8]  # `a/b` is not `a-b`
    return f"{re.sub('[^A-Za-z0-9._-]', '-', folder)[:48]}-{digest}"
