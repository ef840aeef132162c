"""What every key of a manifest's schema declares, by the field that it is read into."""

from __future__ import annotations

from mlops_ci.model import Effect
from mlops_ci.model.effects import effects_of
from tests.manifest.sections import SECTIONS, section


def declarations(kind: str) -> dict[str, frozenset[Effect] | None]:
    """Return the effects that every key of a schema declares by its field; None where its own keys do."""
    found: dict[str, frozenset[Effect] | None] = {}
    for of, at, owner, _ in SECTIONS:
        for key in section(kind, at)["properties"] if of == kind else ():
            if key != "format":
                is_group = key in {"processing", "post"}
                found[f"{at}.{key}" if at else key] = None if is_group else effects_of(owner, key)
    return found
