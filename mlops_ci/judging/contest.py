"""The contest: which candidate is champion, and why each of the others is not.

The candidates that have a score, meet what is required and were not rolled back compete on the deciding metric. Among
equals the metrics of `tie_break` decide, then the champion stays, then its own candidate comes first, then the name.
The best of them becomes champion unless it is the champion already, or does not beat it as `beat_champion` asks.
A champion is never replaced by a worse one, and deciding again after a promotion changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from mlops_ci.judging.criteria import judge_all, said
from mlops_ci.judging.evaluate import goal_of
from mlops_ci.judging.scores import Scores
from mlops_ci.judging.verdict import Verdict
from mlops_ci.model import Evaluation, Goal, Promotion

_ROUNDING = 1e-12
"""A margin of 0.1 is met by 0.3 against 0.2, whose floats differ by a little less."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A candidate's evaluation. `candidate` may be empty for a champion whose candidate is gone."""

    candidate: str
    fingerprint: str
    package: str
    evaluation: str
    scores: Scores


class Why(Enum):
    """Why a candidate did, or did not, win."""

    WON = "won"
    IS_CHAMPION = "is-champion"
    NO_SCORE = "no-score"
    REQUIREMENT = "requirement"
    ROLLED_BACK = "rolled-back"
    WORSE = "worse"
    TIED = "tied"
    MARGIN = "margin"
    CONFIDENCE = "confidence"


@dataclass(frozen=True, slots=True)
class Place:
    """What became of one candidate; `value` is its score, `sentence` says why."""

    candidate: str
    package: str
    value: float | None
    why: Why
    sentence: str


