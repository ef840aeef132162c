"""Performing one step: each ends with an outcome, a sentence, and the next command to type where it said no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.errors import REFUSALS, AwaitsMerge, Interrupted, ManifestError, MlopsError, ProviderError
from mlops_ci.executor.assess import Situation
from mlops_ci.executor.attempts import is_from_outside
from mlops_ci.executor.deploy import Placed, deploy, restore
from mlops_ci.executor.evaluate import evaluate
from mlops_ci.executor.events import Event, Outcome, Progress, StepEnded, StepStarted
from mlops_ci.executor.gating import gate
from mlops_ci.executor.process import process
from mlops_ci.executor.promote import Superseded, promote
from mlops_ci.executor.proposing import Declined, withdraw
from mlops_ci.executor.reading import current_ledger, ledger_about, with_release
from mlops_ci.executor.search import search
from mlops_ci.executor.train import train
from mlops_ci.executor.trial import tested, trial
from mlops_ci.executor.world import World
from mlops_ci.model import Environment
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.plan.gate import Found
from mlops_ci.plan.proposed import deploying
from mlops_ci.plan.steps import Deploy, Evaluate, Gate, Process, Promote, Restore, Step, Test, Train, When
from mlops_ci.records.facts import Decided, Finished, Promoted
from mlops_ci.records.ledger import Job

Emit = Callable[[Event], None]

WIDEST = 300
"""How many characters of a log's line are shown where a job failed; the log itself has all of them."""


@dataclass(frozen=True, slots=True)
class End:
    """How a step ended, before its duration is known."""

    outcome: Outcome
    sentence: str
    lines: tuple[str, ...] = ()
    hint: str = ""
    exit_code: int = 0


def perform(world: World, situation: Situation, step: Step, emit: Emit) -> StepEnded:
    """Perform a step and return how it ended; an error of the world is an end too."""
    started = world.clock.seconds()
    emit(StepStarted(step, describe(step), world.clock.now()))

    def tell(sentence: str) -> None:
        emit(Progress(step, sentence, world.clock.seconds() - started))

    try:
        end = _perform(world, situation, step, tell)
    except Interrupted as error:
        end = End(Outcome.STOPPED, error.summary, hint=error.hint, exit_code=error.exit_code)
    except AwaitsMerge as merge:
        end = End(Outcome.WAITING, merge.summary, tuple(merge.detail.splitlines()), merge.hint, merge.exit_code)
    except ManifestError as error:
        lines = tuple(line for problem in error.diagnostics for line in _told(problem))
        end = End(Outcome.FAILED, error.summary, lines, f"mlops-ci validate {step.model}", error.exit_code)
    except MlopsError as error:
        lines = tuple(error.detail.splitlines())
        end = End(Outcome.FAILED, error.summary, lines, error.hint or f"mlops-ci plan {step.model}", error.exit_code)
    except OSError as error:  # no adapter stood between the machine and us
        if error.errno not in REFUSALS:
            raise
        where = f" `{error.filename}`" if error.filename else ""
        end = End(Outcome.FAILED, f"this machine says no{where}: {error.strerror}", (), "mlops-ci doctor", 69)
    ended = StepEnded(
        step, end.outcome, end.sentence, world.clock.seconds() - started, end.lines, end.hint, end.exit_code
    )
    emit(ended)
    return ended


def _told(problem: Diagnostic) -> tuple[str, ...]:
    """Return a problem that only the rows themselves showed: where it is, what it is, and its hint."""
    where = f"{problem.span.path}:{problem.span.line}" if problem.span.line else problem.span.path
    detail = f" ({problem.detail})" if problem.detail else ""
    hint = (f"  hint: {problem.hint}",) if problem.hint else ()
    return (f"{where}: error[{problem.code}]: {problem.summary}{detail}", *hint)


def describe(step: Step) -> str:
    """Return what a step does, in a few words."""
    match step:
        case Process():
            return "process the data"
        case Train(candidate=name):
            return f"train {name}"
        case Evaluate(candidate=name, environment=place):
            return f"evaluate {name or (f'what {place} serves' if place else 'the champion')}"
        case Promote():
            return "promote the best"
        case Gate(environment=name):
            return f"gate {name}"
        case Restore(environment=name):
            return f"restore {name}"
        case Deploy(environment=name):
            return f"deploy {name}"
        case Test(environment=name):
            return f"test {name}"
        case _:
            assert_never(step)


