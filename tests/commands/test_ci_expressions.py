"""Inputs of a reusable workflow are written out: facts as values, the rest as variables with a default."""

from __future__ import annotations

import pytest
import yaml

from mlops_ci.commands.ci_expressions import Asked, Fact, Input, Setting, written_out

INPUTS: dict[str, Input] = {
    "branch": Fact("main"), "odd": Fact("it's: #1"), "runner": Setting("runner", "string", "ubuntu-latest"),
    "aws-role": Setting("aws-role", "string", ""), "single": Setting("single", "boolean", "false"),
    "clean": Setting("clean", "boolean", "true"), "minutes": Setting("minutes", "number", "30"),
    "model": Asked("model"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), [
    ("ref: ${{ inputs.branch }}", "ref: main"),
    ("ref: ${{ inputs.odd }} # kept", 'ref: "it\'s: #1" # kept'),
    ('a: {ref: "${{ inputs.odd }}"}', "a: {ref: \"it's: #1\"}"),
    ("name: to ${{ inputs.odd }}", "name: \"to ${{ 'it''s: #1' }}\""),
    ("runs-on: ${{ inputs.runner }}", "runs-on: ${{ vars.MLOPS_CI_RUNNER || 'ubuntu-latest' }}"),
    ("runs-on: ${{ fromJSON(inputs.runner) }}", "runs-on: ${{ fromJSON(vars.MLOPS_CI_RUNNER || 'ubuntu-latest') }}"),
    ("role: ${{inputs.aws-role}}", "role: ${{ vars.MLOPS_CI_AWS_ROLE }}"),
    ("if: ${{ !inputs.single }}", "if: ${{ !(vars.MLOPS_CI_SINGLE == 'true') }}"),
    ("if: inputs.clean && !cancelled()", "if: ${{ (vars.MLOPS_CI_CLEAN != 'false') && !cancelled() }}"),
    ("timeout-minutes: ${{ inputs.minutes }}", "timeout-minutes: ${{ fromJSON(vars.MLOPS_CI_MINUTES || '30') }}"),
    ("model: ${{ inputs.model }}", "model: ${{ inputs.model }}"),
    ("if: ${{ 'inputs.branch' != github.event.inputs.branch }}",) * 2,
    ("run: echo inputs.branch",) * 2,
    ("run: |\n  one\n  two ${{ inputs.runner }}\nname: a",
     "run: |\n  one\n  two ${{ (vars.MLOPS_CI_RUNNER || 'ubuntu-latest') }}\nname: a"),
])  # fmt: skip
def test_an_input_is_written_out(before: str, after: str) -> None:
    assert written_out(f"# inputs.branch\n{before}\n", INPUTS) == f"# inputs.branch\n{after}\n"
    yaml.safe_load(after)


def test_an_input_that_nobody_described_is_an_error() -> None:
    with pytest.raises(KeyError):
        written_out("a: ${{ inputs.stranger }}\n", INPUTS)


@pytest.mark.parametrize(
    "value", ["a'b", 'a"b', "a`b`", "$(b)", "a\\b", "- b", "a: b", "a #b", "*b", "{b}", "true", "1"]
)
def test_whatever_a_fact_holds_is_read_back_as_it_was(value: str) -> None:
    inputs: dict[str, Input] = {"branch": Fact(value)}
    for template in ("a: ${{ inputs.branch }}\n", 'a: "${{ inputs.branch }}"\n', "a: '${{ inputs.branch }}'\n"):
        assert yaml.safe_load(written_out(template, inputs)) == {"a": value}
    literal = value.replace("'", "''")
    assert yaml.safe_load(written_out("a: x ${{ inputs.branch }}\n", inputs)) == {"a": f"x ${{{{ '{literal}' }}}}"}
