"""Writes what is told of every case anew; run from the top of the checkout, then read the diff."""

from __future__ import annotations

import tempfile
from pathlib import Path

from mlops_ci.views.diagnostics import render
from tests.words.elsewhere import CASES

WORDS = Path(__file__).parent / "golden"

if __name__ == "__main__":
    WORDS.mkdir(exist_ok=True)
    for name, tell in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            (WORDS / f"{name}.txt").write_text(render(tell(Path(folder))), "utf-8")
