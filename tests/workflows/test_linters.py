"""What linters of others say of the workflows: nothing, or the file says why."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

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


def examples() -> dict[str, str]:
    """Return the callers that the page shows, as they would be in a repository that has the called ones too."""
    page = (TOP / "docs/workflows.md").read_text()
    found = re.findall(r"<!-- workflow -->\n```yaml\n(name: (\S+)\n.*?)```", page, re.DOTALL)
    return {name: re.sub(r"OWNER/mlops-ci/(\S+)@COMMIT", r"./\1", text) for text, name in found}


def test_the_callers_that_the_page_shows_hand_over_what_is_asked_for_and_grant_what_jobs_need(tmp_path: Path) -> None:
    folder = tmp_path / ".github/workflows"
    folder.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    for path in map(Path, WORKFLOWS):
        (folder / path.name).write_text(path.read_text())
    shown = examples()
    assert {f"{name}.yml" for name in shown} == {Path(path).name for path in WORKFLOWS} - {"ci.yml"}
    for name, text in shown.items():
        (folder / f"call-{name}.yml").write_text(text)
        granted = yaml.safe_load(text)["permissions"]
        for job, asked in yaml.safe_load((folder / f"{name}.yml").read_text())["jobs"].items():
            for right, level in asked["permissions"].items():
                assert granted.get(right) in {level, "write"}, (name, job, right)
    code, said = lint("actionlint", *sorted(map(str, folder.glob("call-*.yml"))))
    assert code == 0, said
