"""The verb that comments on pull requests, and the plan as a step of GitHub Actions shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mlops_ci.cli.actions import is_actions, write_outputs, write_summary
from mlops_ci.cli.github_event import Event, event_of
from mlops_ci.cli.posting import Post, label_of, post, show
from mlops_ci.cli.session import Session
from mlops_ci.diagnostics import Diagnostic
from mlops_ci.errors import ManifestError, MlopsError, UsageError
from mlops_ci.executor.glance import Glance
from mlops_ci.plan.review import Review, Training
from mlops_ci.ports.reviews import Request, Reviews
from mlops_ci.views.review import review_text
from mlops_ci.views.review_comment import summary_markdown
from mlops_ci.views.review_outputs import plan_outputs


def comment_verb(session: Session) -> int:
    """Say on the pull request what it would do: a comment and a check, which are changed in place from then on."""
    asked = session.arguments
    if asked.source is not None:
        from mlops_ci.cli.commenting_later import comment_later

        return comment_later(session)
    event = event_of(session.environment)
    if asked.out is not None:
        review = _review(session, event.labels, label_of(session))
        _keep(session, review)
        show(session, review)
        leave(session, review)
        annotate(session, review)
        return _closed(review)
    place = _place(session)
    label = label_of(session)
    labels = () if isinstance(place, MlopsError) else place.request.labels
    review = _review(session, event.labels or labels, label)
    show(session, review)
    leave(session, review)
    try:
        _post(session, place, review, event)
    except MlopsError:
        annotate(session, review)  # the check, which has the annotations, may not be there
        if not review.is_valid and not is_actions(session.environment):
            from mlops_ci.views.diagnostics import render

            session.talk(render(review.diagnostics))
        raise
    return _closed(review)


def plan_on_github(session: Session) -> int:
    """Show the plan as a step of a workflow: text, and its annotations, outputs and summary."""
    asked = session.arguments
    review, glance = _planned(session, label_of(session))
    if asked.base is not None and glance:
        from mlops_ci.executor.reviewing import compared

        review = compared(review, glance, session.models, asked.base)
    session.say(review_text(review, ink=session.ink(session.out), width=session.columns))
    annotate(session, review)
    leave(session, review)
    if asked.out is not None and review.is_valid:
        from mlops_ci.cli.saving import keep_plan

        keep_plan(session)
    _closed(review)
    return 2 if asked.detailed_exitcode and review.plan and not review.plan.is_empty else 0


def annotate(session: Session, review: Review) -> None:
    """Print the diagnostics as commands to the runner, which shows them beside their lines; elsewhere on stderr."""
    if not is_actions(session.environment):
        _tell(session, review)
    elif review.diagnostics:
        from mlops_ci.views.annotations import annotated

        session.command(annotated(review.diagnostics))


def _tell(session: Session, review: Review) -> None:
    """Tell warnings on stderr; where there are errors all are told when the verb fails."""
    if review.is_valid and review.diagnostics:
        from mlops_ci.views.diagnostics import render

        session.talk(render(review.diagnostics))


def leave(session: Session, review: Review) -> None:
    """Write the summary of this step, and its outputs."""
    write_summary(session.environment, summary_markdown(review, review.label))
    outputs = plan_outputs(review.plan, review.commit)
    write_outputs(session.environment, outputs)


def _closed(review: Review) -> int:
    """Return 0 where the manifests are right.

    Raises:
        ManifestError: they are not, which by now was told where people look.

    """
    if review.is_valid:
        return 0
    raise ManifestError(review.diagnostics)


@dataclass(frozen=True, slots=True)
class _Place:
    """The place of reviews, and the pull request that a command works for."""

    reviews: Reviews
    request: Request


def _place(session: Session) -> _Place | MlopsError:
    """Return where to comment, or why that cannot be: told at the end, since what is found is told without it too.

    Raises:
        UsageError: no pull request is named.

    """
    from mlops_ci.wiring import pull_request
    from mlops_ci.wiring.reviewing import reviews

    number = pull_request(session.place())
    if not number.isdecimal():
        said = f"`{number}` is no number of one" if session.arguments.pull_request else "nothing says of which one"
        hint = "mlops-ci comment --pull-request 12; without one: mlops-ci plan --base --md"
        raise UsageError(f"this comments on a pull request, and {said}", hint=hint)
    try:
        place = reviews(session.environment)
        return _Place(place, place.request(int(number)))
    except MlopsError as error:
        return error


def _post(session: Session, place: _Place | MlopsError, review: Review, event: Event) -> None:
    """Comment, where the pull request is still what was reviewed; raises what keeps it from that."""
    if isinstance(place, MlopsError):
        raise place
    request = place.request
    if event.commit and request.commit not in {event.commit, review.commit}:
        session.talk(f"the pull request moved on to {request.commit[:12]}, whose own run comments on it")
        return
    commit = event.commit or request.commit
    post(session, place.reviews, replace(review, commit=commit), Post(review.label, commit, (request.number,)))


def _planned(session: Session, label: str) -> tuple[Review, Glance | None]:
    """Return the review with a plan and what more can be found by; or with what is wrong, at its place, and None."""
    from mlops_ci.executor.reviewing import planned

    glance = None
    try:
        glance = session.glance()
        review = planned(glance, session.models, label)
    except ManifestError as error:  # the project's file
        review = Review(label, "", None, diagnostics=error.diagnostics)
    root = session.root()

    def placed(found: Diagnostic) -> Diagnostic:
        path = root.path(found.span) or found.span.path.rsplit("/", 1)[-1]
        return replace(found, span=replace(found.span, path=path))

    review = replace(review, diagnostics=tuple(map(placed, review.diagnostics)))
    return review, glance if review.plan else None


def _review(session: Session, labels: tuple[str, ...], label: str) -> Review:
    from mlops_ci.wiring import pull_request

    asked = session.arguments
    review, glance = _planned(session, label)
    if glance:
        from mlops_ci.executor.reviewing import compared, foreseen

        review = foreseen(compared(review, glance, session.models, asked.base), glance)
    return replace(
        review,
        training=_training(asked.train, has_label=asked.train_label in labels),
        train_label=asked.train_label if asked.train == "label" else "",
        pull_request=pull_request(session.place()),
    )


def _training(asked: str | None, *, has_label: bool) -> Training | None:
    match asked:
        case None:
            return None
        case "never":
            return Training.NEVER
        case "label" if not has_label:
            return Training.UNLABELLED
        case _:
            return Training.DONE


def _keep(session: Session, review: Review) -> None:
    from mlops_ci.commands.reviews import save_review

    save_review(review, session.arguments.out, session.folder)
    session.talk(f"the review is in `{session.arguments.out}`\nhint: mlops-ci comment --from {session.arguments.out}")
