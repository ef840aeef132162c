"""The golden cases: a base project, and folders laid over it.

There, `removed.txt` names files to take away, `links.txt` symbolic links in their place, and `padded.txt` files that
comments make larger, with their size.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mlops_ci import resources
from mlops_ci.testing.trees import MemoryTree

GOLDEN = Path(__file__).parent / "golden"
KINDS = ("project", "model", "candidate", "release")


def schemas() -> dict[str, dict[str, Any]]:
    """Return the schemas that ship, by kind."""
    folder = resources.folder("schemas")
    return {kind: json.loads((folder / f"{kind}.schema.json").read_text("utf-8")) for kind in KINDS}


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder, by their path relative to it."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def case(folder: Path) -> MemoryTree:
    """Return the project that a golden folder stands for."""
    laid_over = files_of(folder)
    laid_over.pop("expected.txt", None)
    removed, links, padded = (
        tuple(laid_over.pop(f"{name}.txt", b"").decode().splitlines()) for name in ("removed", "links", "padded")
    )
    whole = {**files_of(GOLDEN / "base"), **laid_over}
    for path, _, size in (line.rpartition(" ") for line in padded):
        whole[path] = whole[path].ljust(int(size), b"#")
    gone = tuple(f"{link}/" for link in links)
    kept = {path: content for path, content in whole.items() if path not in {*removed, *links}}
    return MemoryTree({path: content for path, content in kept.items() if not path.startswith(gone)}, links)


def cases(kind: str) -> list[Path]:
    """Return the golden folders of a kind (`bad` or `good`), sorted."""
    return sorted(path for path in (GOLDEN / kind).iterdir() if path.is_dir())
