"""Which columns of a table go where: into training, into a request, aside as label or slice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mlops_ci.adapters.files.problems import Problems, nearest
from mlops_ci.model import Data


@dataclass(frozen=True, slots=True)
class Layout:
    """What every channel of a dataset has in common: training's columns in their order, label in it."""

    kept: tuple[str, ...]
    label: str

    @property
    def features(self) -> tuple[str, ...]:
        """Return the columns of a request's row, in order."""
        return tuple(name for name in self.kept if name != self.label)


def layout(columns: Sequence[str], data: Data) -> Layout:
    """Return the layout that a training table's columns give."""
    dropped = set(data.drop)
    return Layout(tuple(name for name in columns if name not in dropped), data.label)


def has_columns(path: str, columns: Sequence[str], wanted: Sequence[tuple[str, str]], problems: Problems) -> bool:
    """Return whether a table has every wanted (role, column); each that it lacks is told."""
    missing = [(role, name) for role, name in wanted if name not in columns]
    for role, name in missing:
        problems.add(
            "missing-column", path, f"{role} `{name}` is no column of this table", line=1,
            detail="columns: " + ", ".join(f"`{column}`" for column in columns),
            hint=nearest(name, columns), excerpt=",".join(columns),
        )  # fmt: skip
    return not missing


def fits(path: str, columns: Sequence[str], known: Layout, allowed: Sequence[str], problems: Problems) -> bool:
    """Return whether a table has the training table's columns, and beside them only `allowed` ones; else it is told."""
    extra = [name for name in columns if name not in known.kept and name not in allowed]
    for name in extra:
        problems.add(
            "unknown-column", path, f"column `{name}` is not in the training table", line=1,
            hint=nearest(name, known.kept) or "drop it with `data.drop`", excerpt=",".join(columns),
        )  # fmt: skip
    return has_columns(path, columns, [("the training table's", name) for name in known.kept], problems) and not extra


def places(columns: Sequence[str], names: Sequence[str]) -> list[int]:
    """Return where each name is among the columns."""
    at = {name: index for index, name in enumerate(columns)}
    return [at[name] for name in names]
