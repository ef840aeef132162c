"""Comparing what is here with another commit: both states of every model that was touched. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from mlops_ci.errors import ManifestError, ProviderError, UsageError
from mlops_ci.executor.desire import desire
from mlops_ci.executor.tip import TipTree
from mlops_ci.executor.world import World
from mlops_ci.fingerprint.recipes import Blobs
from mlops_ci.manifest import PROJECT_FILE, load, load_project
from mlops_ci.manifest.folders import RELEASE, Folder, folders
from mlops_ci.model import Model, Project, Tree
from mlops_ci.model.sources import within
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.plan.manifest_diff import Side, Since, model_difference, project_lines

AUTO = "auto"
"""Stands for the commit that is meant where none is named."""


@dataclass(frozen=True, slots=True)
class Base:
    """The commit to compare with (empty: before the first one), and words that follow `since`."""

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
    return Base(fork, f"`HEAD` left `{project.branch}`")


def _refused(world: World, summary: str, ref: str) -> str:
    """Raise the error that a commit is not here."""
    if world.commits.is_shallow():
        detail = "this clone has only the newest commits; a build of GitHub's wants `fetch-depth: 0`"
        raise ProviderError(summary, detail=detail, hint="git fetch --unshallow")
    there = world.repository.worktree()
    if any(folder.name == ref for folder in folders(there, world.project.pipelines)):
        raise UsageError(summary, hint=f"did you mean `mlops-ci plan {ref} --base`? else name a commit")
    raise UsageError(summary, hint=f"git fetch {world.project.remote}, or see `git log --all --oneline`")


def compare(world: World, select: tuple[str, ...], base: Base) -> Since:
    """Return what lies between a commit and what is here, of the selected models (names or globs; none means all).

    Only models that were touched are read. A file outside of git is known as it is here alone, and differs in nothing.
    """
    now = world.repository.worktree()
    at_base: Tree = world.repository.tree(base.commit) if base.commit else _Nothing()
    there = TipTree(at_base, now)
    differing = {path for path, _ in {*now.blobs("")} ^ {*at_base.blobs("")}}
    project = _project(world, there)
    pipelines = (project or world.project).pipelines
    old, new = _models(at_base, pipelines, select), _models(now, world.project.pipelines, select)
    touched = {*old} ^ {*new}
    if project is None or pipelines != world.project.pipelines:
        touched = {*old, *new}
    elif differing:
        touched |= _changed_inside(pipelines, differing) & {*new}
        touched |= _reaching(world, now, {name: new[name] for name in new if name not in touched}, differing)
    names = sorted(touched)
    was, is_ = (_sides(world, tree, side, names) for tree, side in ((there, old), (now, new)))
    models = (model_difference(name, was.get(name), is_.get(name)) for name in names)
    lines = project_lines(project, world.project, PROJECT_FILE) if project else ()
    quiet = (PROJECT_FILE,) if project and PROJECT_FILE in differing and not lines else ()
    return Since(base.commit, base.asked, tuple(model for model in models if model), lines, quiet)


def _models(tree: Tree, pipelines: str, select: tuple[str, ...]) -> dict[str, Folder]:
    found = (folder for folder in folders(tree, pipelines) if folder.has_manifest)
    return {f.name: f for f in found if not select or any(fnmatchcase(f.name, glob) for glob in select)}


def _changed_inside(pipelines: str, differing: set[str]) -> set[str]:
    """Return the folders in which a file differs that may be a part of the model; its release file is none."""
    start = len(pipelines) + 1
    inside = (path[start:].partition("/") for path in differing if path.startswith(f"{pipelines}/"))
    return {name for name, _, file in inside if file and file != RELEASE}


def _reaching(world: World, tree: Tree, candidates: Mapping[str, Folder], differing: set[str]) -> set[str]:
    """Return the models that name a differing file outside of their folder."""
    may = tuple(name for name, folder in sorted(candidates.items()) if _may_reach_out(tree, folder))
    loaded = load(tree, world.schemas, select=may).models if may else ()
    found: set[str] = set()
    for model in loaded:
        places = [place for path in model.paths() if (place := within(model.folder, path))]
        if any(path == place or path.startswith(f"{place}/") for path in differing for place in places):
            found.add(model.name)
    return found


def _may_reach_out(tree: Tree, folder: Folder) -> bool:
    """Return whether a manifest of the folder may name a path outside of it: then two dots, or an escape, are in it.

    A line that is a comment names nothing: the first one mostly names a schema, by such a path.
    """
    texts = (tree.read(path) for path in (folder.manifest, *(path for _, path in folder.candidates)))
    lines = (line for text in texts for line in text.splitlines() if b".." in line or b"\\" in line)
    return any(not line.lstrip().startswith(b"#") for line in lines)


def _project(world: World, tree: Tree) -> Project | None:
    """Return the project as a tree has it, or None where its file is not valid there, or is not there."""
    try:
        return load_project(tree.read(PROJECT_FILE), world.schemas)
    except (FileNotFoundError, ManifestError):
        return None


def _sides(world: World, tree: Tree, side: Mapping[str, Folder], names: list[str]) -> dict[str, Side]:
    """Return these models, as far as the tree has them; without what is desired where a manifest is not valid."""
    there = tuple(name for name in names if name in side)
    loaded = {m.name: m for m in load(tree, world.schemas, select=there).models} if there else {}
    return {name: Side(_desired(world, tree, loaded.get(name)), _manifests(tree, side[name])) for name in there}


def _desired(world: World, tree: Tree, model: Model | None) -> DesiredModel | None:
    """Return a model as a tree desires it; None where its manifest, or what it names, is not valid there."""
    try:
        return desire(world, model, tree).model if model else None
    except (ManifestError, ProviderError):
        return None


def _manifests(tree: Tree, folder: Folder) -> Blobs:
    names = {folder.manifest, *(path for _, path in folder.candidates)}
    return tuple((path, blob) for path, blob in tree.blobs(folder.path) if path in names)


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The tree before the first commit."""

    def blobs(self, prefix: str) -> tuple[tuple[str, str], ...]:  # noqa: ARG002 - as a tree has it
        return ()

    def read(self, path: str, limit: int | None = None) -> bytes:  # noqa: ARG002
        raise FileNotFoundError(path)

    def links(self, prefix: str) -> tuple[str, ...]:  # noqa: ARG002
        return ()