def _perform(world: World, situation: Situation, step: Step, tell: Callable[[str], None]) -> End:
    desired = situation.model(step.model)
    match step:
        case Process():
            ledger = ledger_about(world, desired.name, *_processing(desired))
            return _job(world, process(world, situation, desired, ledger, tell), "processed")
        case Train():
            wanted = desired.candidate(step.candidate)
            ledger = ledger_about(world, desired.name, ("training", wanted.fingerprint), *_processing(desired))
            perform_it = search if wanted.candidate.search else train
            ended = perform_it(world, situation, desired, wanted, ledger, tell)
            sentence = ended.detail or f"attempt {ended.attempt}, fingerprint {ended.fingerprint[:12]}"
            return _job(world, ended, sentence, candidate=step.candidate)
        case Evaluate():
            return _evaluate(world, situation, desired, step, tell)
        case Promote():
            return _promote(world, situation, desired)
        case Gate():
            return _gate(world, with_release(world, desired, fetch=False), step)
        case Restore():
            now, place = with_release(world, desired, fetch=False), _environment(desired, step.environment)
            return _served(now, place, restore(world, now, place, tell))
        case Deploy():
            return _deploy(world, desired, _environment(desired, step.environment), tell)
        case Test():
            return _test(world, situation, with_release(world, desired, fetch=False), step, tell)
        case _:
            assert_never(step)


def _processing(desired: DesiredModel) -> tuple[Job, ...]:
    return (("processing", desired.processing_fingerprint),) if desired.processing else ()


def _environment(desired: DesiredModel, name: str) -> Environment:
    return next(e for e in desired.model.environments if e.name == name)


def _job(world: World, ended: Finished, sentence: str, *, candidate: str = "") -> End:
    if ended.outcome == "succeeded":
        return End(Outcome.DONE, sentence)
    log = ended.artifact("log")
    lines: tuple[str, ...] = ()
    if log:
        text = world.artifacts.fetch(log).read_text(encoding="utf-8", errors="replace")
        lines = tuple(line if len(line) <= WIDEST else f"{line[:WIDEST]} ..." for line in text.splitlines()[-20:])
    if is_from_outside(ended):
        hint = f"`mlops-ci run {ended.model}` tries it again, when what it names is mended or has passed"
        return End(Outcome.FAILED, ended.detail, lines, hint, exit_code=ProviderError.exit_code)
    hint = f"mlops-ci logs {ended.model}" + (f" --candidate {candidate}" if candidate else "")
    return End(Outcome.FAILED, ended.detail, lines, hint, exit_code=1)


def _evaluate(
    world: World, situation: Situation, desired: DesiredModel, step: Evaluate, tell: Callable[[str], None]
) -> End:
    if step.candidate:
        wanted = desired.candidate(step.candidate)
        ledger = ledger_about(world, desired.name, ("training", wanted.fingerprint), *_processing(desired))
    else:
        desired, ledger = with_release(world, desired, fetch=False), current_ledger(world, desired.name)
    made = evaluate(world, situation, desired, step, ledger, tell)
    if isinstance(made, Finished):
        return _job(world, made, "")
    metric = made.scores.metric
    value = made.scores.value(metric)
    shown = "undefined" if value is None else f"{value:.4f}"
    return End(Outcome.DONE, f"{metric} {shown} on {made.scores.rows} test rows")


def _promote(world: World, situation: Situation, desired: DesiredModel) -> End:
    ended = promote(world, situation, desired, current_ledger(world, desired.name))
    match ended:
        case Promoted():
            sentence = f"{ended.candidate} is champion: {desired.name} v{ended.version}, commit {ended.commit[:10]}"
            return End(Outcome.DONE, sentence, (ended.sentence,))
        case Decided(outcome="nobody"):
            lines = tuple(f"{candidate}: {why}" for candidate, why in ended.lines)
            hint = f"mlops-ci leaderboard {desired.name}"
            return End(Outcome.REFUSED, ended.sentence, lines, hint, exit_code=1)
        case Decided():
            return End(Outcome.SKIPPED, ended.sentence)
        case Declined():
            sentence = f"pull request #{ended.number} is closed, and the branch does not have it: the champion stays"
            return End(Outcome.SKIPPED, sentence, hint=f"{ended.url} can be opened again")
        case Superseded():
            # Nothing went wrong: who works for what the branch asks for now goes on, and here nothing is left to do.
            return End(Outcome.STOPPED, ended.sentence, hint="git pull, then mlops-ci run")
        case _:
            assert_never(ended)


