"""The leaderboard: every candidate with its accuracies, winners and losers alike."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from mlops_ci.judging.scores import Difference, Measurement
from mlops_ci.model import METRICS, Goal, Model, Pairs
from mlops_ci.plan.contest import verdict
from mlops_ci.plan.desired import DesiredCandidate, DesiredModel
from mlops_ci.plan.search import chosen
from mlops_ci.records.facts import Decided, Evaluated
from mlops_ci.records.ledger import Attempt, Ledger


class Scope(Enum):
    """Which evaluations are listed."""

    TODAY = "what the manifests name"
    EVERY = "and every evaluation on record"


class State(Enum):
    """How far a candidate came."""

    EVALUATED = "evaluated"
    TRAINED = "trained"
    RUNNING = "running"
    NOT_TRAINED = "not trained"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Entry:
    """A candidate, or a past evaluation. `commit` is what was checked out when it was trained.

    `attempts` counts the trainings of this fingerprint, `seconds` is how long the one that counts took (None: none
    ended), `billed_seconds` what of it is to be paid, where that is known. `detail` says why it stands where it stands,
    `said` what the contest said of it. `difference` is to the champion, on the same rows. `is_comparable` claims that
    it was evaluated on today's rows by today's rules.
    """

    candidate: str
    fingerprint: str
    attempts: int
    commit: str
    state: State
    detail: str
    metrics: tuple[Measurement, ...]
    hyperparameters: Pairs
    package: str
    evaluation: str
    seconds: float | None
    at: str
    p_value: float | None
    difference: Difference | None
    said: str
    is_champion: bool
    is_comparable: bool
    billed_seconds: float | None = None

    def value(self, metric: str) -> float | None:
        """Return a metric over all test rows, or None where it has none."""
        found = self.measurement(metric)
        return found.value if found else None

    def measurement(self, metric: str) -> Measurement | None:
        """Return the measurement of a metric over all test rows, or None where it was not made."""
        return next((m for m in self.metrics if m.metric == metric and not m.slice), None)


@dataclass(frozen=True, slots=True)
class Board:
    """The entries of one model, best first by `metric`, failed ones last.

    `defending` is the champion where it is none of today's candidates. `sentence` is what the contest ended with.
    """

    model: str
    metric: str
    goal: Goal
    champion: str
    version: int
    sentence: str
    entries: tuple[Entry, ...]
    defending: Entry | None

    def with_defending(self) -> tuple[Entry, ...]:
        """Return the entries with the defending champion at its place."""
        defending = (self.defending,) if self.defending else ()
        return tuple(ranked((*defending, *self.entries), self.metric, self.goal))


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """The boards of the models that were asked for."""

    boards: tuple[Board, ...]


def leaderboard(desired: tuple[DesiredModel, ...], ledger: Ledger, *, scope: Scope = Scope.TODAY) -> Leaderboard:
    """Return the leaderboard of these models."""
    return Leaderboard(tuple(_board(model, ledger, scope) for model in desired))


def goal_of(model: Model) -> Goal:
    """Return which direction of the deciding metric is better."""
    metric = model.evaluation.metric
    own = next((custom.goal for custom in model.evaluation.custom if custom.name == metric), None)
    return own or (METRICS[metric].goal if metric in METRICS else Goal.MAXIMIZE)


def _board(desired: DesiredModel, ledger: Ledger, scope: Scope) -> Board:
    decided = verdict(desired, ledger)
    champion = desired.release.champion
    metric, goal = desired.model.evaluation.metric, goal_of(desired.model)
    today = [_candidate(desired, candidate, ledger, decided) for candidate in desired.candidates]
    outside = champion and champion.package not in {entry.package for entry in today}
    defending = _defending(desired, ledger, decided) if outside else None
    if scope is Scope.EVERY:
        known = {entry.evaluation for entry in today} | ({defending.evaluation} if defending else set())
        today += [_past(desired, found, ledger, None) for found in _evaluations(desired, ledger, known)]
    return Board(
        model=desired.name,
        metric=metric,
        goal=goal,
        champion=champion.candidate if champion else "",
        version=champion.version if champion else 0,
        sentence=decided.sentence if decided else "",
        entries=tuple(ranked(today, metric, goal)),
        defending=defending,
    )


def ranked(entries: Iterable[Entry], metric: str, goal: Goal) -> list[Entry]:
    """Return entries best first; of equal values the champion first; without a value by how far they came."""
    order = [*State]

    def key(entry: Entry) -> tuple[int, bool, bool, float, bool, str, str]:
        value = entry.value(metric)
        signed = 0.0 if value is None else value if goal is Goal.MINIMIZE else -value
        return (order.index(entry.state), not entry.is_comparable, value is None, signed,
                not entry.is_champion, entry.candidate, entry.fingerprint)  # fmt: skip

    return sorted(entries, key=key)


def _candidate(desired: DesiredModel, candidate: DesiredCandidate, ledger: Ledger, decided: Decided | None) -> Entry:
    tries = ledger.tries("training", candidate.fingerprint)
    trained = ledger.success("training", candidate.fingerprint)
    package = desired.package(trained) if trained else ""
    evaluation = desired.evaluation(package) if trained else ""
    made = ledger.evaluations.get(evaluation)
    state, detail = _state(tries, made)
    counting = next((a for a in reversed(tries) if trained is None or a.finished == trained), None)
    champion = desired.release.champion
    return Entry(
        candidate=candidate.name,
        fingerprint=candidate.fingerprint,
        attempts=len(tries),
        commit=counting.intent.commit if counting else "",
        state=state,
        detail=detail,
        metrics=made.scores.measurements if made else (),
        hyperparameters=chosen(desired.model, candidate, ledger),
        package=package,
        evaluation=evaluation if made else "",
        seconds=counting.finished.seconds if counting and counting.finished else None,
        at=made.at if made else counting.intent.at if counting else "",
        p_value=_p_value(decided, candidate.name) if decided and made else None,
        difference=dict(decided.differences).get(candidate.name) if decided and made else None,
        said=dict(decided.lines).get(candidate.name, "") if decided and made else "",
        is_champion=bool(package) and champion is not None and champion.package == package,
        is_comparable=True,
        billed_seconds=counting.finished.billed_seconds if counting and counting.finished else None,
    )


def _p_value(decided: Decided, candidate: str) -> float | None:
    """Return the p-value of the difference to the champion; in old records, to who was champion before the contest."""
    if not decided.differences:
        return dict(decided.p_values).get(candidate)
    apart = dict(decided.differences).get(candidate)
    return None if apart is None else apart.p_value


def _state(tries: tuple[Attempt, ...], made: Evaluated | None) -> tuple[State, str]:
    if made is not None:
        return State.EVALUATED, ""
    if not tries:
        return State.NOT_TRAINED, "it was never trained as it is now"
    last = tries[-1]
    if any(a.finished is not None and a.finished.outcome == "succeeded" for a in tries):
        return State.TRAINED, "it is not evaluated yet"
    if last.finished is None:
        return State.RUNNING, f"attempt {last.intent.attempt} has not ended"
    return State.FAILED, f"attempt {last.intent.attempt} {last.finished.outcome}: {last.finished.detail}"


def _defending(desired: DesiredModel, ledger: Ledger, decided: Decided | None) -> Entry | None:
    """Return the champion's entry: by today's rules, else by those under which it was evaluated last."""
    champion = desired.release.champion
    if champion is None:
        return None
    now = ledger.evaluations.get(desired.evaluation(champion.package))
    found = now or next(reversed(ledger.evaluations_of(desired.name, package=champion.package)), None)
    return _past(desired, found, ledger, decided) if found else None


def _evaluations(desired: DesiredModel, ledger: Ledger, known: set[str]) -> Iterator[Evaluated]:
    for found in ledger.evaluations.values():
        if found.model == desired.name and found.evaluation not in known:
            yield found


def _past(desired: DesiredModel, found: Evaluated, ledger: Ledger, decided: Decided | None) -> Entry:
    tries = ledger.tries("training", found.fingerprint)
    trained = ledger.success("training", found.fingerprint)
    counting = next((a for a in reversed(tries) if trained is not None and a.finished == trained), None)
    packaged = ledger.packages.get(found.package)
    champion = desired.release.champion
    is_champion = champion is not None and champion.package == found.package
    name = found.candidate or (packaged.candidate if packaged else "") or (champion.candidate if is_champion else "")  # type: ignore[union-attr]
    return Entry(
        candidate=name,
        fingerprint=found.fingerprint,
        attempts=len(tries),
        commit=counting.intent.commit if counting else found.commit,
        state=State.EVALUATED,
        detail="",
        metrics=found.scores.measurements,
        hyperparameters=_hyperparameters(counting),
        package=found.package,
        evaluation=found.evaluation,
        seconds=trained.seconds if trained else None,
        at=found.at,
        p_value=None,
        difference=None,
        said=dict(decided.lines).get("", "") if decided else "",
        is_champion=is_champion,
        is_comparable=found.evaluation == desired.evaluation(found.package),
        billed_seconds=trained.billed_seconds if trained else None,
    )


def _hyperparameters(attempt: Attempt | None) -> Pairs:
    """Return the hyperparameters in a training's recipe; none where the recipe is not kept."""
    if attempt is None or not attempt.intent.recipe:
        return ()
    pairs = json.loads(attempt.intent.recipe).get("candidate", {}).get("hyperparameters", ())
    return tuple((name, value) for name, value in pairs)
