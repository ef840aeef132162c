"""What a gate says, and drift, as the summary and the outputs of a job."""

from __future__ import annotations

from dataclasses import replace

from mlops_ci.plan.gate import Evidence, Found
from mlops_ci.plan.gates import Gates, ModelGate, Says
from mlops_ci.plan.status import status
from mlops_ci.views.drift import drift_markdown, drift_outputs
from mlops_ci.views.gates import SHOWN, gates_markdown, gates_outputs
from tests.worlds import done_world

HOSTILE = Evidence("pytest", Found.FAILED, "`pytest` failed on `staging`: <img src=x> | @octo #1 ```")


def test_outputs_are_plain_words_of_one_line() -> None:
    found = Gates(
        "production", (ModelGate("a", 2, Says.WAITS), ModelGate("b", 1, Says.CLOSED), ModelGate("c", 3, Says.OPEN))
    )
    assert gates_outputs(found) == {"open": "false", "waiting": "a@v2,c@v3", "waits": "true"}
    assert gates_outputs(Gates("production", ())) == {"open": "true", "waiting": "", "waits": "false"}


def test_evidence_reads_as_it_is_and_becomes_no_markup() -> None:
    text = gates_markdown(Gates("production", (ModelGate("a", 2, Says.CLOSED, (HOSTILE,)),)))
    assert "| `a` | v2 | closed |" in text
    assert "<img" not in text
    assert "@octo" not in text
    assert "- failed: `pytest` failed on `staging`: &#60;img" in text


def test_of_many_models_all_are_in_the_table_and_some_are_told_in_full() -> None:
    models = tuple(ModelGate(f"m{n}", 1, Says.CLOSED, (HOSTILE,)) for n in range(SHOWN + 20))
    text = gates_markdown(Gates("production", models))
    assert text.count("<details>") == SHOWN
    assert text.count("| v1 | closed |") == SHOWN + 20
    assert text.endswith("The evidence of 20 more is not told here.\n")


def test_an_environment_that_no_model_has_is_told() -> None:
    assert gates_markdown(Gates("production", ())) == "No model has an environment `production`.\n"


def test_without_drift_one_sentence_says_how_much_was_looked_at() -> None:
    world = done_world()
    found = status((world.desired,), world.ledger, world.deployed)
    assert drift_outputs(found) == {"drift": "false"}
    assert drift_markdown(found) == "### No drift\n\n2 environments as git says.\n"


def test_drift_is_told_with_what_git_says_and_what_serves() -> None:
    world = done_world()
    other = replace(world.deployed[0], version=7, package="f" * 64, detail="<b>")
    found = status((world.desired,), world.ledger, (other,))
    assert drift_outputs(found) == {"drift": "true"}
    text = drift_markdown(found)
    assert text.startswith("### Drift in 2 of 2 environments\n")
    assert "| `churn` | `staging` | v1 | v7 | InService | it answers with v7 (ffffffffffff), and v1 (" in text
    assert "&#60;b>" in text
    assert "| `churn` | `production` | v1 | nothing | NotDeployed | v1 is released, and nothing answers |" in text
