"""A file is read in one sitting: none has more than three hundred lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

TOP = Path(__file__).parents[1]
LONGEST = 300


def written() -> Iterator[Path]:
    """Yield the code and the pages that people write; what is generated, a golden file or a template, is not."""
    for folder in ("mlops_ci", "tests", "bench", "docs"):
        for path in (TOP / folder).rglob("*"):
            if path.suffix in {".py", ".md", ".sh"} and "golden" not in path.parts:
                yield path


def test_no_file_has_more_lines_than_one_reads_in_one_sitting() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in written()}
    assert len(lengths) > 500
    assert {str(path.relative_to(TOP)): length for path, length in lengths.items() if length > LONGEST} == {}
