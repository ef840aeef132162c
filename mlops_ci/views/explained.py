"""Why a check is made and what to do about it, read from the page that explains every one (`docs/checks.md`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_ROW = re.compile(r"^\| `([a-z0-9-]+)`[^|]*\| (.+?) \| (.+?) \|$", re.MULTILINE)
_ESCAPED_BAR = re.compile(r"\\\|")


@dataclass(frozen=True, slots=True)
class Explained:
    """A check's reason and its fix, in Markdown, each a sentence or a few."""

    why: str
    fix: str


def explained(page: str) -> Mapping[str, Explained]:
    """Return what the page's tables say of every code; of one that stands in two tables, both."""
    found: dict[str, Explained] = {}
    for code, why, fix in _ROW.findall(page):
        there, here = found.get(code), Explained(_ESCAPED_BAR.sub("|", why), _ESCAPED_BAR.sub("|", fix))
        found[code] = here if there is None else Explained(f"{there.why} {here.why}", f"{there.fix} {here.fix}")
    return found
