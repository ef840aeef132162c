"""What a rule may look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.manifest.document import Document
from mlops_ci.manifest.table import Table
from mlops_ci.model import Candidate, Model, Project, Tree


@dataclass(frozen=True, slots=True)
class Context:
    """One model with the documents it was read from, and the files around it.

    `candidates` are those that could be read, of `candidate_files` files; `files` are all paths below the model's
    folder, relative to it; `tables` are the heads of the data's channels, empty where a script makes the channels.
    """

    model: Model
    manifest: Document
    candidates: tuple[tuple[Candidate, Document], ...]
    candidate_files: int
    project: Project
    tree: Tree
    files: tuple[str, ...]
    tables: tuple[tuple[str, Table], ...]


@dataclass(frozen=True, slots=True)
class ProjectContext:
    """The project with the document it was read from."""

    project: Project
    manifest: Document


Rule: TypeAlias = Callable[[Context], Iterator[Diagnostic]]
ProjectRule: TypeAlias = Callable[[ProjectContext], Iterator[Diagnostic]]
