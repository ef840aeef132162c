"""The contest of a model: what it is between, and what is known of its end."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mlops_ci.fingerprint.canonical import digest
from mlops_ci.judging.contest import Contender, Outcome, Rules, decide
from mlops_ci.model import BeatChampion, Effect, Json
from mlops_ci.model.effects import project
from mlops_ci.plan.change import Action, Change, Note, Reason
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.plan.proposed import DECLINED, PROMOTE, last_word, told_declined, told_open
from mlops_ci.records.facts import Decided, Evaluated
from mlops_ci.records.ledger import Ledger

WAITS = "the contest waits for evaluations"
"""What is foretold of a contest that cannot be held yet."""


def contenders(desired: DesiredModel, ledger: Ledger) -> tuple[Evaluated, ...] | None:
    """Return the evaluation of each candidate, in their order; None while one is missing."""
    found: list[Evaluated] = []
    for candidate in desired.candidates:
        trained = ledger.success("training", candidate.fingerprint)
        made = ledger.evaluations.get(desired.evaluation(desired.package(trained))) if trained else None
        if made is None:
            return None
        found.append(made)
    return tuple(found)


def defender(desired: DesiredModel, ledger: Ledger) -> Evaluated | None:
    """Return the evaluation of the champion's package by today's rules; None where there is none."""
    champion = desired.release.champion
    return ledger.evaluations.get(desired.evaluation(champion.package)) if champion else None


def contest(desired: DesiredModel, ledger: Ledger) -> str | None:
    """Return the digest of today's contest: evaluations, rules, the champion; None while an evaluation is missing.

    Who defends counts also where it is among the candidates: a margin protects whoever is champion.
    """
    entries = contenders(desired, ledger)
    if entries is None:
        return None
    if desired.release.champion is None:
        return _contest(desired, entries, "")
    against = defender(desired, ledger)
    return _contest(desired, entries, against.evaluation) if against else None


def verdict(desired: DesiredModel, ledger: Ledger) -> Decided | None:
    """Return how today's contest ended; None while it is undecided.

    A candidate that became champion by winning this contest against an earlier version, or against nobody, stays so
    by that: that it defends itself now does not open another one.
    """
    which = contest(desired, ledger)
    decided = ledger.contests.get(which) if which else None
    champion = desired.release.champion
    entries = contenders(desired, ledger)
    if decided is not None or champion is None or entries is None:
        return decided
    if champion.package not in {entry.package for entry in entries}:
        return None
    earlier = (desired.evaluation(package) for _, package in reversed(desired.release.versions))
    for against in (*earlier, ""):
        won = ledger.contests.get(_contest(desired, entries, against))
        if won is not None and won.package == champion.package:
            return won
    return None


def _contest(desired: DesiredModel, entries: tuple[Evaluated, ...], against: str) -> str:
    what: dict[str, Json] = {
        "evaluations": [*sorted(entry.evaluation for entry in entries)],
        "candidates": [*sorted(entry.candidate for entry in entries)],
        "champion": against,
        "rules": project(desired.model.promotion, Effect.REJUDGE),
        "rolled_back": [*sorted(desired.release.rolled_back)],
    }
    return digest(what)


@dataclass(frozen=True, slots=True)
class Entrants:
    """Who competes in today's contest, the champion's package as a contender, and what it goes by."""

    contenders: tuple[Contender, ...]
    champion: Contender | None
    rules: Rules


def entrants(desired: DesiredModel, ledger: Ledger) -> Entrants | None:
    """Return who competes; None while an evaluation is missing."""
    entries = contenders(desired, ledger)
    if entries is None or contest(desired, ledger) is None:
        return None
    against = defender(desired, ledger)
    named = zip((c.name for c in desired.candidates), entries, strict=True)
    return Entrants(
        contenders=tuple(_contender(name, entry) for name, entry in named),
        champion=_contender(against.candidate, against) if against else None,
        rules=Rules(desired.model.promotion, desired.model.evaluation, desired.release.rolled_back),
    )


def _contender(name: str, entry: Evaluated) -> Contender:
    return Contender(name, entry.fingerprint, entry.package, entry.evaluation, entry.scores)


def foretold(desired: DesiredModel, ledger: Ledger) -> str:
    """Return in a sentence how today's contest ended, or would end as far as can be told without p-values."""
    decided = verdict(desired, ledger)
    if decided is not None:
        return decided.sentence
    found = entrants(desired, ledger)
    if found is None:
        return WAITS
    wanted = found.rules.promotion.beat_champion
    rules = replace(found.rules, promotion=replace(found.rules.promotion, beat_champion=BeatChampion(wanted.margin)))
    decision = decide(found.contenders, found.champion, rules, {})
    is_open = decision.outcome is Outcome.PROMOTE and found.champion is not None and wanted.confidence is not None
    return decision.sentence + (f", if a confidence of {wanted.confidence:g} is met" if is_open else "")


def contest_change(desired: DesiredModel, ledger: Ledger) -> Change | Note | None:
    """Return the change that deciding the contest is; None where it waits for evaluations or is settled.

    A contest that ended with nobody, and so without any champion, is a note; so is one whose winner people declined.
    """
    which = contest(desired, ledger)
    if which is None:
        return None
    decided = verdict(desired, ledger)
    champion = desired.release.champion
    if decided is None:
        reason = Reason("undecided", "the evaluations, or the rules of promotion, are new")
        way = told_open(None) if desired.is_proposed else ""
        summary = f"decide who is champion, from the records{way}: {foretold(desired, ledger)}"
        return Change(desired.name, "champion", Action.PROMOTE, (reason,), summary)
    if decided.outcome == "nobody" and champion is None:
        return Note(desired.name, "champion", "nobody", decided.sentence, f"mlops-ci leaderboard {desired.name}")
    if decided.outcome == "nobody" or (champion and champion.package == decided.package):
        return None
    reason, way = Reason("winner", decided.sentence), ""
    if desired.is_proposed:
        proposed = last_word(ledger, desired.name, PROMOTE, decided.contest)
        if proposed is not None and proposed.state == DECLINED:
            sentence = f"`{decided.candidate}` won, and {told_declined(proposed, 'the contest is another one')}"
            return Note(desired.name, "champion", "declined", sentence, f"{proposed.url} can be opened again")
        way = told_open(proposed)
    return Change(desired.name, "champion", Action.PROMOTE, (reason,), f"promote `{decided.candidate}`{way}")
