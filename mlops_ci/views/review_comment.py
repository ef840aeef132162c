"""A review as Markdown: for a comment, the summary of a check, and the summary of a job.

A comment has an end at 65,536 characters. What is longer is cut between models, and says where the rest is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from mlops_ci.diagnostics import Diagnostic, has_errors
from mlops_ci.plan.change import Change
from mlops_ci.plan.contest import WAITS
from mlops_ci.plan.manifest_diff import State
from mlops_ci.plan.review import Review
from mlops_ci.ports.reviews import LIMIT
from mlops_ci.views import markdown
from mlops_ci.views.diagnostics import sentence
from mlops_ci.views.following import following
from mlops_ci.views.leaderboard import board_markdown
from mlops_ci.views.plan import change_cells, counted_changes, note_markdown
from mlops_ci.views.review import board_of, headline, remarks
from mlops_ci.views.since import model_rows, quiet_lines
from mlops_ci.views.terminal import counted, duration, lines

COMMENT = LIMIT - 1024
SUMMARY = 1000 * 1000
"""Bytes that a comment, and a job's summary, may have; a byte is never less than a character of whatever encoding."""

_MISSES = 3
"""Models in a row whose details do not fit, after which the page is full."""

DEFAULT_LABEL = "mlops-ci"


@dataclass(frozen=True, slots=True)
class Rest:
    """Where the whole is read: words, and an address that we made ourselves, or none."""

    words: str = "the job's summary"
    url: str = ""

    def markdown(self) -> str:
        """Return it as Markdown."""
        return f"[{markdown.text(self.words)}]({self.url})" if self.url else markdown.text(self.words)


def marker(label: str) -> str:
    """Return the first line of a comment, by which it is found again; nobody sees it."""
    return f"<!-- mlops-ci:{label} -->"


def comment_markdown(review: Review, label: str, rest: Rest) -> str:
    """Return the body of a comment, which begins with its marker."""
    return lines([marker(label), *_page(review, label, COMMENT - len(label) - 32, rest.markdown())])


def summary_markdown(review: Review, label: str) -> str:
    """Return the whole review, up to what a job's summary holds."""
    return lines(_page(review, label, SUMMARY, markdown.prose("`mlops-ci plan --base`")))


def review_markdown(review: Review) -> str:
    """Return the whole review, wherever it goes."""
    return summary_markdown(review, review.label)


def check_markdown(review: Review, label: str, rest: Rest) -> str:
    """Return the summary of a check: as a comment, without its marker."""
    return lines(_page(review, label, COMMENT, rest.markdown()))


@dataclass(slots=True)
class _Room:
    """Lines up to a number of bytes: what does not fit is not taken, and said so by the answer."""

    left: int
    out: list[str] = field(default_factory=list)

    def take(self, some: Sequence[str], keep: int = 0) -> bool:
        """Take all of these lines or none, leaving `keep` bytes free."""
        size = sum(len(line.encode("utf-8", "backslashreplace")) + 2 for line in some)  # a line end may be sent as two
        if size > self.left - keep:
            return False
        self.left -= size
        self.out += some
        return True


