"""What an examination finds of a model, and how a snapshot keeps it: as JSON text, empty where there is nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from mlops_ci.diagnostics import Diagnostic, Severity, Span
from mlops_ci.model.effects import plain
from mlops_ci.plan.part import Part, part_json, part_of
from mlops_ci.records.damaged import Damaged


@dataclass(frozen=True, slots=True)
class Found:
    """A model's part of the plan, warnings about its manifest, its damaged records.

    A folder with a release and no manifest is no model, and in no plan. `is_settled` claims that a run would have
    nothing to record: no field that causes no work is new to it, and no commit is without its record.
    """

    part: Part
    warnings: tuple[Diagnostic, ...] = ()
    damaged: tuple[Damaged, ...] = ()
    is_model: bool = True
    is_settled: bool = True

    @property
    def is_quiet(self) -> bool:
        """Return whether a run would do nothing for this model, and say nothing of it but warnings."""
        return self.is_settled and self.part == Part()

    def text(self) -> str:
        """Return it as a snapshot keeps it."""
        if self == NOTHING:
            return ""
        return json.dumps({
            "part": part_json(self.part),
            "warnings": [plain(warning) for warning in self.warnings],
            "damaged": [plain(damaged) for damaged in self.damaged],
            "is_model": self.is_model,
            "is_settled": self.is_settled,
        })  # fmt: skip

    @classmethod
    def of(cls, text: str) -> Found:
        """Return what a snapshot keeps as this text; its checksum says that it is ours."""
        if not text:
            return NOTHING
        data = json.loads(text)
        return cls(
            part_of(data["part"]),
            tuple(_warning(warning) for warning in data["warnings"]),
            tuple(Damaged(**damaged) for damaged in data["damaged"]),
            data["is_model"],
            data["is_settled"],
        )


NOTHING = Found(Part())


def _warning(data: dict[str, str]) -> Diagnostic:
    span = Span(**data["span"])  # type: ignore[arg-type] # plain JSON data of ours
    return replace(Diagnostic(**{**data, "span": span}), severity=Severity(data["severity"]))  # type: ignore[arg-type]
