"""What `validate` found, told three ways."""

from __future__ import annotations

import json

from mlops_ci.diagnostics import Diagnostic, Span
from mlops_ci.views.validation import Validation, validation_json, validation_markdown, validation_text

GOOD = Validation((("churn", ("forest", "linear")),), (), is_valid=True)
BAD = Validation(
    (), (Diagnostic("unknown-key", Span("a|b.yaml", 3, 5, 8), "`x` is no | key", hint="`y`?"),), is_valid=False
)


def test_a_good_project_is_told_in_one_line() -> None:
    assert validation_text(GOOD) == "valid: 1 model, 2 candidates.\n"
    assert validation_markdown(GOOD) == "valid: 1 model, 2 candidates.\n"


def test_json_places_every_diagnostic() -> None:
    found = json.loads(validation_json(BAD))
    assert (found["format_version"], found["valid"]) == (1, False)
    assert [(d["code"], d["path"], d["line"], d["column"]) for d in found["diagnostics"]] == [
        ("unknown-key", "a|b.yaml", 3, 5)
    ]
    assert json.loads(validation_json(GOOD))["models"] == [{"model": "churn", "candidates": ["forest", "linear"]}]


def test_markdown_escapes_what_would_break_its_table() -> None:
    row = validation_markdown(BAD).splitlines()[2]
    assert row.replace("\\|", "").count("|") == 5