def _page(review: Review, label: str, limit: int, rest: str) -> list[str]:
    of = "" if label == DEFAULT_LABEL else f": {markdown.code(label)}"
    room = _Room(limit - 512)  # for the words that something is cut, and where the rest is
    room.take([f"### mlops-ci{of}", "", f"**{markdown.prose(headline(review))}**"])
    for at, remark in enumerate(remarks(review)):
        room.take([*([] if at else [""]), f"- {markdown.prose(remark)}"], keep=limit // 2)
    _diagnostics(review, room, limit)
    its = review.by_model()
    _overview(its, room, limit)
    told = missed = 0
    for name, one in its.items():
        if missed == _MISSES:
            break  # a thousand models are not rendered to find that none of the rest fits either
        fits = room.take(_details(one, name, is_open=len(its) == 1))
        told, missed = told + fits, 0 if fits else missed + 1
    if left := len(its) - told:
        room.out += ["", f"The details of {counted(left, 'model')} do not fit here: the rest is in {rest}."]
    project = review.since.project if review.since else ()
    rows = [(markdown.code("."), markdown.prose(line.sentence), "no model is made of it") for line in project]
    if rows:
        room.take(["", *markdown.folded("the project's file", markdown.table(("", "what", "does"), rows))])
    if review.since and review.since.quiet:
        room.take(["", *quiet_lines(review.since.quiet)])
    room.take(["", _footer(review)])
    return room.out


def _footer(review: Review) -> str:
    commit = f"Commit {markdown.code(review.commit[:12])}" if review.commit else "No commit yet"
    since = review.since
    if since is None:
        return f"{commit}."
    base = f" ({markdown.code(since.base[:12])})" if since.base else ""
    return f"{commit}; what changed is since {markdown.prose(since.asked)}{base}."


def _table(
    room: _Room, header: Sequence[str], rows: Iterable[Sequence[str]], keep: int, wrap: Callable[[list[str]], list[str]]
) -> int:
    """Take as many rows of a table as leave `keep` bytes free, without columns that say nothing; return how many."""
    inner = _Room(room.left - keep - len(" | ".join(header)) * 4 - 128)
    fitting = [*takewhile(lambda row: inner.take([" | ".join(row) + "    "]), rows)]
    if fitting and not room.take(wrap(markdown.lean(header, fitting))):
        return 0
    return len(fitting)


def _diagnostics(review: Review, room: _Room, limit: int) -> None:
    """Tell the problems: errors openly, warnings alone folded."""
    found = review.diagnostics
    if not found:
        return
    rows = map(_diagnostic, found)
    header = ("place", "", "problem", "what to do")

    def wrap(table: list[str]) -> list[str]:
        return ["", *(table if has_errors(found) else markdown.folded(counted(len(found), "warning"), table))]

    told = _table(room, header, rows, limit // 3, wrap)
    if told < len(found):
        room.out += ["", f"{len(found) - told} more are in the log."]


def _diagnostic(found: Diagnostic) -> tuple[str, ...]:
    what = f"{markdown.prose(sentence(found.summary))} ({markdown.code(found.code)})"
    detail = f": {markdown.prose(sentence(found.detail))}" if found.detail else ""
    return (markdown.code(str(found.span)), found.severity.value, what + detail, markdown.prose(sentence(found.hint)))


def _overview(its: Mapping[str, Review], room: _Room, limit: int) -> None:
    """Tell the models in a line each, where there are several; of one, how its contest ended or would end."""
    if len(its) < 2:
        for name, one in its.items():
            forecast = one.forecast(name)
            if forecast and forecast.is_known and forecast.sentence != WAITS:
                room.take(["", f"- {markdown.code(name)}: {markdown.prose(forecast.sentence)}"], keep=limit // 2)
        return
    told = _table(
        room,
        ("model", "plan", "expected", "contest"),
        (_row(one, name) for name, one in its.items()),
        limit // 2,
        lambda table: ["", *table],
    )
    if told < len(its):
        room.out += ["", f"... and {counted(len(its) - told, 'more model')}."]


def _row(review: Review, name: str) -> tuple[str, ...]:
    forecast = review.forecast(name)
    known = [change.seconds for change in _changes(review, name) if change.seconds is not None]
    contest = forecast.sentence if forecast and forecast.is_known else ""
    return (markdown.code(name), _told(review, name), duration(sum(known)) if known else "", markdown.prose(contest))


def _told(review: Review, name: str) -> str:
    """Return what comes of a model, in a few words."""
    state = next((model.state for model in review.since.models if model.model == name), None) if review.since else None
    changes = counted_changes(_changes(review, name))
    return changes or ("gone" if state is State.GONE else "no work")


def _changes(review: Review, name: str) -> list[Change]:
    return [change for change in review.plan.changes if change.model == name] if review.plan else []


def _details(review: Review, name: str, *, is_open: bool) -> list[str]:
    """Return all of a model, folded; each part with the columns that say something."""
    changes, plan = _changes(review, name), review.plan
    body: list[str] = []
    for model in review.since.models if review.since else ():
        if model.model == name:
            rows = [(row[0], *row[2:]) for row in model_rows(model)]
            body += [*markdown.lean(("", "where", "what changed", "does"), rows), ""] if rows else []
            body += [*quiet_lines(model.quiet), ""] if model.quiet else []
    if changes:
        rows = [(cells[0], *cells[2:]) for cells in map(change_cells, changes)]
        body += [*markdown.lean(("", "subject", "action", "plan"), rows), ""]
        body += _reasons(changes)
    then = following(plan, name) if plan else ""
    body += [f"Then: {markdown.prose(then)}.", ""] if then else []
    notes = [note for note in plan.notes if note.model == name] if plan else []
    body += [*(f"- {note_markdown(note)}" for note in notes), ""] if notes else []
    body += _forecast(review, name)
    folded = markdown.folded(f"`{name}`: {_told(review, name)}", body[:-1] if body and not body[-1] else body)
    return ["", "<details open>" if is_open else folded[0], *folded[1:]]


def _reasons(changes: Sequence[Change]) -> list[str]:
    out: list[str] = []
    for change in changes:
        if len(change.reasons) > 1:
            out.append(f"- {markdown.code(change.subject)}, because")
            out += [f"  - {markdown.prose(reason.sentence)}" for reason in change.reasons]
    return [*out, ""] if out else []


def _forecast(review: Review, name: str) -> list[str]:
    found = review.forecast(name)
    if found is None:
        return []
    if not found.is_known:
        return ["Nothing is recorded yet for what is here.", ""]
    return [*board_markdown(board_of(found)), ""]
