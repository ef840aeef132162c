"""Outputs and the summary of a step of GitHub Actions."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from mlops_ci.cli.actions import SUMMARY_LIMIT, write_outputs, write_summary
from mlops_ci.cli.unheard import unheard, unheard_json


def test_outputs_are_lines_after_what_is_there(tmp_path: Path) -> None:
    file = tmp_path / "outputs"
    file.write_text("before=1\n")
    write_outputs({"GITHUB_OUTPUT": str(file)}, {"changes": "true", "matrix": '{"include": [{"name": "a<<b"}]}'})
    assert file.read_text() == 'before=1\nchanges=true\nmatrix={"include": [{"name": "a<<b"}]}\n'


@pytest.mark.parametrize(
    ("key", "value"),
    [("two\nlines", "x"), ("a", "x\nPATH=/evil"), ("a", "x\r"), ("", "x"), ("a=b", "x"), ("a<<EOF", "x"), ("é", "x")],
)
def test_an_output_that_would_speak_for_another_is_refused_and_nothing_is_written(
    tmp_path: Path, key: str, value: str
) -> None:
    file = tmp_path / "outputs"
    with pytest.raises(ValueError, match="output"):
        write_outputs({"GITHUB_OUTPUT": str(file)}, {"fine": "1", key: value})
    assert not file.exists()


def test_outside_of_actions_nothing_is_written_and_bad_outputs_are_refused_all_the_same() -> None:
    write_outputs({}, {"changes": "true"})
    write_summary({}, "text")
    with pytest.raises(ValueError, match="output"):
        write_outputs({}, {"changes": "a\nb"})


def test_summaries_of_one_step_follow_each_other_on_lines_of_their_own(tmp_path: Path) -> None:
    file = tmp_path / "summary"
    for text in ("first", "second\n", "lone \udc80 surrogate"):
        write_summary({"GITHUB_STEP_SUMMARY": str(file)}, text)
    assert file.read_text() == "first\nsecond\nlone \\udc80 surrogate\n"


def test_a_summary_stays_below_its_limit_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "summary"
    for _ in range(3):
        write_summary({"GITHUB_STEP_SUMMARY": str(file)}, "ä line\n" * (SUMMARY_LIMIT // 16))
    told = file.read_bytes().decode()
    assert SUMMARY_LIMIT - 100 < len(told.encode()) < SUMMARY_LIMIT
    assert told.count("The rest does not fit into a summary.") == 1
    assert told.endswith("ä line\n\n\nThe rest does not fit into a summary.\n")


HEARD = ("::error::x", "a\n  ::set-output name=x::y", "\t::stop-commands::t", "a ##[add-mask]b")


@pytest.mark.parametrize("text", HEARD)
def test_a_runner_finds_no_command_in_what_a_manifest_says(text: str) -> None:
    """As `ActionCommand.cs` looks for them: at the start of a line but for blanks, or anywhere by `##[`."""
    shown = unheard(text)
    assert not any(line.lstrip().startswith("::") or "##[" in line for line in shown.splitlines())
    assert shown.replace("\\", "") == text


def test_json_without_commands_is_the_same_data() -> None:
    text = json.dumps({"a": "x ##[add-mask]y", "::b": "::c"}, indent=1)
    shown = unheard_json(text)
    assert "##[" not in shown
    assert json.loads(shown) == json.loads(text)


def test_what_is_no_command_stays_as_it_is() -> None:
    text = "std::vector at 12:30\n# a [b]\n  : x"
    assert unheard(text) == text


def test_for_a_shell_outputs_are_variables_that_are_quoted(tmp_path: Path) -> None:
    place = tmp_path / "exports"
    write_outputs({"MLOPS_CI_EXPORTS": str(place)}, {"waiting": "a@v1,b@v2", "what-not": "it's $(touch hurt) `x`"})
    done = subprocess.run(
        ["sh", "-c", f'. {place}; printf "%s|%s" "$MLOPS_CI_WAITING" "$MLOPS_CI_WHAT_NOT"'],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "a@v1,b@v2|it's $(touch hurt) `x`"
    assert not (tmp_path / "hurt").exists()
