"""Environments follow one another without a circle, and none opens without tests."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_ci.diagnostics import Diagnostic, Severity
from mlops_ci.manifest.document import did_you_mean, listed
from mlops_ci.manifest.rules.context import Context
from mlops_ci.model import Environment

_LIVE = ("production", "prod", "live")


def check(context: Context) -> Iterator[Diagnostic]:
    names = [environment.name for environment in context.model.environments]
    places = [place.name for place in context.project.places]
    manifest = context.manifest
    for environment in context.model.environments:
        at = ("environments", environment.name)
        if places and environment.name not in places:
            yield manifest.problem(
                "unknown-place",
                manifest.key(*at),
                f"the project has no environment `{environment.name}`",
                detail=f"`mlops-ci.yaml` has {listed(places)}",
                hint=did_you_mean(environment.name, places, f"add `{environment.name}: {{}}` to its `environments`"),
                severity=Severity.WARNING,
            )
        if environment.promotes_from and environment.promotes_from not in names:
            yield manifest.problem(
                "unknown-environment",
                manifest.value(*at, "promotes_from"),
                f"there is no environment `{environment.promotes_from}`",
                detail=f"the environments are {listed(names)}",
                hint=did_you_mean(environment.promotes_from, [name for name in names if name != environment.name]),
            )
        yield from _tested(context, environment)
    yield from _circles(context)


def _tested(context: Context, environment: Environment) -> Iterator[Diagnostic]:
    manifest, wanted = context.manifest, context.model.checks()
    at = ("environments", environment.name)
    if not environment.promotes_from:
        if environment.name in _LIVE:
            others = [other.name for other in context.model.environments if other.name not in _LIVE]
            yield manifest.problem(
                "untested-environment",
                manifest.key(*at),
                f"nothing is tested before `{environment.name}`",
                detail="an environment without `promotes_from` takes every champion at once",
                hint=f"add `promotes_from: {others[0]}`" if others else "add an environment that it promotes from",
                severity=Severity.WARNING,
            )
        if environment.requires:
            yield manifest.problem(
                "requires-unused",
                manifest.key(*at, "requires"),
                "`requires` has no meaning without `promotes_from`",
                detail="it names checks that must have passed on the environment before",
                hint="add `promotes_from`, or delete it",
            )
        if environment.approval:
            yield manifest.problem(
                "approval-unused",
                manifest.key(*at, "approval"),
                "`approval` has no meaning without `promotes_from`: nobody would be asked",
                detail="it stands before what passed on another environment",
                hint="add `promotes_from`, or delete it",
            )
        return
    if not wanted:
        yield manifest.problem(
            "untested-environment",
            manifest.value(*at, "promotes_from"),
            f"nothing is tested before `{environment.name}`",
            detail=f"every check on `{environment.promotes_from}` is skipped by `tests.skip`",
            hint="let at least one check run",
        )
        return
    for index, check_name in enumerate(environment.requires):
        if check_name not in wanted:
            skipped = check_name in context.model.tests.skip
            yield manifest.problem(
                "untested-environment",
                manifest.value(*at, "requires", index),
                f"`{environment.name}` requires the check `{check_name}`, which does not run",
                detail=f"the checks that run are {listed(wanted)}",
                hint="take it out of `tests.skip`" if skipped else "name your test files in `tests.pytest`",
            )


def _circles(context: Context) -> Iterator[Diagnostic]:
    manifest = context.manifest
    before = {environment.name: environment.promotes_from for environment in context.model.environments}
    told: set[str] = set()
    for name in sorted(before):
        way = [name]
        while (step := before.get(way[-1], "")) and step not in way:
            way.append(step)
        if step != name or told & set(way):
            continue
        told.update(way)
        yield manifest.problem(
            "environment-cycle",
            manifest.value("environments", name, "promotes_from"),
            f"`{name}` promotes from itself" if len(way) == 1 else f"{listed(way)} promote from each other",
            detail="one environment must be first, without `promotes_from`",
            hint="delete one `promotes_from`",
        )
