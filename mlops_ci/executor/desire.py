"""Models with the digests of everything behind their paths: what is desired."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from mlops_ci.diagnostics import Diagnostic, Span
from mlops_ci.executor.floating import Floating, floating
from mlops_ci.executor.software import code_for, needed, served
from mlops_ci.executor.sources import blobs_of, code_of, entry_of
from mlops_ci.executor.world import World
from mlops_ci.fingerprint.canonical import blob_id, canonical
from mlops_ci.fingerprint.recipes import Blobs, fingerprint, processing_recipe, training_recipe
from mlops_ci.manifest.document import Document
from mlops_ci.model import Candidate, Data, Json, Model, Release, Strategy, Tree
from mlops_ci.model.address import is_remote
from mlops_ci.model.effects import plain
from mlops_ci.model.project import AWS
from mlops_ci.model.sources import within
from mlops_ci.plan.desired import DesiredCandidate, DesiredModel, Reach
from mlops_ci.plan.far import Far
from mlops_ci.ports.jobs import CannotRun, Software
from mlops_ci.records.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why something cannot run here, and the key (parts joined by dots) of the manifest at `path` that asks for it."""

    path: str
    key: str
    summary: str
    hint: str

    def diagnostic(self, document: Document | None) -> Diagnostic:
        """Return it at its line of the manifest, as far as that was read."""
        if document is None:
            return Diagnostic("cannot-run-here", Span(self.path), self.summary, hint=self.hint)
        return document.problem(
            "cannot-run-here", document.value(*self.key.split(".", 2)), self.summary, hint=self.hint
        )


@dataclass(frozen=True, slots=True)
class Wish:
    """A model as desired, or the reasons why it cannot run here.

    `tags` are the references of images, by tag, that it was found by: where one leads elsewhere, it is another model.
    """

    model: DesiredModel
    obstacles: tuple[Obstacle, ...]
    tags: tuple[str, ...] = ()
    floating: tuple[Floating, ...] = ()


def desire(world: World, model: Model, tree: Tree) -> Wish:
    """Return what a tree desires of a model, not yet knowing what is released."""
    problems: list[Obstacle] = []
    data = world.datasets.digests(model.data, tree, model.folder)
    far = world.datasets.far(model.data)
    problems.extend(_unpinned(model, far))
    software = needed(tree, model)
    tags = software.tags(world)
    processing = _processing(world, model, tree, data, software.processing, problems)
    served: dict[str, str] = {}
    candidates = tuple(
        _candidate(world, model, c, tree, data, processing, asked, served, problems)
        for c, asked in zip(model.candidates, software.candidates, strict=True)
    )
    serving = code_of(tree, model.folder, model.serving.sources)
    return Wish(
        DesiredModel(
            model=model,
            candidates=candidates,
            serving=blobs_of(serving),
            entry=entry_of(serving, model.folder, model.serving.script),
            data=data,
            metric_code=_metric_code(model, tree),
            test_files=_test_files(model, tree),
            processing=canonical(processing) if processing is not None else "",
            release=Release(),
            reach=Reach.RELEASE,
            far=far,
            served=tuple(sorted(served.items())),
            is_billed=world.target.kind == AWS,
        ),
        tuple(problems),
        tags,
        tuple(floating(world, model, software.candidates)),
    )


def unsearchable(world: World, desired: Iterable[DesiredModel], ledger: Ledger) -> Iterator[Obstacle]:
    """Yield each search that has still to be made, where nothing can choose hyperparameters here.

    A search that ended needs no sampler any more, and a grid never does.
    """
    for model in desired:
        for candidate in model.candidates:
            search = candidate.candidate.search
            if search is None or search.strategy is Strategy.GRID or ledger.success("training", candidate.fingerprint):
                continue
            lacking = world.sampler.obstacle()
            if lacking is not None:
                path = f"{model.model.folder}/candidates/{candidate.name}.yaml"
                yield Obstacle(path, "search", lacking.summary, lacking.hint)


def is_same(one: DesiredModel, other: DesiredModel) -> bool:
    """Return whether two trees desire the same of a model, whatever is released and wherever they stand."""
    blank = {"release": Release(), "reach": Reach.RELEASE, "why_not": ""}
    return replace(one, **blank) == replace(other, **blank)  # type: ignore[arg-type]


