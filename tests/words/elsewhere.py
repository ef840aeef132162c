"""Problems that are told neither of a manifest alone nor of a table: of the place, the release, the test's labels."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event

from mlops_ci.adapters.aws.objects import Objects
from mlops_ci.adapters.files.batches import FileBatches
from mlops_ci.adapters.git.repository import GitRepository
from mlops_ci.diagnostics import Diagnostic
from mlops_ci.errors import ManifestError
from mlops_ci.executor.assess import assess
from mlops_ci.executor.desire import desire
from mlops_ci.judging.predictions import Reading, read_predictions
from mlops_ci.manifest.loading import load
from mlops_ci.model import Problem
from mlops_ci.plan import review_reading
from mlops_ci.plan.saved_reading import parse
from mlops_ci.ports.jobs import Software
from mlops_ci.ports.repository import ReleaseCommit
from mlops_ci.wiring import Place, build_world, schemas
from tests.executor.small_ports import SmallImages
from tests.manifest.trees_of_cases import GOLDEN, files_of
from tests.soak.judging import write
from tests.words.plans import FILES, REVIEWS
from tests.words.tables import MATERIALIZED, empty_output, materialized

WHO = {
    **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org",
}  # fmt: skip
CANDIDATE = "pipelines/m/candidates/one.yaml"


def refused(call: Callable[[], object], folder: Path) -> tuple[Diagnostic, ...]:
    """Return what a call tells; the folder that a test happened to have is called FOLDER."""
    try:
        call()
    except ManifestError as error:
        return tuple(_without(diagnostic, folder) for diagnostic in error.diagnostics)
    return ()


def _without(found: Diagnostic, folder: Path) -> Diagnostic:
    path = found.span.path.replace(str(folder), "FOLDER")
    return replace(found, span=replace(found.span, path=path), hint=found.hint.replace(str(folder), "FOLDER"))


def project(folder: Path, **changed: bytes) -> Path:
    """Return a committed project in a subfolder of its repository; files are named as their last part."""
    files = files_of(GOLDEN / "base")
    write(folder / "models", {path: changed.get(Path(path).stem, content) for path, content in files.items()})
    for arguments in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "first")):
        subprocess.run(["git", *arguments], cwd=folder, env=WHO, check=True)
    return folder / "models"


def _world(folder: Path) -> object:
    world = build_world(Place(folder, WHO, 1), "", Event().is_set)
    return assess(world, (), fetch=False)


def no_project(folder: Path) -> tuple[Diagnostic, ...]:
    return refused(lambda: _world(folder), folder)


def no_git(folder: Path) -> tuple[Diagnostic, ...]:
    write(folder, files_of(GOLDEN / "base"))
    return refused(lambda: _world(folder), folder)


def cannot_run_here(folder: Path) -> tuple[Diagnostic, ...]:
    place = project(folder, one=b"format: 1\nscript: src/train/one.py\nimage: example.org/one:1\n")
    return refused(lambda: _world(place), folder)


class Tagged(SmallImages):
    """`Images` of a target where a framework is an image by its tag."""

    def tags(self, asked: Software) -> tuple[str, ...]:
        return ("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3",)


def floating_image(folder: Path) -> tuple[Diagnostic, ...]:
    place = project(folder, one=b"format: 1\nscript: src/train/one.py\nframework: sklearn\n")
    world = build_world(Place(place, WHO, 1), "", Event().is_set)
    tree = world.repository.worktree()
    loaded = load(tree, world.schemas)
    wish = desire(replace(world, images=Tagged()), loaded.models[0], tree)
    return tuple(found for at in wish.floating for found in at.diagnostic(loaded.document(at.path)))


def edited_release(folder: Path) -> tuple[Diagnostic, ...]:
    place = project(folder)
    path = "pipelines/m/release.yaml"
    (place / path).write_bytes(b"by hand\n")
    repository = GitRepository(place, branch="main", remote="", environment=WHO)
    commit = ReleaseCommit(repository.tip(fetch=False), ((path, b"v1\n"),), "Promote", "")
    return refused(lambda: repository.land(commit), folder)


def unfit_labels(folder: Path) -> tuple[Diagnostic, ...]:
    reading = Reading(Problem.REGRESSION, where="pipelines/m/data/rows.csv")
    return refused(lambda: read_predictions((1.0, 2.0), ("1", "two"), reading), folder)


def batch_columns(folder: Path) -> tuple[Diagnostic, ...]:
    write(folder, {"rows.csv": b"x,side\n0.5,left\n0.7\n", "turned.csv": b"side,x\nleft,0.5\n", "one.jsonl": b"[1]\n"})
    files = FileBatches(folder, folder / "scratch", Objects())
    names = ("rows.csv", "turned.csv", "one.jsonl")
    return tuple(
        problem for name in names for problem in refused(partial(files.prepare, name, ("x", "side"), name="p"), folder)
    )


def saved_plan(content: bytes, folder: Path) -> tuple[Diagnostic, ...]:
    return refused(lambda: parse(content, path="plan.json", schema={}), folder)


def review_file(content: bytes, folder: Path) -> tuple[Diagnostic, ...]:
    return refused(lambda: review_reading.parse(content, path="review.json", schema=schemas()["review"]), folder)


CASES: Mapping[str, Callable[[Path], tuple[Diagnostic, ...]]] = {
    **{name: partial(materialized, name) for name in MATERIALIZED},
    "empty-output": empty_output,
    "no-project": no_project,
    "no-git": no_git,
    "cannot-run-here": cannot_run_here,
    "floating-image": floating_image,
    "edited-release": edited_release,
    "unfit-labels": unfit_labels,
    "batch-columns": batch_columns,
    **{name: partial(saved_plan, content) for name, content in FILES.items()},
    **{name: partial(review_file, content) for name, content in REVIEWS.items()},
}
"""What tells each problem, by the name of the file that holds the words."""
