"""Writes every `expected.txt` anew; run from the top of the checkout, then read the diff."""

from __future__ import annotations

from mlops_ci.manifest import load
from mlops_ci.views.diagnostics import render
from tests.manifest.trees_of_cases import case, cases, schemas

if __name__ == "__main__":
    for folder in cases("bad"):
        text = render(load(case(folder), schemas()).diagnostics)
        (folder / "expected.txt").write_text(text, "utf-8")
