"""What linters of others say of the workflows: nothing, or the file says why."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
WORKFLOWS = sorted(map(str, (TOP / ".github/workflows").glob("*.yml")))
ACTION = str(TOP / ".github/actions/setup/action.yml")
SCHEMA = ("check-jsonschema", "--builtin-schema")

BROKEN = """\
on: pull_request
permissions: write-all
jobs:
  a:
    runs-on: ubuntu-latest
    step: []
    steps:
      - uses: actions/checkout@v4
      - run: echo ${{ github.event.pull_request.title }} ${{ needs.nothing.outputs.x }}
"""


def lint(command: str, *arguments: str) -> tuple[int, str]:
    """Return the exit code and the words of a linter of this environment."""
    program = Path(sys.executable).parent / command
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False, cwd=TOP)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(("command", "arguments"), [
    ("actionlint", WORKFLOWS),
    ("zizmor", ["--offline", "--quiet", str(TOP / ".github")]),
    (SCHEMA[0], [SCHEMA[1], "vendor.github-workflows", *WORKFLOWS]),
    (SCHEMA[0], [SCHEMA[1], "vendor.github-actions", ACTION]),
], ids=["actionlint", "zizmor", "workflows", "actions"])  # fmt: skip
def test_a_linter_finds_nothing_in_the_workflows(command: str, arguments: list[str]) -> None:
    code, said = lint(command, *arguments)
    assert code == 0, said


@pytest.mark.parametrize(("command", "arguments", "told"), [
    ("actionlint", [], 'unexpected key "step"'),
    ("zizmor", ["--offline", "--quiet"], "template-injection"),
    (SCHEMA[0], [SCHEMA[1], "vendor.github-workflows"], "Additional properties are not allowed"),
], ids=["actionlint", "zizmor", "workflows"])  # fmt: skip
def test_a_linter_finds_what_is_wrong_with_a_broken_workflow(
    tmp_path: Path, command: str, arguments: list[str], told: str
) -> None:
    place = tmp_path / ".github/workflows/broken.yml"
    place.parent.mkdir(parents=True)
    place.write_text(BROKEN)
    code, said = lint(command, *arguments, str(place))
    assert code != 0
    assert told in said


def test_a_finding_that_is_let_be_has_its_reason_beside_it() -> None:
    for path in (*WORKFLOWS, ACTION):
        for reason in re.findall(r"zizmor: ignore\[[\w,-]+\](.*)", Path(path).read_text()):
            assert len(reason.split()) > 3, path
