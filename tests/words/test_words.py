"""Every problem that the product can tell has its words in a golden file, and its reason and fix in docs/checks.md.

After a wanted change of words, `python -m tests.words.rewrite_golden` writes the golden files anew: read the diff.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import mlops_ci
from mlops_ci.errors import ManifestError
from mlops_ci.views.diagnostics import render
from tests.manifest.trees_of_cases import GOLDEN
from tests.words.elsewhere import CASES
from tests.words.rewrite_golden import WORDS

PACKAGE = Path(mlops_ci.__file__).parent
CHECKS = (PACKAGE.parent / "docs/checks.md").read_text("utf-8")
EXPLAINED = re.findall(r"^\| `([a-z0-9-]+)`", CHECKS, re.MULTILINE)
TOO_LONG_TO_KEEP = {"more-problems"}
"""A hundred others stand before it: tests/manifest/test_bounds.py."""


@pytest.mark.parametrize("name", CASES)
def test_a_problem_is_told_in_exactly_these_words(tmp_path: Path, name: str) -> None:
    assert render(CASES[name](tmp_path)) == (WORDS / f"{name}.txt").read_text("utf-8")


@pytest.mark.parametrize("name", CASES)
def test_it_is_told_under_its_code_and_at_a_place(tmp_path: Path, name: str) -> None:
    found = CASES[name](tmp_path)
    assert {problem.code for problem in found} & {name, "ragged-row"}
    assert all(problem.span.path and problem.summary for problem in found)


def test_no_words_are_kept_of_a_case_that_is_gone() -> None:
    assert {path.stem for path in WORDS.iterdir()} == set(CASES)


def told_by(path: Path) -> Iterator[str]:
    """Yield every code that a module can tell: the first argument of what makes a diagnostic."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        if isinstance(node.func, ast.Attribute):
            whose, name = ast.unparse(node.func.value), node.func.attr
            is_one = name in {"problem", "_problem"} or (name == "add" and whose.endswith("problems"))
        else:
            is_one = getattr(node.func, "id", "") == "Diagnostic"
        first = node.args[0]
        if is_one and not (isinstance(first, ast.Constant) and first.value == ""):
            if isinstance(first, ast.Constant):
                yield str(first.value)
            else:
                assert path.name in {"document.py", "problems.py", "yaml_tree.py"}, f"{path}: a code that is no literal"


def emitted() -> set[str]:
    """Return every code of a diagnostic in the whole product; what runs inside jobs knows of none."""
    paths = (path for path in PACKAGE.rglob("*.py") if "runtime" not in path.relative_to(PACKAGE).parts)
    return {code for path in paths for code in told_by(path)}


def test_every_code_of_the_product_is_explained_and_nothing_else_is() -> None:
    assert emitted() | {*raised()} | {*literal_errors()} == set(EXPLAINED)


def test_every_code_of_the_product_has_its_words_in_a_golden_file() -> None:
    files = (*GOLDEN.rglob("expected.txt"), *WORDS.iterdir())
    words = "\n".join(file.read_text("utf-8") for file in files)
    shown = set(re.findall(r"^(?:error|warning)\[([a-z0-9-]+)\]", words, re.MULTILINE))
    assert emitted() - shown == TOO_LONG_TO_KEEP


def test_every_explanation_has_a_reason_and_a_fix() -> None:
    rows = [line for line in CHECKS.splitlines() if re.match(r"\| `[a-z0-9-]+`", line)]
    assert len(rows) == len(EXPLAINED)
    for row in rows:
        _, _, why, fix, _ = re.split(r"(?<!\\)\|", row)
        assert len(why.split()) > 2, row
        assert fix.strip(), row


def raised() -> Iterator[str]:
    """Yield the code of every class of errors, wherever it is; what holds diagnostics is told by theirs."""
    for path in PACKAGE.rglob("*.py"):
        for found in re.findall(r'^    code = "([a-z-]+)"$', path.read_text("utf-8"), re.MULTILINE):
            if found != ManifestError.code:
                yield found


def literal_errors() -> Iterator[str]:
    """Yield the codes that the command line writes itself."""
    for path in (PACKAGE / "cli").rglob("*.py"):
        yield from re.findall(r"(?:error|warning)\[([a-z-]+)\]", path.read_text("utf-8"))