def _gate(world: World, desired: DesiredModel, step: Gate) -> End:
    environment = _environment(desired, step.environment)
    standing, source = (desired.release.standing(name) for name in (environment.name, environment.promotes_from))
    if step.when is When.NEEDED and standing and source and standing.package == source.package:
        return End(Outcome.SKIPPED, f"{desired.name} v{standing.version} is in already")
    said = gate(world, desired, environment, current_ledger(world, desired.name))
    if said is None:
        return End(Outcome.SKIPPED, "nothing stands before it yet")
    lines = tuple(item.sentence for item in said.evidence)
    if not said.is_open:  # what was proposed while it was open is proposed no more
        withdraw(world, desired.name, deploying(environment.name))
    if said.is_open:
        return End(Outcome.DONE, f"open for {desired.name} v{said.version}", lines)
    closed = tuple(item.sentence for item in said.evidence if item.found is not Found.PASSED)
    if said.only(Found.WAITING):
        hint = f"mlops-ci approve {environment.name} {desired.name}"
        return End(Outcome.WAITING, f"waits for approval of {desired.name} v{said.version}", closed, hint, exit_code=75)
    hint = f"mlops-ci test {environment.promotes_from} {desired.name}"
    if said.is_rejected:
        hint = (
            f"mlops-ci approve {environment.name} {desired.name}, or approve it in the registry: the last word counts"
        )
    return End(Outcome.REFUSED, f"closed for {desired.name} v{said.version}", closed, hint, exit_code=1)


def _deploy(world: World, desired: DesiredModel, environment: Environment, tell: Callable[[str], None]) -> End:
    return _served(desired, environment, deploy(world, desired, environment, current_ledger(world, desired.name), tell))


def _served(desired: DesiredModel, environment: Environment, placed: Placed | None) -> End:
    if placed is None:
        return End(Outcome.SKIPPED, "nothing to serve yet", hint=f"mlops-ci run {desired.name}")
    version = f"{desired.name} v{placed.standing.version}"
    url = f" at {placed.endpoint.url}" if placed.endpoint else ", for batch runs"
    if placed.standing.held:
        return End(
            Outcome.SKIPPED, f"held at {version}{url}", hint=f"mlops-ci release {environment.name} {desired.name}"
        )
    if not placed.changed:
        return End(Outcome.SKIPPED, f"serves {version}{url} already")
    return End(Outcome.DONE, f"serves {version}{url}")


def _test(world: World, situation: Situation, desired: DesiredModel, step: Test, tell: Callable[[str], None]) -> End:
    environment = _environment(desired, step.environment)
    known = tested(desired, environment, current_ledger(world, desired.name)) if step.when is When.NEEDED else None
    run = known or trial(world, situation, desired, environment, tell)
    if run is None:
        return End(Outcome.SKIPPED, "it serves nothing yet", hint=f"mlops-ci deploy {step.environment} {desired.name}")
    lines = tuple(f"{r.check}: {r.verdict}, {r.evidence}" for r in run.results)
    bad = tuple(r.check for r in run.results if r.verdict != "passed")
    if not bad and known:
        return End(Outcome.SKIPPED, f"v{run.version} passed {len(run.results)} of {len(run.results)} checks before")
    if not bad:
        return End(Outcome.DONE, f"{len(run.results)} of {len(run.results)} checks passed", lines)
    sentence = f"{', '.join(bad)} did not pass on {desired.name} v{run.version}"
    hint = f"mlops-ci logs {desired.name} --environment {step.environment}"
    return End(Outcome.REFUSED, sentence, lines, hint, exit_code=1)
