"""Files become models, or every problem with its place.

A file goes through three gates: it is YAML (`yaml_tree`), it has the shape of its schema (`schema`), and it makes sense
(`rules`). A file that does not pass one gate is not tried at the next (misspelt keys are corrected for the trial), but
every other file is, so that all problems of all files are told at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mlops_ci.diagnostics import Diagnostic, Severity, Span, has_errors, ordered
from mlops_ci.errors import ManifestError
from mlops_ci.manifest import build, release, repair, schema, table, yaml_tree
from mlops_ci.manifest.document import Document
from mlops_ci.manifest.folders import Folder, folders, selected
from mlops_ci.manifest.limits import bounded
from mlops_ci.manifest.links import covering, linked
from mlops_ci.manifest.rules import PROJECT_RULES, RULES, Context, ProjectContext
from mlops_ci.model import Candidate, Json, Model, Project, Release, Tree
from mlops_ci.model.sources import within

PROJECT_FILE = "mlops-ci.yaml"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the manifests say. A model with an error is in `diagnostics` and not in `models`.

    `releases` are (model name, release), also of models whose manifest is gone; `documents` are the files read, so
    that what is found out later can be told at its place.
    """

    project: Project
    models: tuple[Model, ...]
    releases: tuple[tuple[str, Release], ...]
    diagnostics: tuple[Diagnostic, ...]
    documents: tuple[Document, ...]
    names: tuple[str, ...] = ()
    """Every model's name, selected or not."""

    def document(self, path: str) -> Document | None:
        """Return the file of that path (relative to the project), or None where it was not read."""
        return next((document for document in self.documents if document.path == path), None)

    def release(self, name: str) -> Release:
        """Return the release of a model; an empty one where nothing was released."""
        return dict(self.releases).get(name, Release())


def load(tree: Tree, schemas: Mapping[str, Json], *, select: tuple[str, ...] = ()) -> Loaded:
    """Return the models of a tree that `select` names (folder names or globs; none means all), and every problem.

    `schemas` are the JSON schemas of `project`, `model` and `candidate` (that of `release` is for editors).
    Models are sorted by name.

    Raises:
        UsageError: a name in `select` matches no model.

    """
    loading = _Loading(tree, schemas)
    project = loading.project()
    if project is None:
        return Loaded(Project(), (), (), ordered(loading.diagnostics), tuple(loading.documents))
    is_fit = not has_errors(loading.diagnostics)
    found = folders(tree, project.pipelines)
    away = covering(tree.links(project.pipelines), project.pipelines)
    if away:
        loading.diagnostics.append(linked(project.pipelines, instead=away))
    elif not found and not select:
        loading.diagnostics.append(_no_models(project))
    names = tuple(folder.name for folder in found)
    models, releases = [], []
    for folder in selected(found, select):
        model, released = loading.model(folder, project)
        if model is not None and is_fit:
            models.append(model)
        if released is not None:
            releases.append((folder.name, released))
    return Loaded(
        project, tuple(models), tuple(releases), ordered(loading.diagnostics), tuple(loading.documents), names
    )


def load_folder(tree: Tree, schemas: Mapping[str, Json], folder: Folder, project: Project) -> Loaded:
    """Return what one folder says, apart from the project's file: its model, its release, and every problem."""
    loading = _Loading(tree, schemas)
    model, released = loading.model(folder, project)
    return Loaded(
        project,
        () if model is None else (model,),
        () if released is None else ((folder.name, released),),
        ordered(loading.diagnostics),
        tuple(loading.documents),
        (folder.name,),
    )


def load_project(content: bytes, schemas: Mapping[str, Json]) -> Project:
    """Return the project that the bytes of its file say.

    Raises:
        ManifestError: with every problem of that file.

    """
    loading = _Loading(_Single(content), schemas)
    project = loading.project()
    if project is None or has_errors(loading.diagnostics):
        raise ManifestError(ordered(loading.diagnostics))
    return project


@dataclass(frozen=True, slots=True)
class _Single:
    """A tree with the project file alone."""

    content: bytes

    def blobs(self, prefix: str) -> tuple[tuple[str, str], ...]:  # noqa: ARG002 - as a tree has it
        return ()

    def read(self, path: str, limit: int | None = None) -> bytes:  # noqa: ARG002
        return self.content[:limit]

    def links(self, prefix: str) -> tuple[str, ...]:  # noqa: ARG002
        return ()


def _no_models(project: Project) -> Diagnostic:
    return Diagnostic(
        "no-models",
        Span(PROJECT_FILE),
        f"there are no models below `{project.pipelines}`",
        detail=f"expected `{project.pipelines}/NAME/model.yaml`",
        hint="type `mlops-ci init --example churn`",
        severity=Severity.WARNING,
    )


