"""Every file that a manifest names exists, and lies where it may."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.manifest.document import At, Document, nearest
from mlops_ci.manifest.links import DETAIL
from mlops_ci.manifest.rules.context import Context
from mlops_ci.model.sources import within

REMOTE = "s3://"


def check(context: Context) -> Iterator[Diagnostic]:
    for document, at, path in _code(context):
        yield from _in_folder(context, document, at, path)
    for document, at, path in _data(context):
        if not path.startswith(REMOTE):
            yield from _in_project(context, document, at, path)
    for candidate, document in context.candidates:
        yield from _is_archive(context, document, candidate.artifact)


def _code(context: Context) -> Iterator[tuple[Document, At, str]]:
    """Yield every path that must lie below the model's folder, because it is copied with the code."""
    model, manifest = context.model, context.manifest
    yield manifest, ("serving", "script"), model.serving.script
    if model.processing.pre:
        yield manifest, ("processing", "script"), model.processing.pre.script
    if model.processing.post:
        yield manifest, ("processing", "post", "script"), model.processing.post.script
    for index, path in enumerate(model.tests.pytest):
        yield manifest, ("tests", "pytest", index), path
    for candidate, document in context.candidates:
        yield document, ("script",), candidate.script
        yield document, ("dockerfile",), candidate.dockerfile


def _data(context: Context) -> Iterator[tuple[Document, At, str]]:
    """Yield every path that may lie anywhere in the project."""
    model, manifest = context.model, context.manifest
    yield manifest, ("data", "path"), model.data.path
    for channel in model.data.channels:
        yield manifest, ("data", "channels", channel.name), channel.path
    if model.processing.pre:
        yield manifest, ("processing", "requirements"), model.processing.pre.requirements
    if model.processing.post:
        yield manifest, ("processing", "post", "requirements"), model.processing.post.requirements
    for candidate, document in context.candidates:
        yield document, ("requirements",), candidate.requirements
        yield document, ("artifact",), candidate.artifact


def _in_folder(context: Context, document: Document, at: At, path: str) -> Iterator[Diagnostic]:
    found = within("", path)
    if path and not found:
        yield document.problem(
            "path-outside",
            document.value(*at),
            f"`{path}` is not below the model's folder",
            detail=f"code lies below `{context.model.folder}`, because it is copied to the job as a whole",
            hint="move it there, and write its path relative to that folder",
        )
    elif path:
        yield from _exists(context, document, at, path)


def _in_project(context: Context, document: Document, at: At, path: str) -> Iterator[Diagnostic]:
    if path and not within(context.model.folder, path):
        yield document.problem(
            "path-outside",
            document.value(*at),
            f"`{path}` is not in this project",
            detail=f"expected a path relative to `{context.model.folder}` that stays in the project",
            hint="copy the file into the project",
        )
    elif path:
        yield from _exists(context, document, at, path)


def _is_archive(context: Context, document: Document, path: str) -> Iterator[Diagnostic]:
    whole = within(context.model.folder, path) if path else ""
    if whole and is_folder(context, whole):
        yield document.problem(
            "artifact-folder",
            document.value("artifact"),
            f"`{path}` is a folder",
            detail="expected a file: a model.tar.gz, or one file that `model_fn` reads",
            hint=f"tar -czf {path.rstrip('/')}.tar.gz -C {path} .",
        )


def _exists(context: Context, document: Document, at: At, path: str) -> Iterator[Diagnostic]:
    for link in context.tree.links(within(context.model.folder, path) or path)[:1]:
        yield document.problem(
            "symbolic-link",
            document.value(*at),
            f"`{path}` leads through the symbolic link `{link}`",
            detail=DETAIL,
            hint="write the path of what it leads to, or put that in the place of the link",
        )
        return
    inside = within("", path)
    if inside and any(file == inside or file.startswith(f"{inside}/") for file in context.files):
        return
    whole = within(context.model.folder, path) or ""
    if context.tree.blobs(whole) or _is_readable(context, whole):
        return
    name = path.rsplit("/", 1)[-1]
    namesakes = [file for file in context.files if file.rsplit("/", 1)[-1] == name]
    near = namesakes[0] if namesakes else nearest(path, context.files)
    yield document.problem(
        "missing-file",
        document.value(*at),
        f"there is no `{path}`",
        detail=f"looked for `{whole}`",
        hint=f"did you mean `{near}`?" if near else f"create `{whole}`",
    )


def _is_readable(context: Context, path: str) -> bool:
    """Return whether a file is there that git ignores: a working tree reads these, too."""
    try:
        context.tree.read(path, 1)
    except OSError:
        return is_folder(context, path)
    return True


def is_folder(context: Context, path: str) -> bool:
    """Return whether a path from the project is a folder."""
    blobs = context.tree.blobs(path)
    if blobs:
        return any(file != path for file, _ in blobs)
    try:
        context.tree.read(path, 1)
    except IsADirectoryError:
        return True
    except OSError:
        return False
    return False
