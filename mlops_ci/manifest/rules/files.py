"""A script is a file, and a requirements file is text."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.manifest.document import At, Document
from mlops_ci.manifest.rules.context import Context
from mlops_ci.manifest.rules.paths import is_folder
from mlops_ci.manifest.yaml_tree import MAX_BYTES
from mlops_ci.model.sources import within


def check(context: Context) -> Iterator[Diagnostic]:
    for document, at, path in _files(context):
        whole = within(context.model.folder, path) if path else ""
        if not whole:
            continue
        if is_folder(context, whole):
            yield document.problem(
                "not-a-file",
                document.value(*at),
                f"`{path}` is a folder",
                detail="expected a file",
                hint=f"write the path of a file in it: `{path.rstrip('/')}/...`",
            )
        elif at[-1] == "requirements" and not _is_text(context, whole):
            yield document.problem(
                "not-text",
                document.value(*at),
                f"`{path}` is no requirements file",
                detail="expected UTF-8 text of at most 1 MiB",
                hint="save it as UTF-8: pip freeze > requirements.txt",
            )


def _files(context: Context) -> Iterator[tuple[Document, At, str]]:
    model, manifest = context.model, context.manifest
    pre, post = model.processing.pre, model.processing.post
    yield manifest, ("serving", "script"), model.serving.script
    if pre:
        yield manifest, ("processing", "script"), pre.script
        yield manifest, ("processing", "requirements"), pre.requirements
    if post:
        yield manifest, ("processing", "post", "script"), post.script
        yield manifest, ("processing", "post", "requirements"), post.requirements
    for candidate, document in context.candidates:
        yield document, ("script",), candidate.script
        yield document, ("requirements",), candidate.requirements
        yield document, ("dockerfile",), candidate.dockerfile


def _is_text(context: Context, path: str) -> bool:
    """Return whether a file is text; one that is not there is told elsewhere."""
    try:
        content = context.tree.read(path, MAX_BYTES + 1)
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    except OSError:
        return True
    return len(content) <= MAX_BYTES and b"\0" not in content
