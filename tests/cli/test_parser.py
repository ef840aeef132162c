"""The grammar of the command line."""

from __future__ import annotations

import pytest

from mlops_ci.cli.parser import parse
from mlops_ci.resources import folder

VERBS = {
    "init": [], "doctor": [], "validate": [], "plan": [], "train": [], "evaluate": [], "leaderboard": [],
    "promote": [], "deploy": ["staging"], "test": ["staging"], "gate": ["production"], "approve": ["production"],
    "rollback": ["production"], "release": ["production"], "run": [], "status": [], "history": [], "show": ["churn"],
    "logs": ["churn"], "pull": ["churn@v3"], "destroy": ["staging"], "store": ["check"],
    "testing": ["aws", "start"], "ci": ["batch"],
}  # fmt: skip


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_there_and_takes_the_shared_options_before_and_after_it(verb: str) -> None:
    found = parse(["-C", "there", "-j", "3", verb, *VERBS[verb], "-k", "-v", "--no-color"])
    assert (found.verb, found.folder, found.jobs, found.keep_going, found.verbose) == (verb, "there", 3, True, True)
    assert not found.quiet
    assert found.format == "text"


@pytest.mark.parametrize("verb", ["validate", "plan", "leaderboard", "status", "history", "doctor"])
def test_reading_verbs_have_json_and_markdown(verb: str) -> None:
    assert parse([verb, "--json"]).format == "json"
    assert parse([verb, "--md"]).format == "md"


@pytest.mark.parametrize("action", [["check"], ["merge", "there"], ["gc"]])
def test_actions_of_the_store_take_the_shared_options_and_have_json_and_markdown(action: list[str]) -> None:
    found = parse(["-C", "there", "store", *action, "--json", "-q", "--pull-request", "7"])
    assert (found.verb, found.action, found.folder, found.format) == ("store", action[0], "there", "json")
    assert (found.quiet, found.pull_request) == (True, "7")
    assert parse(["store", *action, "--md"]).format == "md"


def test_models_are_names_or_globs_behind_the_environment() -> None:
    found = parse(["deploy", "staging", "churn", "a*"])
    assert (found.environment, found.models) == ("staging", ["churn", "a*"])
    assert parse(["run"]).models == []


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["pln"], "pln"),
        (["plan", "--jsn"], "--jsn"),
        (["plan", "--js"], "--js"),
        (["deploy"], "ENV"),
        (["store"], "ACTION"),
        (["store", "chek"], "did you mean `check`?"),
        (["store", "gc", "--keep", "0"], "from 1, got `0`"),
        (["store", "merge"], "SRC"),
        (["store", "check", "--jsn"], "--jsn"),
        (["-j", "0", "run"], "from 1, got `0`"),
        (["-j", "many", "run"], "got `many`"),
        (["run", "--json"], "--json"),
    ],
)
def test_a_wrong_command_line_is_64_with_a_hint(
    arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    assert ended.value.code == 64
    said = capsys.readouterr().err
    assert said.startswith("error[usage]: ")
    assert word in said
    assert "`mlops-ci" in said or "\nhint: mlops-ci" in said


def test_no_verb_is_64_and_help_is_0(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, code in (([], 64), (["--help"], 0), (["plan", "--help"], 0), (["--version"], 0)):
        with pytest.raises(SystemExit) as ended:
            parse(arguments)
        assert (ended.value.code or 0) == code
    assert "exit codes: 0 done" in capsys.readouterr().out


def test_the_help_of_init_lists_the_examples_that_ship(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["init", "--help"])
    told = capsys.readouterr().out.partition("examples:\n")[2].splitlines()
    shipped = sorted(place.parent.name for place in folder("pipelines").glob("*/model.yaml"))
    assert [line.split()[0] for line in told] == shipped
    assert all(line.endswith("?") and len(line) < 80 for line in told)
    assert "churn" in shipped
