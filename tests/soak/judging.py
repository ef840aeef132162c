"""What must hold of every wrong project, however it came to be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mlops_ci.diagnostics import Diagnostic, has_errors
from mlops_ci.manifest.document import lines
from mlops_ci.views.diagnostics import render

LONGEST = 200_000
"""How many characters are told at most: 101 problems a gate, each a few lines."""


def check_told(files: Mapping[str, bytes], found: tuple[Diagnostic, ...]) -> None:
    """Check that something is wrong, each problem at a place that is there, in words that harm no terminal."""
    assert has_errors(found)
    texts = {
        path: lines(files[path].decode("utf-8", "replace"))
        for path in {problem.span.path for problem in found} & files.keys()
    }
    for problem in found:
        assert problem.summary
        place = problem.span
        assert place.path in files or any(path.startswith(f"{place.path}/") for path in files), place
        if place.line:
            shown = texts[place.path]
            assert 1 <= place.line <= len(shown), place
            assert 1 <= place.column < place.end, place
            assert place.column <= len(shown[place.line - 1]) + 1, place
    told = render(found)
    assert len(told) < LONGEST
    assert all(character.isprintable() or character == "\n" for character in told)


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a project's files below a folder."""
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
