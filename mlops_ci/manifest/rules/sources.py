"""The code folder of every script holds the script, and no two files at one path."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from mlops_ci.diagnostics import Diagnostic, Severity
from mlops_ci.manifest.document import At, Document, listed
from mlops_ci.manifest.links import DETAIL, covering
from mlops_ci.manifest.rules.context import Context
from mlops_ci.model.sources import placed, within


def check(context: Context) -> Iterator[Diagnostic]:
    for document, at, script, globs in _code(context):
        yield from _globs(context, document, at, globs)
        yield from _folder(context, document, at, script, globs)


def _code(context: Context) -> Iterator[tuple[Document, At, str, tuple[str, ...]]]:
    """Yield every section that has sources: its document, the way to it, its script and its globs."""
    model, manifest = context.model, context.manifest
    yield manifest, ("serving",), model.serving.script, model.serving.sources
    yield manifest, ("evaluation",), "", model.evaluation.sources
    if model.processing.pre:
        yield manifest, ("processing",), model.processing.pre.script, model.processing.pre.sources
    if model.processing.post:
        yield manifest, ("processing", "post"), model.processing.post.script, model.processing.post.sources
    for candidate, document in context.candidates:
        yield document, (), candidate.script, candidate.sources


def _globs(context: Context, document: Document, at: At, globs: tuple[str, ...]) -> Iterator[Diagnostic]:
    for index, glob in enumerate(globs):
        here = (*at, "sources", index)
        link = _link(context, glob)
        if link:
            yield document.problem(
                "symbolic-link",
                document.value(*here),
                f"the sources `{glob}` have the symbolic link `{link}` among them",
                detail=DETAIL,
                hint="put what it leads to in the place of the link",
            )
            continue
        if not document.given(*here):
            continue  # a default may match nothing
        if within("", glob) is None:
            yield document.problem(
                "path-outside",
                document.value(*here),
                f"`{glob}` is not below the model's folder",
                detail=f"code lies below `{context.model.folder}`, because it is copied to the job as a whole",
                hint="write globs relative to that folder",
            )
        elif not placed([glob], context.files):
            yield document.problem(
                "empty-glob",
                document.value(*here),
                f"`{glob}` matches no file",
                hint="delete it, or correct it",
                severity=Severity.WARNING,
            )


def _link(context: Context, glob: str) -> str:
    """Return a symbolic link of the model's folder that a glob matches, or that may have matches below it."""
    folder = f"{context.model.folder}/"
    below = (link.removeprefix(folder) for link in context.tree.links(context.model.folder) if link.startswith(folder))
    fixed = "/".join(takewhile(lambda part: not set(part) & set("*?["), (within("", glob) or "").split("/")))
    return next((link for link in below if placed([glob], [link, f"{link}/x"]) or covering([link], fixed)), "")


def _folder(context: Context, document: Document, at: At, script: str, globs: tuple[str, ...]) -> Iterator[Diagnostic]:
    files = placed(globs, context.files)
    plain = within("", script) if script else None
    if plain in context.files and plain not in {origin for _, origin in files}:
        folder = plain.rsplit("/", 1)[0] + "/**" if "/" in plain else plain
        yield document.problem(
            "script-not-in-sources",
            document.value(*at, "script"),
            f"`{script}` is not among its sources",
            detail=f"the sources are {listed(globs)}",
            hint=f"add `{folder}` to `sources`",
        )
    first: dict[str, str] = {}
    for path, origin in files:
        if path in first:
            yield document.problem(
                "sources-clash",
                document.value(*at, "sources"),
                f"two files would lie at `{path}` of the code folder",
                detail=f"they are {listed([first[path], origin])}",
                hint="rename one of them, or name a folder above both as the glob",
            )
        first.setdefault(path, origin)
