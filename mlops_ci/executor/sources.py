"""Code folders: which files go to a job or an endpoint, with their blob ids, and their bytes as an archive."""

from __future__ import annotations

import io
import tarfile
from functools import lru_cache

from mlops_ci.errors import InputsMoved
from mlops_ci.fingerprint.canonical import blob_id, digest
from mlops_ci.model import Tree
from mlops_ci.model.sources import placed, within
from mlops_ci.ports.jobs import Code, CodeFile


def code_of(tree: Tree, folder: str, globs: tuple[str, ...]) -> Code:
    """Return the code folder that these globs, relative to the model's folder, make of a tree."""
    return _code(tree.blobs(folder), folder, globs)


@lru_cache(maxsize=16)  # the candidates of a model mostly share their globs, and each of their steps asks
def _code(found: tuple[tuple[str, str], ...], folder: str, globs: tuple[str, ...]) -> Code:
    blobs = dict(found)
    inside = {path.removeprefix(f"{folder}/"): path for path in blobs}
    files = tuple(CodeFile(at, inside[path], blobs[inside[path]]) for at, path in placed(globs, sorted(inside)))
    return Code(files, digest({file.path: file.blob for file in files}))


def entry_of(code: Code, folder: str, script: str) -> str:
    """Return the script's path in the code folder, or an empty string where it is not there."""
    origin = within(folder, script)
    return next((file.path for file in code.files if file.origin == origin), "")


def blobs_of(code: Code) -> tuple[tuple[str, str], ...]:
    """Return (path in the code folder, blob id) pairs."""
    return tuple((file.path, file.blob) for file in code.files)


def archive(tree: Tree, code: Code) -> bytes:
    """Return the code folder as an uncompressed tar; the same files give the same bytes on any machine.

    Raises:
        InputsMoved: a file's bytes are no longer those of its blob id.

    """
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for file in code.files:
            content = tree.read(file.origin)
            if blob_id(content) != file.blob:
                raise InputsMoved(f"`{file.origin}` changed while we were at work", hint="type the command again")
            member = tarfile.TarInfo(file.path)
            member.size, member.mode, member.mtime = len(content), 0o644, 0
            tar.addfile(member, io.BytesIO(content))
    return made.getvalue()


def single(name: str, content: bytes) -> bytes:
    """Return an uncompressed tar with one file."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as tar:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = len(content), 0o644, 0
        tar.addfile(member, io.BytesIO(content))
    return made.getvalue()