class _Loading:
    """One reading of a tree: collects diagnostics and documents as it goes."""

    def __init__(self, tree: Tree, schemas: Mapping[str, Json]) -> None:
        self.tree = tree
        self.schemas = schemas
        self.diagnostics: list[Diagnostic] = []
        self.documents: list[Document] = []

    def project(self) -> Project | None:
        """Return the project, one of defaults where its file is wrong, or None where there is no file."""
        content = self._content(PROJECT_FILE)
        if content is None and self.tree.links(PROJECT_FILE):
            self.diagnostics.append(linked(PROJECT_FILE))
            return None
        if content is None:
            self.diagnostics.append(
                Diagnostic(
                    "no-project",
                    Span(PROJECT_FILE),
                    f"there is no `{PROJECT_FILE}` here",
                    detail="it stands at the top of a project",
                    hint="type `mlops-ci init`, or `mlops-ci -C DIR ...` for a project elsewhere",
                )
            )
            return None
        document = self._document(PROJECT_FILE, "project", content)
        if document is None or not isinstance(document.data, dict):
            return Project()
        project = build.project(document.data)
        for rule in PROJECT_RULES:
            self.diagnostics.extend(bounded(rule(ProjectContext(project, document)), PROJECT_FILE))
        return project if within("", project.pipelines) else None

    def model(self, folder: Folder, project: Project) -> tuple[Model | None, Release | None]:
        """Return the model and the release of a folder, each None where it is wrong or not there."""
        before = len(self.diagnostics)
        self.diagnostics.extend(folder.strays())
        released = self._release(folder)
        candidates = tuple(self._candidates(folder))
        manifest = self._listed(folder.manifest, "model") if folder.has_manifest else None
        if manifest is None or not isinstance(manifest.data, dict):
            return None, released
        model = build.model(
            manifest.data, folder=folder.path, candidates=tuple(candidate for candidate, _ in candidates)
        )
        context = Context(
            model=model,
            manifest=manifest,
            candidates=candidates,
            candidate_files=len(folder.candidates) + len(folder.linked),
            project=project,
            tree=self.tree,
            files=folder.files,
            tables=() if model.processing.pre else tuple(self._tables(model)),
        )
        for rule in RULES:
            self.diagnostics.extend(bounded(rule(context), manifest.path))
        is_fit = not has_errors(self.diagnostics[before:])
        return (model if is_fit else None), released

    def _content(self, path: str) -> bytes | None:
        """Return a file's bytes (one more than a manifest may have), or None where it is not there."""
        try:
            return self.tree.read(path, yaml_tree.MAX_BYTES + 1)
        except FileNotFoundError:
            return None

    def _listed(self, path: str, kind: str) -> Document | None:
        """Return the document of a file that the tree lists; a working tree may have lost it since."""
        content = self._content(path)
        if content is not None:
            return self._document(path, kind, content)
        hint = f"type `git checkout -- {path}`, or delete it in git, too"
        self.diagnostics.append(Diagnostic("missing-file", Span(path), f"there is no `{path}`", hint=hint))
        return None

    def _document(self, path: str, kind: str, content: bytes) -> Document | None:
        """Return a file that is YAML and fits its schema; else tell what is wrong and return None."""
        document, problems = yaml_tree.read(path, content)
        self.diagnostics.extend(problems)
        if document is None:
            return None
        self.documents.append(document)
        problems = schema.check(document, self.schemas[kind])
        self.diagnostics.extend(problems)
        if not problems:
            return document
        # Reading on as if misspelt keys were right finds what else is wrong; the model is wrong in any case.
        repaired = repair.corrected(document, self.schemas[kind])
        return None if schema.check(repaired, self.schemas[kind]) else repaired

    def _candidates(self, folder: Folder) -> Iterator[tuple[Candidate, Document]]:
        for name, path in folder.candidates:
            document = self._listed(path, "candidate")
            if document is not None and isinstance(document.data, dict):
                yield build.candidate(document.data, name=name), document

    def _release(self, folder: Folder) -> Release | None:
        content = self._content(folder.release) if folder.has_release else None
        try:
            return None if content is None else release.parse(content, path=folder.release)
        except ManifestError as error:
            self.diagnostics.extend(error.diagnostics)
            return None

    def _tables(self, model: Model) -> Iterator[tuple[str, table.Table]]:
        for channel, path in model.data.paths():
            whole = within(model.folder, path)
            found = table.head(self.tree, whole) if whole else None
            if found is not None:
                yield channel, found