def _unpinned(model: Model, far: tuple[Far, ...]) -> Iterator[Obstacle]:
    """Yield each channel on S3 of which the manifest does not say what it means."""
    for one in far:
        if not one.version:
            key = "data.path" if model.data.path else f"data.channels.{one.channel}"
            summary = f"nothing says which content of `{one.address}` is meant"
            hint = f"mlops-ci data pin {model.name}, or `version: latest` for whatever is there"
            yield Obstacle(f"{model.folder}/model.yaml", key, summary, hint)


def _candidate(
    world: World,
    model: Model,
    candidate: Candidate,
    tree: Tree,
    data: Blobs,
    processing: dict[str, Json] | None,
    asked: Software,
    served_by: dict[str, str],
    problems: list[Obstacle],
) -> DesiredCandidate:
    found = world.images.resolve(asked)
    image: Json = None
    if not isinstance(found, CannotRun):
        image = plain(found)
        for pair in served(world, asked, found):
            if isinstance(pair, CannotRun):
                problems.append(_obstacle(model, candidate, pair))
            else:
                served_by.update((pair,))
    else:
        problems.append(_obstacle(model, candidate, found))
    code: Blobs
    if candidate.artifact and is_remote(candidate.artifact):
        path = f"{model.folder}/candidates/{candidate.name}.yaml"
        summary = f"`{candidate.artifact}` cannot be read: a model that was trained elsewhere is a file of the project"
        problems.append(Obstacle(path, "artifact", summary, f"aws s3 cp {candidate.artifact} {model.folder}/"))
        code, entry = (), ""
    elif candidate.artifact:
        # A model that was trained elsewhere is known as data is: by its bytes, in git or not, wherever it lies.
        brought = world.datasets.digests(Data(label="", path=candidate.artifact), tree, model.folder)
        code = tuple(("artifact", found_id) for _, found_id in brought)
        entry = ""
    else:
        folder = code_for(tree, model, candidate)
        code, entry = blobs_of(folder), entry_of(folder, model.folder, candidate.script)
    recipe = training_recipe(model, candidate, code=code, entry=entry, data=data, image=image, processing=processing)
    return DesiredCandidate(candidate, fingerprint(recipe), canonical(recipe))


def _obstacle(model: Model, candidate: Candidate, found: CannotRun) -> Obstacle:
    key = next(
        (key for key in ("image", "framework", "algorithm", "dockerfile") if getattr(candidate, key)), "requirements"
    )
    path, hint = f"{model.folder}/candidates/{candidate.name}.yaml", found.hint
    if candidate.dockerfile and found.absent:
        hint = f"build it: mlops-ci image build {model.name} --candidate {candidate.name}"
    return Obstacle(path, key, found.summary, hint)


def _processing(
    world: World, model: Model, tree: Tree, data: Blobs, asked: Software | None, problems: list[Obstacle]
) -> dict[str, Json] | None:
    pre = model.processing.pre
    if pre is None or asked is None:
        return None
    found = world.images.resolve(asked)
    if isinstance(found, CannotRun):
        problems.append(Obstacle(f"{model.folder}/model.yaml", "processing", found.summary, found.hint))
    code = code_of(tree, model.folder, pre.sources)
    image = None if isinstance(found, CannotRun) else plain(found)
    entry = entry_of(code, model.folder, pre.script)
    return processing_recipe(model, code=blobs_of(code), entry=entry, data=data, image=image)


def _metric_code(model: Model, tree: Tree) -> Blobs:
    """Return the user's code over the predictions: that of metrics, and, below `post/`, of the script after them."""
    found: dict[str, str] = {}
    if model.evaluation.custom:
        found.update(blobs_of(code_of(tree, model.folder, model.evaluation.sources)))
    post = model.processing.post
    if post is not None:
        found.update((f"post/{path}", blob) for path, blob in blobs_of(code_of(tree, model.folder, post.sources)))
        if post.requirements:
            content = tree.read(within(model.folder, post.requirements) or post.requirements)
            found["post requirements"] = blob_id(content)
    return tuple(sorted(found.items()))


def _test_files(model: Model, tree: Tree) -> Blobs:
    found: dict[str, str] = {}
    for path in model.tests.pytest:
        found.update(tree.blobs(within(model.folder, path) or path))
    return tuple(sorted((name, blob) for name, blob in found.items() if not name.endswith(".pyc")))
