"""Comparing what is here with another commit: both states of every model that was touched. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from mlops_ci.errors import ManifestError, ProviderError, UsageError
from mlops_ci.executor.desire import desire
from mlops_ci.executor.tip import TipTree
from mlops_ci.executor.world import World
from mlops_ci.manifest import PROJECT_FILE, Loaded, load, load_project
from mlops_ci.manifest.folders import folders
from mlops_ci.model import Model, Project, Tree
from mlops_ci.model.sources import within
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.plan.manifest_diff import ModelDifference, Side, Since, model_difference, project_lines

AUTO = "auto"
"""Stands for the commit that is meant where none is named."""


@dataclass(frozen=True, slots=True)
class Base:
    """The commit to compare with (empty: before the first one), and in words which one it is."""

    commit: str
    asked: str


def base_of(world: World, ref: str) -> Base:
    """Return the commit that `ref` stands for; `auto`: where a branch left the release branch, or the one before on it.

    On the release branch is who has it checked out, or a commit of it, as a build of that branch has.

    Raises:
        UsageError: there is no such commit.
        ProviderError: it is not in this clone, which has only the newest commits.

    """
    if ref != AUTO:
        return Base(world.commits.find(ref) or _refused(world, f"there is no commit `{ref}`", ref), f"`{ref}`")
    head, project = world.repository.head(), world.project
    names = (f"refs/remotes/{project.remote}/{project.branch}", f"refs/heads/{project.branch}")
    tip = next((commit for commit in map(world.commits.find, names) if commit), "")
    fork = world.commits.fork(head.commit, tip)
    if head.branch == project.branch or (not head.branch and fork == head.commit and fork):
        before = world.commits.find(f"{head.commit}~1") if head.commit else ""
        if not before and world.commits.is_shallow():
            _refused(world, "the commit before `HEAD` is not in this clone", "HEAD~1")
        return Base(before, "`HEAD~1`" if before else "the start")
    if not fork:
        _refused(world, f"`HEAD` and `{project.branch}` have no commit in common here", project.branch)
    return Base(fork, f"where `HEAD` left `{project.branch}`")


def _refused(world: World, summary: str, ref: str) -> str:
    """Raise the error that a commit is not here."""
    if world.commits.is_shallow():
        detail = "this clone has only the newest commits; a build of GitHub's wants `fetch-depth: 0`"
        raise ProviderError(summary, detail=detail, hint="git fetch --unshallow")
    there = world.repository.worktree()
    if any(folder.name == ref for folder in folders(there, world.project.pipelines)):
        raise UsageError(summary, hint=f"did you mean `mlops-ci plan {ref} --base`? else name a commit")
    raise UsageError(summary, hint=f"git fetch {world.project.remote}, or see `git log --all --oneline`")


def compare(world: World, select: tuple[str, ...], here: tuple[DesiredModel, ...], base: Base) -> Since:
    """Return what lies between a commit and what is here, of the selected models; `here` is each as it is desired.

    A file outside of git is known as it is here alone, and differs in nothing.
    """
    now = world.repository.worktree()
    at_base: Tree = world.repository.tree(base.commit) if base.commit else _Nothing()
    there = TipTree(at_base, now)
    differing = {path for path, _ in {*now.blobs("")} ^ {*at_base.blobs("")}}
    project = _project(world, there)
    pipelines = (project or world.project).pipelines
    old = {f.name: f for f in folders(at_base, pipelines) if f.has_manifest and _is_selected(f.name, select)}
    new = {desired.name: desired for desired in here}
    is_all = project is None or pipelines != world.project.pipelines
    touched = [
        name
        for name in sorted({*old, *new})
        if is_all or name not in old or name not in new or _is_touched(new[name].model, differing)
    ]
    both = tuple(name for name in touched if name in old and name in new)
    loaded = load(there, world.schemas, select=both) if both else None
    models: list[ModelDifference | None] = []
    for name in touched:
        was = _side(at_base, old[name].path, _desired(world, there, name, loaded)) if name in old else None
        is_ = _side(now, new[name].model.folder, new[name]) if name in new else None
        models.append(model_difference(name, was, is_))
    lines = project_lines(project, world.project, PROJECT_FILE) if project else ()
    quiet = (PROJECT_FILE,) if project and PROJECT_FILE in differing and not lines else ()
    return Since(base.commit, base.asked, tuple(model for model in models if model), lines, quiet)


def _project(world: World, tree: Tree) -> Project | None:
    try:
        return load_project(tree.read(PROJECT_FILE), world.schemas)
    except (FileNotFoundError, ManifestError):
        return None


def _is_selected(name: str, select: tuple[str, ...]) -> bool:
    return not select or any(fnmatchcase(name, glob) for glob in select)


def _is_touched(model: Model, differing: set[str]) -> bool:
    """Return whether one of these paths may be a part of a model; its release file is none."""
    places = [place for path in model.paths() if (place := within(model.folder, path))]
    inside = f"{model.folder}/"
    return any(
        (path.startswith(inside) and path != f"{inside}release.yaml")
        or any(path == place or path.startswith(f"{place}/") for place in places)
        for path in differing
    )


def _desired(world: World, tree: Tree, name: str, loaded: Loaded | None) -> DesiredModel | None:
    """Return a model as another tree desires it; None where its manifest, or what it names, is not valid there."""
    model = next((m for m in loaded.models if m.name == name), None) if loaded else None
    try:
        return desire(world, model, tree).model if model else None
    except (ManifestError, ProviderError):
        return None


def _side(tree: Tree, folder: str, desired: DesiredModel | None) -> Side:
    """Return a model with the manifests of its folder."""
    start = f"{folder}/candidates/"
    names = ((path, blob) for path, blob in tree.blobs(folder) if path.endswith(".yaml"))
    return Side(desired, tuple((p, b) for p, b in names if p.startswith(start) or p == f"{folder}/model.yaml"))


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The tree before the first commit."""

    def blobs(self, prefix: str) -> tuple[tuple[str, str], ...]:  # noqa: ARG002 - as a tree has it
        return ()

    def read(self, path: str, limit: int | None = None) -> bytes:  # noqa: ARG002
        raise FileNotFoundError(path)

    def links(self, prefix: str = "") -> tuple[str, ...]:  # noqa: ARG002
        return ()
