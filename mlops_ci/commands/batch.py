"""Batch runs: which package, which files, and where their predictions go."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mlops_ci.commands.pull import version_of
from mlops_ci.commands.select import unknown
from mlops_ci.errors import UsageError
from mlops_ci.executor.attempts import Tell
from mlops_ci.executor.batch import Answered, Released, answer
from mlops_ci.executor.world import World
from mlops_ci.model import Standing
from mlops_ci.model.address import is_remote, wrong_with
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.ports.batches import BatchFiles

_FIRST = "production"
"""The environment that is meant where none is named, and there is one of this name."""


def released(desired: DesiredModel, *, environment: str, version: str, commit: str) -> Released:
    """Return what a batch run goes through: a version, what an environment serves, or what is released.

    Where nothing is named that is what `production` serves, else the last environment that serves something; the
    champion of a model without environments.

    Raises:
        UsageError: there is no such version or environment, or nothing is released.

    """
    if version:
        number = version_of(desired, version)
        return Released(
            desired.name, number, desired.release.package(number) or "", commit, desired.model.evaluation.resources
        )
    standing = _standing(desired, environment)
    if standing is not None:
        return Released(desired.name, standing.version, standing.package, commit, desired.model.evaluation.resources)
    champion = desired.release.champion
    if champion is not None and not desired.model.environments and not environment:
        return Released(desired.name, champion.version, champion.package, commit, desired.model.evaluation.resources)
    where = f" for `{environment}`" if environment else ""
    hint = f"mlops-ci run {desired.name}" + (", or `--version` to name one that is" if champion else "")
    raise UsageError(f"nothing of `{desired.name}` is released{where} yet", hint=hint)


def _standing(desired: DesiredModel, environment: str) -> Standing | None:
    names = [e.name for e in desired.model.environments]
    if environment:
        if environment not in names and desired.release.standing(environment) is None:
            raise unknown("environment", environment, names)
        return desired.release.standing(environment)
    for name in (_FIRST, *reversed(names)):
        if (found := desired.release.standing(name)) is not None:
            return found
    return None


def pairs(files: BatchFiles, source: str, output: str) -> tuple[tuple[str, str], ...]:
    """Return (input, output) of each file: one of its own name and `.jsonl` where the input is a folder.

    Raises:
        UsageError: an address is none, nothing is there, or both are the same.

    """
    for address in (source, output):
        if is_remote(address) and (wrong := wrong_with("/".join(address.split("/")[:3]))):
            raise UsageError(f"`{address}` is no place of files: {wrong}", hint="a path, or `s3://bucket/key`")
    names = files.listed(source)
    if names == ("",):
        name = source.rpartition("/")[2]
        return _apart(((source, f"{output}{_named(name)}" if output.endswith("/") else output),))
    return _apart(tuple((f"{source.rstrip('/')}/{name}", f"{output.rstrip('/')}/{_named(name)}") for name in names))


def _apart(found: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return these (input, output) where nothing is written over; raises `UsageError`."""
    targets = [target for _, target in found]
    twice = next((target for target in targets if targets.count(target) > 1), "")
    if twice:
        raise UsageError(f"two inputs would be written to `{twice}`", hint="rename one, or give each its own run")
    if any(one == other for one, other in found):
        raise UsageError("`--output` is the input itself", hint="name another file or folder")
    return found


def _named(name: str) -> str:
    return f"{name}.jsonl"


def answers(
    world: World,
    files: BatchFiles,
    what: Released,
    which: tuple[tuple[str, str], ...],
    tell: Tell,
    cancel: Callable[[], None],
) -> Iterator[Answered]:
    """Yield each file when it is answered; raises as `answer`."""
    for source, output in which:
        yield answer(world, files, what, source, output, tell, cancel)