class Outcome(Enum):
    """How a contest ends."""

    PROMOTE = "promote"
    STAY = "stay"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Decision:
    """The end of a contest. `candidate` and `package` are the champion's by it, empty for nobody.

    `places` has every candidate, the best first, those that could not compete last, by name.
    `p_values` are (candidate, p-value against the champion) pairs, where they were given.
    """

    outcome: Outcome
    candidate: str
    package: str
    sentence: str
    places: tuple[Place, ...]
    p_values: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What a contest goes by; `rolled_back` are packages that are not promoted again by themselves."""

    promotion: Promotion
    evaluation: Evaluation
    rolled_back: tuple[str, ...] = ()

    @property
    def metric(self) -> str:
        """Return the deciding metric."""
        return self.evaluation.metric

    def gain(self, metric: str, scores: Scores) -> float:
        """Return a score that is larger for a better model; the worst there is where it has no value."""
        value = scores.value(metric)
        if value is None:
            return float("-inf")
        return value if goal_of(metric, self.evaluation) is Goal.MAXIMIZE else -value


def decide(
    contenders: tuple[Contender, ...], champion: Contender | None, rules: Rules, p_values: Mapping[str, float]
) -> Decision:
    """Return how the contest ends; the order of the contenders never matters.

    `champion` is the released package, evaluated on the same rows; it may or may not be among the contenders.
    `p_values` are by candidate, of the difference to the champion; where a confidence is asked for, a missing one is 1.
    """
    out = {id(c): place for c in contenders if (place := _unfit(c, rules)) is not None}
    ranked = sorted((c for c in contenders if id(c) not in out), key=lambda c: _rank(c, champion, rules))
    best = ranked[0] if ranked else None
    refusal = None if best is None or champion is None else _refusal(best, champion, rules, p_values)
    winner = best if refusal is None else None
    places = [_place(c, at, ranked, champion, refusal, rules) for at, c in enumerate(ranked)]
    told = (*places, *sorted(out.values(), key=lambda place: (place.candidate, place.package)))
    shown = tuple(sorted((name, p) for name, p in p_values.items() if name in {c.candidate for c in contenders}))
    if champion is not None and (winner is None or winner.package == champion.package):
        sentence = _stays(champion, places, rules)
        return Decision(Outcome.STAY, champion.candidate, champion.package, sentence, told, shown)
    if winner is None:
        sentence = "nobody can be promoted: no candidate meets what is required"
        return Decision(Outcome.NOBODY, "", "", sentence, told, shown)
    sentence = _wins(winner, ranked[1:], champion, rules, p_values.get(winner.candidate))
    return Decision(Outcome.PROMOTE, winner.candidate, winner.package, sentence, told, shown)


def _unfit(contender: Contender, rules: Rules) -> Place | None:
    """Return why a candidate cannot compete; None where it can."""
    value = contender.scores.value(rules.metric)

    def place(why: Why, sentence: str) -> Place:
        return Place(contender.candidate, contender.package, value, why, sentence)

    if value is None:
        found = contender.scores.measurement(rules.metric)
        reason = found.reason if found is not None else "it was not measured"
        return place(Why.NO_SCORE, f"has no `{rules.metric}`: {reason}")
    unmet = [
        j.evidence for j in judge_all(rules.promotion.require, contender.scores) if j.verdict is not Verdict.PASSED
    ]
    if unmet:
        return place(Why.REQUIREMENT, "; ".join(unmet))
    if contender.package in rules.rolled_back:
        return place(Why.ROLLED_BACK, "was rolled back, and is not promoted again by itself")
    return None


def _rank(
    contender: Contender, champion: Contender | None, rules: Rules
) -> tuple[tuple[float, ...], bool, bool, str, str]:
    metrics = (rules.metric, *(name for name in rules.promotion.tie_break if name != "name"))
    return (
        tuple(-rules.gain(metric, contender.scores) for metric in metrics),
        champion is None or contender.package != champion.package,
        champion is None or contender.candidate != champion.candidate,
        contender.candidate,
        contender.package,
    )


def _refusal(best: Contender, champion: Contender, rules: Rules, p_values: Mapping[str, float]) -> Place | None:
    """Return why the best candidate does not replace the champion; None where it does, or is the champion."""
    value, against = best.scores.value(rules.metric), champion.scores.value(rules.metric)
    if best.package == champion.package or against is None:
        return None

    def place(why: Why, sentence: str) -> Place:
        return Place(best.candidate, best.package, value, why, sentence)

    ahead = rules.gain(rules.metric, best.scores) - rules.gain(rules.metric, champion.scores)
    wanted = rules.promotion.beat_champion
    if ahead < 0:
        return place(Why.WORSE, f"{_compared(best, champion, rules)}: worse than the champion")
    if ahead < wanted.margin - _ROUNDING:
        sentence = f"is better than the champion by {said(ahead)}, and must be by {wanted.margin:g}"
        return place(Why.MARGIN, f"{_compared(best, champion, rules)}: {sentence}")
    if wanted.confidence is not None:
        p_value = p_values.get(best.candidate, 1.0)
        if p_value > 1 - wanted.confidence + _ROUNDING:
            sentence = f"p = {p_value:.3g}, and a confidence of {wanted.confidence:g} is asked for"
            return place(Why.CONFIDENCE, f"{_compared(best, champion, rules)}: {sentence}")
    return None


def _place(
    contender: Contender,
    at: int,
    ranked: list[Contender],
    champion: Contender | None,
    refusal: Place | None,
    rules: Rules,
) -> Place:
    value = contender.scores.value(rules.metric)
    if champion is not None and contender.package == champion.package:
        why, sentence = Why.IS_CHAMPION, f"is the champion, with `{rules.metric}` {said(value or 0.0)}"
    elif at == 0:
        if refusal is not None:
            return refusal
        why, sentence = Why.WON, f"is the best, with `{rules.metric}` {said(value or 0.0)}"
    else:
        best = ranked[0]
        if best.scores.value(rules.metric) == value:
            why, sentence = (
                Why.TIED,
                f"has the same `{rules.metric}` as `{best.candidate}`, {_tie(contender, best, rules)}",
            )
        else:
            why, sentence = Why.WORSE, _compared(contender, best, rules)
    return Place(contender.candidate, contender.package, value, why, sentence)


def _tie(loser: Contender, winner: Contender, rules: Rules) -> str:
    for metric in rules.promotion.tie_break:
        if metric != "name" and rules.gain(metric, loser.scores) != rules.gain(metric, winner.scores):
            mine, other = loser.scores.value(metric), winner.scores.value(metric)
            told = (_maybe(mine), _maybe(other))
            return f"and `{metric}` decides: {told[0]} against {told[1]}"
    return "which comes first"


def _compared(contender: Contender, other: Contender, rules: Rules) -> str:
    mine, against = contender.scores.value(rules.metric), other.scores.value(rules.metric)
    return f"has `{rules.metric}` {_maybe(mine)} against {_maybe(against)} of `{other.candidate or 'the champion'}`"


def _stays(champion: Contender, places: list[Place], rules: Rules) -> str:
    value = _maybe(champion.scores.value(rules.metric))
    stays = f"the champion `{champion.candidate}` stays, with `{rules.metric}` {value}"
    if places and places[0].why in {Why.WORSE, Why.MARGIN, Why.CONFIDENCE}:
        return f"{stays}: `{places[0].candidate}` {places[0].sentence}"
    rival = next((place for place in places if place.package != champion.package), None)
    return stays if rival is None else f"{stays}; next is `{rival.candidate}` with {_maybe(rival.value)}"


def _wins(
    winner: Contender, others: list[Contender], champion: Contender | None, rules: Rules, p_value: float | None
) -> str:
    value = _maybe(winner.scores.value(rules.metric))
    parts = [f"`{winner.candidate}` wins with `{rules.metric}` {value}"]
    if others:
        parts.append(f"next is `{others[0].candidate}` with {_maybe(others[0].scores.value(rules.metric))}")
    if champion is not None:
        sure = "" if p_value is None else f" (p = {p_value:.2g})"
        parts.append(
            f"the champion was `{champion.candidate}` with {_maybe(champion.scores.value(rules.metric))}{sure}"
        )
    return "; ".join(parts)


def _maybe(value: float | None) -> str:
    return "no value" if value is None else said(value)
