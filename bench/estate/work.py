"""What a finished training, its evaluation and its tests leave behind: facts and artifacts, made without the jobs.

Fingerprints, recipes and digests come from the product's own functions over the same files, scores from its own judge
over what the serving code would have answered, and model archives from the script's own output, so that the records
are those of real jobs but for times, commits and what a job printed.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from bench.estate import files
from bench.estate.history import BEGAN
from mlops_ci.adapters.archives import pack
from mlops_ci.executor.images import image_from
from mlops_ci.executor.judge import appraise
from mlops_ci.executor.sources import archive, code_of
from mlops_ci.executor.world import World
from mlops_ci.fingerprint.canonical import canonical, digest
from mlops_ci.judging.scores import Scores
from mlops_ci.model import Model, Tree
from mlops_ci.plan.desired import DesiredCandidate, DesiredModel
from mlops_ci.ports.datasets import TestSet
from mlops_ci.ports.stores import ArtifactStore
from mlops_ci.records.facts import CheckResult, Evaluated, Fact, Finished, Intent, Packaged, Tested

TEST = TestSet("", files.labels(), (("side", files.sides()),))
SECONDS = 0.05
"""How long each job claims to have taken."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The sha256 of a model's archive, and of what it answers to the test rows."""

    model: str
    predictions: str


@dataclass(frozen=True, slots=True)
class Site:
    """Where an estate is made: its world, the files as committed by `commit`, and what was made before."""

    world: World
    tree: Tree
    commit: str
    log: str
    kept: Callable[[float], Kept]
    scores: Callable[[tuple[float, ...]], Scores]
    code: Callable[[tuple[tuple[str, str], ...]], str]
    put: Callable[[bytes], str]


def site(world: World, tree: Tree, commit: str, sample: Model) -> Site:
    """Return the place to make an estate in; `sample` is any of its models, whose rules are those of all."""
    image = image_from({"python": "", "packages": [], "requirements": "", "reference": "", "framework": None})

    @cache
    def scores(answers: tuple[float, ...]) -> Scores:
        return appraise(world, tree, sample, answers, TEST, image)

    @cache
    def code(_: tuple[tuple[str, str], ...]) -> str:
        return world.artifacts.put(archive(tree, code_of(tree, sample.folder, sample.serving.sources)))

    log = world.artifacts.put(b"train:rows=%d\n" % files.ROWS)
    return Site(
        world,
        tree,
        commit,
        log,
        cache(lambda cut: _keep(world.artifacts, cut)),
        scores,
        code,
        cache(world.artifacts.put),
    )


def at(second: float) -> str:
    """Return the time so many seconds after the estate began, as facts have it."""
    return datetime.fromtimestamp(BEGAN + second, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def cut_of(wanted: DesiredCandidate) -> float:
    """Return where a candidate's model cuts."""
    return float(str(dict(wanted.candidate.hyperparameters)["cut"]))


def competed(here: Site, desired: DesiredModel, wanted: DesiredCandidate, second: float) -> Iterator[Fact]:
    """Yield all facts of a candidate's training and evaluation, the evaluation last."""
    kept = here.kept(cut_of(wanted))
    outputs = (("log", here.log), ("model", kept.model))
    image = canonical(json.loads(wanted.recipe)["image"])
    yield Intent(desired.name, "training", wanted.name, wanted.fingerprint, 1, here.commit, wanted.recipe, at(second))
    trained = Finished(
        desired.name, "training", wanted.fingerprint, 1, "succeeded", "", SECONDS, at(second), at(second + SECONDS),
        outputs, (), image, files.FEATURES, (("test", files.ROWS), ("train", files.ROWS)),
    )  # fmt: skip
    yield trained
    package = desired.package(trained)
    recipe = canonical(dict(desired.package_recipe(trained)))
    code = here.code(desired.serving)
    yield Packaged(desired.name, package, wanted.name, wanted.fingerprint, kept.model, code, recipe)
    evaluation, rules = desired.evaluation(package), canonical(dict(desired.evaluation_recipe(package)))
    yield from _ran(here, desired.name, "evaluation", wanted.name, evaluation, rules, kept.predictions, second + 1)
    scores = here.scores(files.answers(cut_of(wanted)))
    yield Evaluated(
        desired.name, evaluation, wanted.name, wanted.fingerprint, package, here.commit, scores,
        kept.predictions, SECONDS, at(second + 2), rules,
    )  # fmt: skip


def tested(
    here: Site, desired: DesiredModel, version: int, champion: Evaluated, environment: str, second: float
) -> Iterator[Fact]:
    """Yield the facts of a test run in which every check of a batch model passed, the run itself last."""
    cut = cut_of(next(c for c in desired.candidates if c.name == champion.candidate))
    content_type = desired.model.serving.content_type
    rows = [f"{x},{side}\n" for x, side in zip(files.values(), files.sides(), strict=True)]
    for count in (1, 5, len(rows)):
        text = "".join(rows[:count])
        here.put(text.encode())
        answers = here.put(_lines(files.answers(cut)[:count]))
        fingerprint = digest({"package": champion.package, "rows": text, "content_type": content_type})
        yield from _ran(here, desired.name, "transform", "", fingerprint, "{}", answers, second)
    value = champion.scores.value("accuracy")
    said = {
        "contract": "batch runs of 1 row and 5 rows are answered",
        "metric": f"`accuracy` is {value} over {files.ROWS} test rows, recorded {value} (tolerance 1e-09)",
        "parity": f"{files.ROWS} rows in a batch run are answered as recorded",
    }
    results = tuple(CheckResult(check, "passed", said[check], SECONDS) for check in desired.model.checks())
    suite = desired.suite(champion.package)
    yield Tested(desired.name, environment, version, champion.package, suite, 1, results, at(second + 1))


def _ran(
    here: Site, model: str, work: str, candidate: str, fingerprint: str, recipe: str, answers: str, second: float
) -> Iterator[Fact]:
    yield Intent(model, work, candidate, fingerprint, 1, here.commit, recipe, at(second))
    outputs = (("log", here.log), ("predictions", answers))
    yield Finished(
        model, work, fingerprint, 1, "succeeded", "", SECONDS, at(second), at(second + SECONDS), outputs
    )  # fmt: skip


def _keep(artifacts: ArtifactStore, cut: float) -> Kept:
    with tempfile.TemporaryDirectory() as folder:
        made, packed = Path(folder, "model"), Path(folder, "model.tar.gz")
        made.mkdir()
        (made / "model.json").write_text(json.dumps({"cut": cut}))
        pack(made, packed)
        return Kept(artifacts.put(packed), artifacts.put(_lines(files.answers(cut))))


def _lines(answers: tuple[float, ...]) -> bytes:
    return "".join(f"{answer}\n" for answer in answers).encode()
