"""One answer of a serving package: a number, or a class with the probabilities of all."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mlops_ci.judging.labels import Labels
from mlops_ci.model import OutputMapping
from mlops_ci.model.effects import Json

_SUM_TOLERANCE = 0.01
"""How far probabilities may sum from 1: answers are rounded, and float32 is common."""

SCORE, PREDICTED_LABEL = "score", "predicted_label"
"""The keys under which SageMaker's algorithms answer, where none of `output` is in an answer."""

Shares = tuple[tuple[str, float], ...]
"""(class, probability) pairs, sorted by class."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered for one row: `value` in regression; else `label`, and probabilities if there are any."""

    label: str = ""
    value: float = 0.0
    probabilities: Shares | None = None

    def probability(self, name: str) -> float:
        """Return the probability of a class; 0 for one that the answer does not name."""
        return next((share for key, share in self.probabilities or () if key == name), 0.0)


@dataclass(frozen=True, slots=True)
class ClassAnswers:
    """Reads answers of classes. `positive` is empty where there are more than two; else `negative` is the other one."""

    output: OutputMapping
    naming: Labels
    positive: str
    negative: str
    threshold: float
    integers_are_labels: bool

    def read(self, value: Json) -> Answer | str:
        """Return what a value says, or what is wrong with it, to be read after `row N`."""
        if isinstance(value, dict):
            known = self.output.label in value or self.output.probabilities in value
            return self._object(value) if known else self._algorithm(value)
        if isinstance(value, list) and not self.positive:
            return self._algorithm({SCORE: value})  # a class has the number that its place has, as XGBoost writes it
        if self.positive and not self.integers_are_labels and _is_number(value):
            shares = self._shares(value)
            return shares if isinstance(shares, str) else self._cut(shares)
        name = self.naming.name(value)
        return Answer(name) if name else "names no class"

    def _object(self, value: dict[str, Json]) -> Answer | str:
        given, found = value.get(self.output.label), value.get(self.output.probabilities)
        shares = None if found is None else self._shares(found)
        if isinstance(shares, str):
            return shares
        if given is not None:
            name = self.naming.name(given)
            return Answer(name, probabilities=shares) if name else f"has a `{self.output.label}` that names no class"
        if shares is None:
            return f"has neither `{self.output.label}` nor `{self.output.probabilities}`"
        return self._cut(shares)

    def _algorithm(self, value: dict[str, Json]) -> Answer | str:
        """Return what one of SageMaker's algorithms says: it knows classes as numbers from 0, and 1 as the positive."""
        score, label = value.get(SCORE), value.get(PREDICTED_LABEL)
        if isinstance(score, list) and score and not self.positive:
            shares = self._shares({str(at): share for at, share in enumerate(score)})
            return shares if isinstance(shares, str) else self._cut(shares)
        if self.positive and score is not None:
            shares = self._shares(score)
            return shares if isinstance(shares, str) else self._cut(shares)
        found = number(score if label is None else label)
        if found is None:
            return f"has neither `{self.output.label}` nor `{self.output.probabilities}`"
        if self.positive:
            return Answer(self.positive if found == 1 else self.negative)
        return Answer(self.naming.name(found) or str(found))

    def _shares(self, found: Json) -> Shares | str:
        """Return the probabilities, or what is wrong with them; a number is P(positive)."""
        if self.positive and _is_number(found):
            chance = number(found)
            if chance is None or not 0 <= chance <= 1:
                return "is no probability: a number is P(positive), from 0 to 1"
            return tuple(sorted({self.negative: 1 - chance, self.positive: chance}.items()))
        if not isinstance(found, dict):
            return f"has `{self.output.probabilities}` that is no object of probabilities by class"
        shares: dict[str, float] = {}
        for key, share in found.items():
            chance = number(share)
            if chance is None or not 0 <= chance <= 1 or isinstance(share, str):
                return f"gives `{key}` a probability that is not from 0 to 1"
            shares[self.naming.name(key) or key] = chance
        total = math.fsum(shares.values())
        if abs(total - 1) > _SUM_TOLERANCE:
            return f"has probabilities that sum to {total:.4g}, not to 1"
        return tuple(sorted(shares.items()))

    def _cut(self, shares: Shares) -> Answer:
        if not self.positive:
            # Among equals the first in the order of names, so that the same answer is always the same class.
            return Answer(max(shares, key=lambda pair: pair[1])[0], probabilities=shares)
        chance = dict(shares).get(self.positive, 0.0)
        return Answer(self.positive if chance >= self.threshold else self.negative, probabilities=shares)


def number(value: Json) -> float | None:
    """Return a number, or a text that reads as one; None for anything else, and for what is not finite."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
