"""How what is read grows with what there is: thousands of models, records and versions, and others' way beside it.

    python -m bench.scale [--quick] [--rounds N] [--most N] [--no-peers]

Estates (`bench.estate`) and the peers' projects are kept below `build/`; each estate is checked to be settled first.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from bench.counting import git_processes
from bench.estate.history import git
from bench.estate.keeping import forget, kept
from bench.estate.making import Size
from bench.peers import TOP, Peers, dvc_project, gto_registry, peers
from bench.timing import Contender, compare, plain_environment

ESTATES = TOP / "build/bench-estates"
PROJECTS = TOP / "build/bench-projects"
PYTHON = sys.executable
SLOW = 3
"""Rounds of what takes many seconds."""
PLAN_AIMS = {100: 0.15, 1000: 0.5}


def ours(name: str, folder: Path, *arguments: str, aim: float | None = None) -> Contender:
    """Return a command of ours."""
    command = (PYTHON, "-m", "mlops_ci", "-C", str(folder), *arguments)
    return Contender(name, command, folder, plain_environment(), aim=aim)


def start(rounds: int, others: Peers | None) -> None:
    """Measure what a program costs before it does anything."""
    at, environment = Path.cwd(), plain_environment()
    found = [Contender("python -c pass", (PYTHON, "-c", "pass"), at, environment)]
    found += [
        Contender(f"mlops-ci {word}", (PYTHON, "-m", "mlops_ci", word), at, environment, times=4)
        for word in ("--version", "--help")
    ]
    if others:
        found += [Contender("dvc --version", (others.dvc, "--version"), at, others.environment, most=SLOW)]
        found += [Contender("gto --version", (others.gto, "--version"), at, others.environment, most=SLOW)]
    compare("start", tuple(found), rounds)


def unchanged(models: int, rounds: int, others: Peers | None) -> None:
    """Measure a plan that finds nothing changed."""
    folder = kept(ESTATES, Size(models))
    with tempfile.TemporaryDirectory() as scratch:
        bound = (PYTHON, str(TOP / "bench/bound.py"), str(folder), str(Path(scratch, "listing.json")))
        found = [
            Contender("git ls-tree and compare, the bound", bound, folder, plain_environment()),
            ours("mlops-ci plan", folder, "plan", aim=PLAN_AIMS.get(models)),
        ]
        if others and models <= max(PLAN_AIMS):
            project = _project(f"dvc-{models}", lambda place: dvc_project(place, models, others))
            most = SLOW if models > 100 else rounds
            found += [
                Contender(f"dvc {verb}, {models:,} stages", (others.dvc, verb), project, others.environment, most=most)
                for verb in ("status", "repro")
            ]
        compare(f"nothing changed, {models:,} models of 3 candidates", tuple(found), rounds)


def one(few: int, many: int, rounds: int) -> None:
    """Measure what a plan of one model costs more among many than among few."""
    found = tuple(
        ours(f"mlops-ci plan m00007, among {count:,}", kept(ESTATES, Size(count)), "plan", "m00007")
        for count in (few, many)
    )
    small, large = compare("one model among many", found, rounds)
    more = large.wall - small.wall
    print(
        f"  {many:,} cost {more * 1000:.0f} ms more than {few:,}   aim 100 ms: {'met' if more <= 0.1 else 'NOT met'}\n"
    )


def first(models: int, rounds: int) -> None:
    """Measure the first plan in a fresh clone, which has the team's records and nothing derived from them."""
    estate = kept(ESTATES, Size(models))
    with tempfile.TemporaryDirectory(dir=ESTATES) as scratch:
        clone = Path(scratch, "clone")
        git(estate, "clone", "-q", f"file://{estate}", str(clone))
        (clone / ".mlops-ci").mkdir()
        shutil.copytree(estate / ".mlops-ci/store", clone / ".mlops-ci/store", copy_function=_linked)
        plan = ours("mlops-ci plan, nothing derived", clone, "plan", aim=5.0 if models == 1000 else None)
        plan = replace(plan, before=partial(forget, clone))
        (took,) = compare(f"first plan in a fresh clone of {models:,} models", (plan,), rounds)
    print(f"  {took.cpu / took.wall:.2f} cores busy\n")


def records(count: int, rounds: int) -> None:
    """Measure the leaderboard of a model with many evaluations on record."""
    folder = kept(ESTATES, Size(1, records=count))
    compare(
        f"leaderboard of {count:,} records",
        (
            ours("mlops-ci leaderboard", folder, "leaderboard", aim=0.5 if count == 10_000 else None),
            ours("mlops-ci leaderboard --every", folder, "leaderboard", "--every"),
            ours("mlops-ci plan", folder, "plan"),
        ),
        rounds,
    )


def versions(count: int, rounds: int, others: Peers | None) -> None:
    """Measure the history of a model with many versions."""
    folder = kept(ESTATES, Size(1, versions=count))
    listing = ("git", "-C", str(folder), "for-each-ref", "refs/tags")
    found = [
        Contender("git for-each-ref, the bound", listing, folder, plain_environment()),
        ours("mlops-ci history m00000", folder, "history", "m00000", aim=0.5 if count == 1000 else None),
    ]
    if others:
        registry = _project(f"gto-{count}", lambda place: gto_registry(place, count))
        command = (others.gto, "history", "m00000")
        found.append(Contender("gto history m00000", command, registry, others.environment, most=SLOW))
    compare(f"history of {count:,} versions", tuple(found), rounds)


def processes(sizes: tuple[int, ...]) -> bool:
    """Print which git processes a plan starts at each size; return whether they are the same."""
    found = {}
    for count in sizes:
        command = ours("", kept(ESTATES, Size(count)), "plan")
        found[count] = git_processes(command.command, command.folder, command.environment)
    print("git processes of an unchanged plan")
    for count, verbs in found.items():
        print(f"  {count:>6,} models  {len(verbs):>3}  {' '.join(verbs)}")
    same = len({tuple(sorted(verbs)) for verbs in found.values()}) == 1
    print(f"  a constant number: {'yes' if same else 'NO'}\n")
    return same


def main(arguments: list[str] | None = None) -> int:
    """Print every table."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, few rounds")
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--most", type=int, default=0, help="models of the largest estate (default: 10000)")
    parser.add_argument("--no-peers", action="store_true", help="ours alone")
    given = parser.parse_args(arguments)
    rounds = given.rounds or (3 if given.quick else 7)
    most = given.most or (100 if given.quick else 10_000)
    others = None if given.no_peers else peers()
    sizes = tuple(size for size in (10, 100, 1000, 10_000) if size <= most)
    start(rounds, others)
    for size in sizes[1:]:
        unchanged(size, rounds, others)
    one(sizes[0], sizes[-1], rounds)
    first(min(1000, sizes[-1]), min(rounds, SLOW))
    records(300 if given.quick else 10_000, rounds)
    versions(30 if given.quick else 1000, rounds, others)
    return 0 if processes(tuple(size for size in sizes if size <= 1000)) else 1


def _project(name: str, make: Callable[[Path], None]) -> Path:
    """Return a peer's project, made once."""
    folder = PROJECTS / name
    if not folder.exists():
        making = folder.with_name(f"{name}.making")
        shutil.rmtree(making, ignore_errors=True)
        make(making)
        making.rename(folder)
    return folder


def _linked(source: str, target: str) -> str:
    """Give a file of the store a second name: none of them ever changes."""
    os.link(source, target)
    return target


if __name__ == "__main__":
    sys.exit(main())
