"""What the candidates need: training, or evaluation, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from statistics import median

from mlops_ci.fingerprint.canonical import canonical
from mlops_ci.model import Standing
from mlops_ci.plan.change import Action, Change, Reason
from mlops_ci.plan.desired import DesiredCandidate, DesiredModel, Reach
from mlops_ci.plan.environments import is_tested
from mlops_ci.plan.reasons import why
from mlops_ci.plan.search import expected_seconds as expected_of_search
from mlops_ci.plan.search import told, trials_of
from mlops_ci.records.ledger import Ledger


def candidate_changes(desired: DesiredModel, ledger: Ledger) -> Iterator[Change]:
    """Yield one change for each candidate that must be trained or evaluated, and for packages that are released.

    These are the champion's, and what stands where tests run: those compare with its evaluation.
    """
    current: set[str] = set()
    for candidate in desired.candidates:
        trained = ledger.success("training", candidate.fingerprint)
        if trained is None:
            yield _training(desired, candidate, ledger)
            continue
        package = desired.package(trained)
        current.add(package)
        if desired.evaluation(package) not in ledger.evaluations:
            yield _evaluation(desired, candidate.name, package, ledger, canonical(desired.package_recipe(trained)))
    champion = desired.release.champion
    if champion and champion.package not in current and desired.evaluation(champion.package) not in ledger.evaluations:
        yield _evaluation(desired, "", champion.package, ledger, "")
    for standing in standing_alone(desired):
        if standing.package not in current and desired.evaluation(standing.package) not in ledger.evaluations:
            yield replace(_evaluation(desired, "", standing.package, ledger, ""), subject=standing_subject(standing))


def standing_alone(desired: DesiredModel) -> tuple[Standing, ...]:
    """Return what stands in tested environments and is not the champion's package (any more)."""
    champion = desired.release.champion
    if champion is None or desired.reach is Reach.AFTER_MERGE:
        return ()
    found = (desired.release.standing(e.name) for e in desired.model.environments if is_tested(desired, e))
    return tuple(standing for standing in found if standing and standing.package != champion.package)


def standing_subject(standing: Standing) -> str:
    """Return how a plan calls such a package; no candidate and no environment can have this name."""
    return f"v{standing.version} on {standing.environment}"


def _training(desired: DesiredModel, candidate: DesiredCandidate, ledger: Ledger) -> Change:
    name, search = candidate.name, candidate.candidate.search
    verb = "search" if search else "register" if candidate.candidate.artifact else "train"
    before = ledger.last_recipe(desired.name, name)
    if before is None:
        reasons: tuple[Reason, ...] = (Reason("never-trained", "it was never trained"),)
        first = f"{verb} `{name}`: {told(search)}" if search else f"{verb} `{name}` for the first time"
        return Change(desired.name, name, Action.NEW, reasons, first)
    if before.fingerprint != candidate.fingerprint:
        reasons = why(before.recipe, candidate.recipe)
    else:
        reasons = (_unfinished(candidate, ledger),)
    again = f"{verb} `{name}` again" + (f", {told(search)}" if search else "")
    summary = f"{again}: {reasons[0].sentence}" + (f" and {len(reasons) - 1} more" if len(reasons) > 1 else "")
    seconds = expected_of_search(desired.name, candidate, ledger, expected_seconds(desired, name, ledger))
    return Change(desired.name, name, Action.RETRAIN, reasons, summary, seconds)


def _unfinished(candidate: DesiredCandidate, ledger: Ledger) -> Reason:
    last = ledger.tries("training", candidate.fingerprint)[-1]
    number = last.intent.attempt
    if last.finished is None:
        done = len(trials_of(ledger, candidate.fingerprint)) if candidate.candidate.search else 0
        where = f" after {done} trial{'' if done == 1 else 's'}" if done else ""
        return Reason("not-finished", f"attempt {number} has not ended; it is taken up again{where}")
    return Reason("failed-before", f"attempt {number} {last.finished.outcome}: {last.finished.detail}")


def _evaluation(desired: DesiredModel, candidate: str, package: str, ledger: Ledger, packed: str) -> Change:
    subject = candidate or "champion"
    wanted = {"candidate": candidate} if candidate else {"package": package}
    earlier = ledger.evaluations_of(desired.name, **wanted)
    if earlier:
        last = earlier[-1]
        found = why(last.recipe, canonical(desired.evaluation_recipe(package)))
        before = ledger.packages.get(last.package)
        inside = _repacked(before.recipe, packed) if before is not None and packed else ()
        reasons = tuple(r for r in found if r.code != "package-changed" or not inside) + inside
    else:
        reasons = (Reason("never-evaluated", "it was trained and not evaluated"),)
    summary = f"evaluate `{subject}`" + (f" again: {reasons[0].sentence}" if earlier else "")
    return Change(desired.name, subject, Action.REEVALUATE, reasons, summary)


def _repacked(old: str, new: str) -> tuple[Reason, ...]:
    """Return what differs between two packages (canonical recipes): the model, or the code around it."""
    return tuple(_about_package(reason) for reason in why(old, new))


def _about_package(reason: Reason) -> Reason:
    match reason.field:
        case "model":
            return replace(reason, code="model-changed", sentence="it was trained anew")
        case "entry":
            sentence = f"`serving.script`: {reason.old} -> {reason.new}"
            return replace(reason, field="serving.script", sentence=sentence)
        case _:
            return replace(reason, sentence=f"serving {reason.sentence}")


def expected_seconds(desired: DesiredModel, candidate: str, ledger: Ledger) -> float | None:
    """Return the median duration of the candidate's past trainings, in seconds; None where there was none."""
    ends = (attempt.finished for attempt in ledger.trainings(desired.name, candidate))
    past = [end.seconds for end in ends if end is not None and end.outcome == "succeeded"]
    return median(past) if past else None
