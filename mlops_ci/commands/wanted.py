"""Which candidates `--candidate` means: names, or `MODEL/NAME` of a list that another job made at another commit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mlops_ci.errors import UsageError
from mlops_ci.plan.desired import DesiredModel


@dataclass(frozen=True, slots=True)
class Wanted:
    """Candidates by name, of any selected model, and by (model, name). None of both means all there are."""

    names: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()

    @property
    def is_all(self) -> bool:
        return not self.names and not self.pairs

    def takes(self, model: str, candidate: str) -> bool:
        """Return whether this candidate is meant."""
        return self.is_all or candidate in self.names or (model, candidate) in self.pairs

    def concerns(self, model: str) -> bool:
        """Return whether a candidate of this model may be meant."""
        return self.is_all or bool(self.names) or any(model == its for its, _ in self.pairs)

    def gone(self, desired: Iterable[DesiredModel]) -> tuple[str, ...]:
        """Return what is named with its model and is not among these, as it was typed."""
        there = {(model.name, candidate.name) for model in desired for candidate in model.candidates}
        return tuple(f"{model}/{name}" for model, name in self.pairs if (model, name) not in there)


def wanted(words: Iterable[str]) -> Wanted:
    """Return what the words mean, each a list with commas.

    Raises:
        UsageError: one is empty, or is no `MODEL/NAME`.

    """
    every = [part.strip() for word in words for part in word.split(",")]
    for part in every:
        model, slash, name = part.partition("/")
        if not part or "/" in name or (slash and not (model and name)):
            summary = f"`{part}` is no candidate" if part else "`--candidate` has an empty name in it"
            raise UsageError(summary, hint="mlops-ci train --candidate NAME, or MODEL/NAME,MODEL/NAME")
    unique = tuple(dict.fromkeys(every))
    pairs = tuple((model, name) for model, slash, name in (part.partition("/") for part in unique) if slash)
    return Wanted(tuple(part for part in unique if "/" not in part), pairs)
